/** One row per release. `commit` is a compare-and-set on the revision, fenced by the lease, with intents, verdicts and ledger entries in one transaction. */
import type { Change, Clock, ReleaseRecord, ReleaseState } from '../release/ports.ts'
import { recordIntents } from './effects.ts'
import { changeLock } from './environments.ts'
import { holds } from './leases.ts'
import { settleOrders } from './page-orders.ts'
import { appendEntries } from './ledger.ts'
import { integer, type Query, type Sql } from './sql.ts'

const ENDED: readonly ReleaseState[] = ['ga', 'closed', 'rolled_back', 'abandoned']

interface ReleaseRow {
  readonly record: string
  readonly revision: unknown
}

function toRecord(row: ReleaseRow): ReleaseRecord {
  return { ...(JSON.parse(row.record) as ReleaseRecord), revision: integer(row.revision) }
}

export async function readRelease(query: Query, key: string): Promise<ReleaseRecord | null> {
  const [row] = await query.rows<ReleaseRow>('select record, revision from conductor.releases where key = $1', [key])
  return row === undefined ? null : toRecord(row)
}

export async function readOpen(query: Query): Promise<readonly ReleaseRecord[]> {
  const rows = await query.rows<ReleaseRow>('select record, revision from conductor.releases where not (state = any($1::text[])) order by key', [
    ENDED,
  ])
  return rows.map(toRecord)
}

export async function readRecent(query: Query, limit: number): Promise<readonly ReleaseRecord[]> {
  const rows = await query.rows<ReleaseRow>(
    `select record, revision from conductor.releases
     order by state = any($1::text[]), split_part(key, '#', 2)::bigint desc, repository_id limit $2`,
    [ENDED, limit],
  )
  return rows.map(toRecord)
}

export async function readOfRepository(query: Query, repositoryId: number): Promise<readonly ReleaseRecord[]> {
  const rows = await query.rows<ReleaseRow>('select record, revision from conductor.releases where repository_id = $1 order by key', [repositoryId])
  return rows.map(toRecord)
}

export async function readDue(query: Query, now: number): Promise<readonly ReleaseRecord[]> {
  const rows = await query.rows<ReleaseRow>('select record, revision from conductor.releases where due_at <= $1 order by due_at, key', [now])
  return rows.map(toRecord)
}

/** False when the fence, the revision or the lock of the environment moved; then nothing was written. */
export async function commitChange(sql: Sql, clock: Clock, change: Change): Promise<boolean> {
  try {
    return await write(sql, clock, change)
  } catch (error) {
    if (error instanceof Moved) return false
    throw error
  }
}

class Moved extends Error {}

async function write(sql: Sql, clock: Clock, change: Change): Promise<boolean> {
  return sql.transaction(async (query) => {
    if (change.also !== undefined && !(await holds(query, change.also))) throw new Moved()
    if (!(await holds(query, change.lease)) || !(await writeRelease(query, change)) || !(await changeLock(query, change))) throw new Moved()
    for (const { gate, verdict, context } of change.verdicts)
      await query.rows(
        `insert into conductor.verdicts (release_key, sha, gate, env, verdict, context) values ($1, $2, $3, $4, $5, $6)
         on conflict (release_key, sha, gate, env) do update set verdict = excluded.verdict, context = excluded.context`,
        [change.release.key, verdict.sha, gate, verdict.env, JSON.stringify(verdict), context === null ? null : JSON.stringify(context)],
      )
    await settleOrders(query, change.answered ?? [])
    const intended = await recordIntents(query, change.release.key, change.intents)
    await appendEntries(query, clock, change.release.key, [...change.events, ...intended])
    return true
  })
}

/** The stored revision is 1 for a new release, else `expected + 1`, whatever the record says. */
async function writeRelease(query: Query, { release, expected }: Change): Promise<boolean> {
  const revision = (expected ?? 0) + 1
  const values = [release.key, release.repository.id, release.state, revision, release.dueAt, JSON.stringify({ ...release, revision })]
  const written =
    expected === null
      ? await query.rows(
          `insert into conductor.releases (key, repository_id, state, revision, due_at, record) values ($1, $2, $3, $4, $5, $6)
           on conflict (key) do nothing returning key`,
          values,
        )
      : await query.rows(
          `update conductor.releases set repository_id = $2, state = $3, revision = $4, due_at = $5, record = $6
           where key = $1 and revision = $7 returning key`,
          [...values, expected],
        )
  return written.length === 1
}
