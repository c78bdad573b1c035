/**
 * The proof file of a pack: that the ledger it holds grew, by appending alone, from every position of it that was kept elsewhere before. Whoever kept
 * one of those checkpoints needs only this file and the pack's checkpoint, not the entries.
 */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import type { MerkleTree } from '../core/merkle.ts'
import { holdsConsistency } from '../core/merkle-proof.ts'
import { Sha256 } from '../model/primitives.ts'
import { checkCheckpoint, type Checkpoint } from './checkpoint.ts'
import { LedgerError } from './error.ts'

const Position = { size: z.number().int().positive(), root: Sha256 }

/** An earlier position, and where somebody else can find it. */
export const Anchor = z.strictObject({
  ...Position,
  /** A pack, by the SHA-256 of its bytes, or a check run, by its number. */
  kept_in: z.enum(['pack', 'check-run']),
  id: z.string().regex(/^(?:[0-9a-f]{64}|[1-9]\d{0,19})$/),
})
export type Anchor = z.infer<typeof Anchor>

export const ConsistencyFile = z.strictObject({
  schema_version: z.literal(1),
  origin: z.string().min(1).max(300),
  to: z.strictObject(Position),
  /** Oldest first; none of them twice. */
  from: z.array(z.strictObject({ ...Anchor.shape, proof: z.array(Sha256).max(64) })).max(200),
})
export type ConsistencyFile = z.infer<typeof ConsistencyFile>

const MAX_BYTES = 1024 * 1024

/**
 * The file for a tree as it stands. What was kept first proves least, so of too many anchors the newest stay.
 * @throws LedgerError `cut`, `fork` when the tree did not grow from one of the anchors: its owner must find out why before signing anything
 */
export function proveGrowth(origin: string, tree: MerkleTree, anchors: readonly Anchor[]): Uint8Array {
  for (const anchor of anchors) checkCheckpoint({ origin, tree }, { origin, ...anchor })
  const kept = new Map(anchors.map((anchor) => [placeOf(anchor), anchor]))
  const sorted = [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, anchor]) => anchor)
  const file: ConsistencyFile = {
    schema_version: 1,
    origin,
    to: { size: tree.size, root: hex(tree.root()) },
    from: sorted.slice(-200).map((anchor) => ({ ...anchor, proof: tree.consistency(anchor.size).map(hex) })),
  }
  return Buffer.from(canonicalize(ConsistencyFile.parse(file)))
}

/** Bytes of a proof file -> what it proves, when every proof in it holds for the checkpoint. @throws LedgerError `proof`, `other-log` */
export function checkGrowth(bytes: Uint8Array, to: Checkpoint): ConsistencyFile {
  const file = read(bytes)
  if (file.origin !== to.origin) throw new LedgerError('other-log', 0, `the proofs are of ${file.origin}, the checkpoint of ${to.origin}`)
  if (file.to.size !== to.size || file.to.root !== to.root) throw new LedgerError('proof', file.to.size, 'the proofs lead to another checkpoint')
  let before = ''
  for (const { proof, ...anchor } of file.from) {
    const place = placeOf(anchor)
    if (place <= before) throw new LedgerError('proof', anchor.size, 'the proofs are out of order, or one stands twice')
    before = place
    if (!holdsConsistency({ from: position(anchor), to: position(to), proof: proof.map(unhex) }))
      throw new LedgerError(
        'proof',
        anchor.size,
        `nothing proves that the ledger grew from the ${anchor.size} entries kept in ${anchor.kept_in} ${anchor.id}`,
      )
  }
  return file
}

function read(bytes: Uint8Array): ConsistencyFile {
  try {
    const file = ConsistencyFile.parse(parseJson(bytes, { maxBytes: MAX_BYTES }))
    if (Buffer.from(canonicalize(file)).equals(bytes)) return file
  } catch (cause) {
    if (!(cause instanceof CoreError || cause instanceof z.ZodError)) throw cause
    throw new LedgerError('proof', 0, 'this is no file of consistency proofs', { cause })
  }
  throw new LedgerError('proof', 0, 'the file of consistency proofs is not canonical JSON')
}

/** Sorts by size; one place may have kept several sizes, one after the other. */
function placeOf({ size, kept_in, id }: Anchor): string {
  return `${String(size).padStart(16, '0')} ${kept_in} ${id}`
}

function position({ size, root }: { readonly size: number; readonly root: string }): { size: number; root: Uint8Array } {
  return { size, root: unhex(root) }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function unhex(text: string): Uint8Array {
  return Buffer.from(text, 'hex')
}
