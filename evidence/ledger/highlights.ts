/**
 * The entries of a ledger that a person reads: what was decided, approved, rejected, rolled out, held and taken back. Each is the whole entry, as the
 * ledger has it, with the proof that it is the one at its index, so a single line can be shown to somebody who has only the checkpoint.
 */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import type { MerkleTree } from '../core/merkle.ts'
import { holdsInclusion } from '../core/merkle-proof.ts'
import { Sha256 } from '../model/primitives.ts'
import { LedgerEntry } from './chain.ts'
import { leafOf, type Checkpoint } from './checkpoint.ts'
import { LedgerError } from './error.ts'

export const Highlight = z.strictObject({ entry: LedgerEntry, proof: z.array(Sha256).max(64) })
export type Highlight = z.infer<typeof Highlight>

/** Types of entries. Effects are the machine's, and `ledger.jsonl` has them. */
const TYPES: ReadonlySet<string> = new Set([
  'opened',
  'head',
  'policy',
  'state',
  'decision',
  'waiver',
  'hotfix',
  'hotfix.settled',
  'glass.settled',
  'evidence.rejected',
  'deployed',
  'forecast',
  'shifted',
  'advance',
  'rollback',
  'rollback.entered',
  'withdrawn',
  'incident',
])

const LINE_END = 0x0a
const MAX_LINE = 4 * 1024 * 1024 + 8 * 1024

/** JSON lines, oldest entry first. */
export function writeHighlights(entries: readonly LedgerEntry[], tree: MerkleTree): Uint8Array {
  const lines = entries
    .filter((entry) => TYPES.has(entry.type))
    .map((entry) => `${canonicalize({ entry, proof: tree.inclusion(entry.index).map((hash) => Buffer.from(hash).toString('hex')) })}\n`)
  return Buffer.from(lines.join(''))
}

/** JSON lines -> entries, when each is the entry of the checkpoint's tree that it says it is. @throws LedgerError `proof`, with the index of the entry */
export function checkHighlights(bytes: Uint8Array, { size, root }: Checkpoint): readonly LedgerEntry[] {
  const found: LedgerEntry[] = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_END, start)
    if (end === -1) throw new LedgerError('proof', found.length, 'the last highlight has no line end: the file was cut')
    const { entry, proof } = read(bytes.subarray(start, end), found.length)
    if (entry.index <= (found.at(-1)?.index ?? -1))
      throw new LedgerError('proof', entry.index, 'the highlights are out of order, or one stands twice')
    const hashes = proof.map((hash) => Buffer.from(hash, 'hex'))
    if (!holdsInclusion({ index: entry.index, size, leaf: leafOf(entry), root: Buffer.from(root, 'hex'), proof: hashes }))
      throw new LedgerError('proof', entry.index, `a highlight is not the entry ${entry.index} of the ledger`)
    found.push(entry)
    start = end + 1
  }
  return found
}

function read(line: Uint8Array, position: number): Highlight {
  try {
    const highlight = Highlight.parse(parseJson(line, { maxBytes: MAX_LINE }))
    if (Buffer.from(canonicalize(highlight)).equals(line)) return highlight
  } catch (cause) {
    if (!(cause instanceof CoreError || cause instanceof z.ZodError)) throw cause
    throw new LedgerError('proof', position, `line ${position + 1} of the highlights is none`, { cause })
  }
  throw new LedgerError('proof', position, `line ${position + 1} of the highlights is not canonical JSON`)
}
