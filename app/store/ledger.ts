/** Appends to a release's hash chain inside a transaction. The chain's row is locked last of all rows, so writers queue and never deadlock. */
import { link, type LedgerEntry } from '../../evidence/ledger/chain.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Clock, LedgerEvent } from '../release/ports.ts'
import { integer, type Query } from './sql.ts'

interface EntryRow {
  readonly index: unknown
  readonly release_key: string
  readonly at: string
  readonly type: string
  readonly data: string
  readonly previous: string | null
  readonly hash: string
}

export async function appendEntries(query: Query, clock: Clock, release: string, events: readonly LedgerEvent[]): Promise<void> {
  if (events.length === 0) return
  await query.rows('insert into conductor.chains (release_key, length, root) values ($1, 0, null) on conflict do nothing', [release])
  const [head] = await query.rows<{ length: unknown; root: string | null }>(
    'select length, root from conductor.chains where release_key = $1 for update',
    [release],
  )
  let previous = head === undefined || head.root === null ? null : { index: integer(head.length) - 1, hash: head.root }
  for (const event of events) {
    const entry: LedgerEntry = link(previous, { release, at: timestamp(clock.now()), type: event.type, data: event.data })
    await query.rows('insert into conductor.ledger (release_key, index, at, type, data, previous, hash) values ($1, $2, $3, $4, $5, $6, $7)', [
      release,
      entry.index,
      entry.at,
      entry.type,
      JSON.stringify(entry.data),
      entry.previous,
      entry.hash,
    ])
    previous = entry
  }
  await query.rows('update conductor.chains set length = $2, root = $3 where release_key = $1', [
    release,
    previous === null ? 0 : previous.index + 1,
    previous?.hash ?? null,
  ])
}

export async function readLedger(query: Query, release: string): Promise<readonly LedgerEntry[]> {
  const rows = await query.rows<EntryRow>(
    'select index, release_key, at, type, data, previous, hash from conductor.ledger where release_key = $1 order by index',
    [release],
  )
  return rows.map((row) => ({
    index: integer(row.index),
    release: row.release_key,
    at: row.at,
    type: row.type,
    data: JSON.parse(row.data) as Record<string, unknown>,
    previous: row.previous,
    hash: row.hash,
  }))
}
