/** Everything of a pack that can be believed, for those who compute it again. It reports no fault: that is what `verifyPack` is for. Pure. */
import { parseConfig } from '../config/parse.ts'
import { sha256 } from '../core/digest.ts'
import type { LedgerEntry } from '../ledger/chain.ts'
import { LedgerError } from '../ledger/error.ts'
import { readLedger } from '../ledger/lines.ts'
import type { Config } from '../model/config.ts'
import { Manifest } from '../model/manifest.ts'
import { EvidenceError } from '../verify/error.ts'
import { isBundlePath, JOB_KINDS } from '../verify/signed-pack.ts'
import type { Trust, Verified } from '../verify/verifier.ts'
import { verifyBundle } from '../verify/verify.ts'
import { readDocument, readDocuments } from './contents.ts'
import type { Contents } from './contract.ts'
import { PackError } from './error.ts'
import { CONFIG, LEDGER, MANIFEST } from './layout.ts'

export interface OpenPack extends Contents {
  /** Digest of the bytes of `config.yml`, and what it says; null when it cannot be read. */
  readonly config: { readonly digest: string; readonly value: Config | null }
  /** Empty when it cannot be read. */
  readonly ledger: readonly LedgerEntry[]
}

/** @param of.packTrust who may sign what only the App states; default: any of `trust` @returns null when there is no manifest to go by */
export function openPack(of: {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly trust: Trust
  readonly packTrust?: Trust
}): OpenPack | null {
  const { files } = of
  const bytes = files.get(MANIFEST)
  const manifest = bytes === undefined ? null : readDocument(MANIFEST, bytes, Manifest)
  if (manifest === null || manifest instanceof PackError) return null
  const hashes = new Map([...files].map(([path, content]) => [path, sha256(content)]))
  return {
    manifest,
    files,
    hashes,
    statements: believed(of, manifest),
    ...readDocuments(files, []),
    config: configOf(files),
    ledger: ledgerOf(files),
  }
}

function believed({ files, trust, packTrust = trust }: Parameters<typeof openPack>[0], { commits, repository }: Manifest): readonly Verified[] {
  const found = new Map<string, Verified>()
  for (const [path, bundle] of files) {
    if (!isBundlePath(path)) continue
    const ofJob = verifyBundle({ bundle, trust, expect: { repository, sha: commits.head, kinds: JOB_KINDS } })
    const one = ofJob instanceof EvidenceError ? verifyBundle({ bundle, trust: packTrust, expect: { repository, sha: commits.head } }) : ofJob
    const isOwn = !(one instanceof EvidenceError) && (one === ofJob || !JOB_KINDS.some((kind) => kind === one.kind))
    if (isOwn) found.set(one.digest, one)
  }
  return [...found.values()]
}

function configOf(files: ReadonlyMap<string, Uint8Array>): OpenPack['config'] {
  const bytes = files.get(CONFIG) ?? new Uint8Array()
  const parsed = parseConfig(Buffer.from(bytes).toString())
  return { digest: sha256(bytes), value: parsed.ok ? parsed.config : null }
}

function ledgerOf(files: ReadonlyMap<string, Uint8Array>): readonly LedgerEntry[] {
  try {
    return readLedger(files.get(LEDGER) ?? new Uint8Array()).entries
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return []
  }
}
