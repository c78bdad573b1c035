/**
 * Deliveries in the database, each once: unique by (App, hook, delivery id). The same delivery again changes nothing; another body or event under a used
 * id is kept as a conflict and never handled, because the id is not signed. A delivery is handled by one worker at a time, again after a failure with
 * growing waits, and given up after {@link MOST_ATTEMPTS}. Handling twice must be harmless: a crash after the work and before the mark repeats it.
 */
import { sha256 } from '../../evidence/core/digest.ts'
import type { Clock } from '../release/ports.ts'
import { integer, type Query, type Sql } from '../store/sql.ts'
import { CLAIM_MS } from '../takeover.ts'
import type { Delivery } from './record.ts'

export const MOST_ATTEMPTS = 12
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 300_000
/** GitHub redelivers for three days (seven on Enterprise Server); a delivery is known for longer than that. */
export const KEEP_MS = 30 * 24 * 3_600_000

export type Received = 'new' | 'duplicate' | 'conflict'

export interface InboxRow {
  readonly app: string
  readonly hook: string
  readonly guid: string
  readonly event: string
  readonly body: Buffer
  readonly attempts: number
}

export interface Inbox {
  /** All in one transaction, in order. */
  receive(deliveries: readonly Delivery[]): Promise<readonly Received[]>
  /** Up to `limit` deliveries whose time has come, oldest first, for this worker alone. */
  claim(limit: number): Promise<readonly InboxRow[]>
  handled(row: InboxRow): Promise<void>
  /** `gone`: given up, or `final`. Otherwise when it is tried again, epoch milliseconds. */
  failed(row: InboxRow, error: string, final: boolean): Promise<{ readonly gone: true } | { readonly again: number }>
  /** Which of these deliveries of an App came, by whatever hook. */
  known(app: string, guids: readonly string[]): Promise<ReadonlySet<string>>
  /** When the newest delivery came, epoch milliseconds; null: none is known. */
  latest(): Promise<number | null>
  /** Not yet handled. */
  depth(): Promise<number>
  /** When the next waiting delivery is due; null when none waits. */
  nextDue(): Promise<number | null>
  /** Gives back what a dead worker had claimed. Only for a database that no other process uses. */
  reclaim(): Promise<void>
  /** Forgets what was handled longer ago than {@link KEEP_MS}. */
  sweep(): Promise<void>
}

interface Stored {
  readonly app_id: string
  readonly hook_id: string
  readonly guid: string
  readonly event: string
  readonly body: Uint8Array
  readonly attempts: number
}

export function waitMs(attempt: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
}

function keyOf(row: InboxRow): readonly string[] {
  return [row.app, row.hook, row.guid]
}

export function createInbox(sql: Sql, clock: Clock): Inbox {
  return {
    receive: (deliveries) =>
      sql.transaction(async (query) => {
        const answers: Received[] = []
        for (const delivery of deliveries) answers.push(await receiveOne(query, delivery, clock.now()))
        return answers
      }),
    async claim(limit) {
      const rows = await sql.rows<Stored>(
        `update conductor.inbox set due_at = $2, attempts = attempts + 1
         where (app_id, hook_id, guid) in (
           select app_id, hook_id, guid from conductor.inbox
           where state = 'received' and due_at <= $1 order by due_at, position limit $3 for update skip locked)
         returning app_id, hook_id, guid, event, body, attempts, position`,
        [clock.now(), clock.now() + CLAIM_MS, limit],
      )
      return rows
        .toSorted((a, b) => integer((a as { position?: unknown }).position) - integer((b as { position?: unknown }).position))
        .map((row) => ({ app: row.app_id, hook: row.hook_id, guid: row.guid, event: row.event, body: Buffer.from(row.body), attempts: row.attempts }))
    },
    async handled(row) {
      await sql.rows(
        `update conductor.inbox set state = 'handled', body = null, error = null where app_id = $1 and hook_id = $2 and guid = $3`,
        keyOf(row),
      )
    },
    async failed(row, error, final) {
      const text = JSON.stringify(error.slice(0, 2000).toWellFormed())
      if (final || row.attempts >= MOST_ATTEMPTS) {
        await sql.rows(`update conductor.inbox set state = 'failed', error = $4 where app_id = $1 and hook_id = $2 and guid = $3`, [
          ...keyOf(row),
          text,
        ])
        return { gone: true }
      }
      const again = clock.now() + waitMs(row.attempts)
      await sql.rows('update conductor.inbox set due_at = $4, error = $5 where app_id = $1 and hook_id = $2 and guid = $3', [
        ...keyOf(row),
        again,
        text,
      ])
      return { again }
    },
    async known(app, guids) {
      const rows = await sql.rows<{ guid: string }>('select guid from conductor.inbox where app_id = $1 and guid = any($2)', [app, guids])
      return new Set(rows.map(({ guid }) => guid))
    },
    async latest() {
      const [row] = await sql.rows<{ at: unknown }>('select max(received_at) as at from conductor.inbox')
      return row?.at === null || row === undefined ? null : integer(row.at)
    },
    async depth() {
      const [row] = await sql.rows<{ depth: unknown }>(`select count(*) as depth from conductor.inbox where state = 'received'`)
      return integer(row?.depth ?? 0)
    },
    async nextDue() {
      const [row] = await sql.rows<{ due: unknown }>(`select min(due_at) as due from conductor.inbox where state = 'received'`)
      return row?.due === null || row === undefined ? null : integer(row.due)
    },
    async reclaim() {
      await sql.rows(`update conductor.inbox set due_at = $1 where state = 'received' and due_at <= $2`, [clock.now(), clock.now() + CLAIM_MS])
    },
    async sweep() {
      const before = clock.now() - KEEP_MS
      await sql.rows(`delete from conductor.inbox where state <> 'received' and received_at < $1`, [before])
      await sql.rows('delete from conductor.inbox_conflicts where received_at < $1', [before])
    },
  }
}

async function receiveOne(query: Query, { head, body }: Delivery, now: number): Promise<Received> {
  const digest = sha256(body)
  const key = [head.app, head.hook, head.guid]
  const fresh = await query.rows(
    `insert into conductor.inbox (app_id, hook_id, guid, event, sha256, body, received_at, state, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, 'received', $8) on conflict do nothing returning guid`,
    [...key, head.event, digest, body, head.at, now],
  )
  if (fresh.length === 1) return 'new'
  const [known] = await query.rows<{ sha256: string; event: string }>(
    'select sha256, event from conductor.inbox where app_id = $1 and hook_id = $2 and guid = $3',
    key,
  )
  if (known?.sha256 === digest && known.event === head.event) return 'duplicate'
  await query.rows(
    `insert into conductor.inbox_conflicts (app_id, hook_id, guid, sha256, event, body, received_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [...key, digest, head.event, body, head.at],
  )
  return 'conflict'
}
