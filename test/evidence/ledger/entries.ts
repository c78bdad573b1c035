/** A chain of some length for tests. */
import { link, type LedgerEntry } from '../../../evidence/ledger/chain.ts'

export function chainOf(length: number, release = '1#1'): LedgerEntry[] {
  const entries: LedgerEntry[] = []
  for (let index = 0; index < length; index += 1) {
    const content = {
      release,
      at: `2026-11-22T18:30:0${index % 10}.000Z`,
      type: 'effect.done',
      data: { index, note: `é ${index}`, nested: { a: [1, null, true] } },
    }
    entries.push(link(entries.at(-1) ?? null, content))
  }
  return entries
}

/** Another history that begins alike: from one entry on its content is another, and every link holds. */
export function rewritten(entries: readonly LedgerEntry[], from: number): LedgerEntry[] {
  const other = entries.slice(0, from)
  for (const { release, at, type, data } of entries.slice(from))
    other.push(link(other.at(-1) ?? null, { release, at, type, data: { ...data, forged: true } }))
  return other
}
