/** The ledger as a file: one canonical JSON entry a line, each line ended, nothing else. */
import { canonicalize } from '../core/canonical.ts'
import { parseJson } from '../core/json.ts'
import { LedgerEntry, checkChain } from './chain.ts'
import { LedgerError } from './error.ts'

const NEWLINE = 0x0a
const MAX_LINE = 4 * 1024 * 1024

/** What somebody else keeps of a ledger: it finds a cut tail, which no chain can see by itself. */
export interface Anchor {
  readonly root: string
  readonly entries: number
}

/** Entries -> JSON lines. */
export function writeLedger(entries: readonly LedgerEntry[]): Uint8Array {
  return Buffer.from(entries.map((entry) => `${canonicalize(entry)}\n`).join(''))
}

/**
 * JSON lines -> entries and root, when every line is an entry in canonical form and every link holds.
 * @throws LedgerError `empty`, `malformed`, `broken`, each with the index of the entry
 */
export function readLedger(bytes: Uint8Array): { readonly entries: readonly LedgerEntry[]; readonly root: string } {
  if (bytes.length === 0) throw new LedgerError('empty', 0, 'the ledger has no entry')
  const entries: LedgerEntry[] = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start)
    if (end === -1) throw new LedgerError('malformed', entries.length, `entry ${entries.length} has no line end: the file was cut`)
    entries.push(entryOf(bytes.subarray(start, end), entries.length))
    start = end + 1
  }
  const chain = checkChain(entries)
  if ('brokenAt' in chain) throw new LedgerError('broken', chain.brokenAt, `the chain breaks at entry ${chain.brokenAt}: ${chain.why}`)
  return { entries, root: chain.root }
}

/**
 * Do these entries reach what was anchored? An anchor may be older than the ledger: then the entry it names must still be there.
 * @throws LedgerError `anchor` with the index where the histories part
 */
export function checkAnchor(entries: readonly LedgerEntry[], anchor: Anchor): void {
  if (entries.length < anchor.entries)
    throw new LedgerError('anchor', entries.length, `the ledger has ${entries.length} entries, ${anchor.entries} were anchored: its tail was cut`)
  if (anchor.entries < 1 || entries[anchor.entries - 1]?.hash !== anchor.root)
    throw new LedgerError(
      'anchor',
      Math.max(0, anchor.entries - 1),
      `entry ${anchor.entries - 1} does not have the anchored hash: the history was rewritten`,
    )
}

function entryOf(line: Uint8Array, index: number): LedgerEntry {
  let entry: LedgerEntry
  try {
    entry = LedgerEntry.parse(parseJson(line, { maxBytes: MAX_LINE }))
  } catch (cause) {
    throw new LedgerError('malformed', index, `entry ${index} is not a ledger entry`, { cause })
  }
  if (!Buffer.from(canonicalize(entry)).equals(line)) throw new LedgerError('malformed', index, `entry ${index} is not in canonical form`)
  return entry
}
