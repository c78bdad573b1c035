/**
 * A release's hash chain: every event, decision and side effect, append-only (SPEC part 7, Ledger). Each entry's hash covers its index, its
 * predecessor's hash and its content in RFC 8785 form, under a domain tag, so an edited, dropped, swapped or repeated entry breaks the chain.
 * A cut tail is found against an anchored root; Merkle checkpoints build on these entries.
 */
import { z } from 'zod'
import { digestOf } from '../core/digest.ts'
import { Sha256, Timestamp } from '../model/primitives.ts'

export const LedgerEntry = z.strictObject({
  index: z.number().int().nonnegative(),
  release: z.string().min(1).max(200),
  at: Timestamp,
  type: z.string().min(1).max(100),
  data: z.record(z.string(), z.unknown()),
  /** Hash of the entry before; null for the first. */
  previous: Sha256.nullable(),
  hash: Sha256,
})
export type LedgerEntry = z.infer<typeof LedgerEntry>

const DOMAIN = 'release-conductor/ledger/v1'

function hashOf(entry: Omit<LedgerEntry, 'hash'>): string {
  return digestOf([DOMAIN, entry.index, entry.release, entry.at, entry.type, entry.data, entry.previous])
}

/** The entry that follows `previous`. */
export function link(previous: Pick<LedgerEntry, 'index' | 'hash'> | null, of: Pick<LedgerEntry, 'release' | 'at' | 'type' | 'data'>): LedgerEntry {
  const entry = { ...of, index: previous === null ? 0 : previous.index + 1, previous: previous?.hash ?? null }
  return { ...entry, hash: hashOf(entry) }
}

/** The chain's root (the last hash) when every link holds, else where it breaks. An empty chain has no root. */
export function checkChain(entries: readonly LedgerEntry[]): { readonly root: string } | { readonly brokenAt: number; readonly why: string } {
  let previous: LedgerEntry | null = null
  for (const [position, entry] of entries.entries()) {
    if (entry.index !== position) return { brokenAt: position, why: `entry ${position} says it is entry ${entry.index}` }
    if (entry.previous !== (previous?.hash ?? null)) return { brokenAt: position, why: 'it does not follow the entry before it' }
    if (previous !== null && entry.release !== previous.release) return { brokenAt: position, why: 'it belongs to another release' }
    if (entry.hash !== hashOf(entry)) return { brokenAt: position, why: 'its content does not have its hash' }
    previous = entry
  }
  return previous === null ? { brokenAt: 0, why: 'the ledger is empty' } : { root: previous.hash }
}
