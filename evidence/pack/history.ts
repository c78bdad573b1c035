/**
 * The history a pack holds, and what binds it to what others have seen: the chain of its ledger, the Merkle tree over it, the checkpoint the App signed,
 * and proofs that it grew from every position that was kept elsewhere before. A pack alone cannot show that its signer never told another history: for
 * that somebody compares it with a checkpoint kept outside.
 */
import { readLedger, checkAnchor } from '../ledger/lines.ts'
import { checkCheckpoint, checkpointAt, checkpointText, openCheckpoint, originOf, treeOfLines, type Checkpoint } from '../ledger/checkpoint.ts'
import { checkGrowth } from '../ledger/consistency.ts'
import { LedgerError } from '../ledger/error.ts'
import { checkHighlights } from '../ledger/highlights.ts'
import { readNote } from '../ledger/note.ts'
import type { MerkleTree } from '../core/merkle.ts'
import type { Manifest } from '../model/manifest.ts'
import type { TrustedKey } from '../verify/verifier.ts'
import { PackError } from './error.ts'
import { CHECKPOINT, CONSISTENCY, HIGHLIGHTS, LEDGER, MANIFEST } from './layout.ts'

export interface HistoryQuestion {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly manifest: Manifest
  /** Who may sign the checkpoint. */
  readonly keys: readonly TrustedKey[]
}

interface Log {
  readonly origin: string
  readonly tree: MerkleTree
}

/** Every fault of the history. What is absent is the contract's to report. */
export function checkHistory({ files, manifest, keys }: HistoryQuestion): readonly PackError[] {
  const errors: PackError[] = []
  const check = (path: string, work: (bytes: Uint8Array) => void): void => {
    const bytes = files.get(path)
    if (bytes === undefined) return
    try {
      work(bytes)
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause
      errors.push(new PackError(cause.code === 'signature' ? 'signature' : 'ledger', path, cause.message, { cause }))
    }
  }
  let log: Log | undefined
  check(LEDGER, (bytes) => {
    log = readLog(bytes, manifest)
  })
  if (log === undefined) return errors
  const { origin, tree } = log
  const position = checkpointAt(origin, tree)
  check(MANIFEST, () => checkManifest(manifest, position))
  check(CHECKPOINT, (bytes) => {
    openCheckpoint(bytes, keys)
    if (readNote(bytes).text !== checkpointText(position)) throw new LedgerError('fork', 0, 'the checkpoint is not of this ledger')
  })
  check(CONSISTENCY, (bytes) => {
    const { from } = checkGrowth(bytes, position)
    for (const anchor of from) checkCheckpoint({ origin, tree }, { origin, ...anchor })
    const { previous } = manifest
    if (previous !== null && !from.some((anchor) => anchor.kept_in === 'pack' && anchor.id === previous))
      throw new LedgerError('proof', 0, `nothing proves that the ledger grew from that of the pack before, ${previous}`)
  })
  check(HIGHLIGHTS, (bytes) => void checkHighlights(bytes, position))
  return errors
}

/** @throws LedgerError */
function readLog(bytes: Uint8Array, { ledger }: Manifest): Log {
  const { entries } = readLedger(bytes)
  checkAnchor(entries, ledger)
  if (entries.length > ledger.entries)
    throw new LedgerError('anchor', ledger.entries, `the ledger has ${entries.length} entries, the manifest closes it at ${ledger.entries}`)
  return { origin: originOf(entries[0]?.release ?? ''), tree: treeOfLines(bytes) }
}

/** @throws LedgerError */
function checkManifest({ tree, repository_id: repository }: Manifest, position: Checkpoint): void {
  if (tree.origin !== position.origin || tree.size !== position.size || tree.root !== position.root)
    throw new LedgerError('fork', 0, `the manifest stands on the tree ${tree.root} of ${tree.size} entries, the ledger has ${position.root}`)
  if (!position.origin.startsWith(originOf(`${repository}#`)))
    throw new LedgerError('other-log', 0, `the ledger is ${position.origin}, the manifest is of repository ${repository}`)
}
