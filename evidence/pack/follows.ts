/**
 * Do packs of one release follow each other? Each pack was verified by itself before; this finds what no single pack can show: one that is missing in the
 * middle, one that was exchanged for another, and two histories. That packs are missing at either end, it cannot know. Pure.
 */
import { checkCheckpoint, originOf, treeOfLines } from '../ledger/checkpoint.ts'
import { LedgerError } from '../ledger/error.ts'
import { readLedger } from '../ledger/lines.ts'
import type { Manifest } from '../model/manifest.ts'

export interface ChainPack {
  /** As people call it: a file. */
  readonly name: string
  /** Of the zip. */
  readonly sha256: string
  readonly manifest: Manifest
  /** Bytes of `audit/ledger.jsonl`. */
  readonly ledger: Uint8Array
}

/**
 * - `other-release`: of another repository, version, commit or release pull request than the first.
 * - `number`: a number twice, or one is left out.
 * - `previous`: it names another pack than the one before, or none; or it is the first and names one.
 * - `history`: its ledger is not that of the one before with more entries.
 * - `time`: it was sealed before the one it follows.
 */
export type ChainCode = 'other-release' | 'number' | 'previous' | 'history' | 'time'

export interface ChainFault {
  readonly code: ChainCode
  /** The pack it is about, by name. */
  readonly name: string
  readonly message: string
}

export interface ChainLink extends Pick<Manifest, 'seal' | 'outcome' | 'previous' | 'sealed_at'> {
  readonly name: string
  readonly sha256: string
  /** Entries of its ledger. */
  readonly entries: number
}

export interface Chain {
  readonly ok: boolean
  /** By number. */
  readonly links: readonly ChainLink[]
  readonly errors: readonly ChainFault[]
}

/** @param packs in any order, each verified */
export function checkFollows(packs: readonly ChainPack[]): Chain {
  const sorted = packs.toSorted((a, b) => a.manifest.seal - b.manifest.seal)
  const errors = sorted.flatMap((pack, at) => {
    const before = sorted[at - 1]
    return before === undefined ? [...begins(pack)] : [...follows(before, pack)]
  })
  const links = sorted.map(({ name, sha256, manifest: { seal, outcome, previous, sealed_at, ledger } }) => {
    return { name, seal, outcome, sha256, previous, sealed_at, entries: ledger.entries }
  })
  return { ok: errors.length === 0, links, errors }
}

function* begins({ name, manifest: { seal, previous } }: ChainPack): Iterable<ChainFault> {
  if (seal === 1 && previous !== null) yield { code: 'previous', name, message: `it is number 1, and names a pack before it, ${previous}` }
  if (seal > 1 && previous === null) yield { code: 'previous', name, message: `it is number ${seal}, and names no pack before it` }
}

function* follows(before: ChainPack, pack: ChainPack): Iterable<ChainFault> {
  const { name, manifest } = pack
  const fault = (code: ChainCode, message: string): ChainFault => ({ code, name, message })
  const [one, other] = [releaseOf(before.manifest), releaseOf(manifest)]
  if (one !== other) {
    yield fault('other-release', `it is of ${other}, and ${before.name} of ${one}`)
    return
  }
  if (manifest.seal === before.manifest.seal) {
    const same =
      pack.sha256 === before.sha256 ? 'it is the same pack' : `it is another pack of number ${manifest.seal}: one of the two is not of this chain`
    yield fault('number', `${before.name} has its number: ${same}`)
    return
  }
  if (manifest.seal > before.manifest.seal + 1)
    yield fault(
      'number',
      `it is number ${manifest.seal}, the one before it here, ${before.name}, number ${before.manifest.seal}: one between them is missing`,
    )
  else if (manifest.previous !== before.sha256)
    yield fault('previous', `it follows the pack ${manifest.previous ?? 'none'}, and ${before.name} is ${before.sha256}`)
  const why = parted(before, pack)
  if (why !== null) yield fault('history', `its ledger does not go on from that of ${before.name}: ${why}`)
  if (manifest.sealed_at < before.manifest.sealed_at)
    yield fault('time', `it was sealed at ${manifest.sealed_at}, before ${before.name}, at ${before.manifest.sealed_at}`)
}

/** One version may have had several release pull requests: the ledger's origin tells them apart. */
function releaseOf({ repository_id, version, commits, tree }: Manifest): string {
  return `${version} of repository ${repository_id}, commit ${commits.head}, ledger ${tree.origin}`
}

function parted(before: ChainPack, { ledger }: ChainPack): string | null {
  try {
    const [first] = readLedger(ledger).entries
    checkCheckpoint({ origin: originOf(first?.release ?? ''), tree: treeOfLines(ledger) }, before.manifest.tree)
    return null
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return error.message
  }
}
