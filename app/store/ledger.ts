/** Appends to a release's hash chain, and to the Merkle tree over it, inside a transaction. The chain's row is locked last of all rows, so writers queue and never deadlock. */
import { link, type LedgerEntry } from '../../evidence/ledger/chain.ts'
import { Frontier } from '../../evidence/core/merkle.ts'
import { leafOf } from '../../evidence/ledger/checkpoint.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Clock, LedgerEvent, LedgerPart, Position } from '../release/ports.ts'
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

interface ChainRow {
  readonly length: unknown
  readonly root: string | null
  /** Null: the chain is older than the tree. */
  readonly frontier: string | null
}

export async function appendEntries(query: Query, clock: Clock, release: string, events: readonly LedgerEvent[]): Promise<void> {
  if (events.length === 0) return
  await query.rows('insert into conductor.chains (release_key, length, root) values ($1, 0, null) on conflict do nothing', [release])
  const [head] = await query.rows<ChainRow>('select length, root, frontier from conductor.chains where release_key = $1 for update', [release])
  let previous = head === undefined || head.root === null ? null : { index: integer(head.length) - 1, hash: head.root }
  const frontier = await frontierOf(query, release, head)
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
    frontier.append(leafOf(entry))
    previous = entry
  }
  await query.rows('update conductor.chains set length = $2, root = $3, frontier = $4 where release_key = $1', [
    release,
    previous === null ? 0 : previous.index + 1,
    previous?.hash ?? null,
    frontier.toText(),
  ])
}

/** Where the chain stands as a Merkle log; null when it has no entry. */
export async function readPosition(query: Query, release: string): Promise<Position | null> {
  const [head] = await query.rows<ChainRow>('select length, root, frontier from conductor.chains where release_key = $1', [release])
  if (head === undefined || head.root === null) return null
  const frontier = await frontierOf(query, release, head)
  return { size: frontier.size, root: Buffer.from(frontier.root()).toString('hex') }
}

async function frontierOf(query: Query, release: string, head: ChainRow | undefined): Promise<Frontier> {
  if (head === undefined || head.root === null) return new Frontier()
  if (head.frontier !== null) return new Frontier({ size: integer(head.length), text: head.frontier })
  const frontier = new Frontier()
  for (const entry of await readLedger(query, release)) frontier.append(leafOf(entry))
  return frontier
}

export async function readLedger(query: Query, release: string, part?: LedgerPart): Promise<readonly LedgerEntry[]> {
  const [from, to] = part === undefined ? [0, null] : [part.from, part.from + part.count]
  const rows = await query.rows<EntryRow>(
    `select index, release_key, at, type, data, previous, hash from conductor.ledger
     where release_key = $1 and index >= $2 and ($3::bigint is null or index < $3) order by index`,
    [release, from, to],
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
