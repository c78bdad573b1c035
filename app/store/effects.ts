/** The outbox: the intent before, the outcome after, each with its ledger entry in the same transaction. */
import { digestOf } from '../../evidence/core/digest.ts'
import type { Clock, Effect, EffectKind, Lease, LedgerEvent, Outcome, OutboxRow, StorePort } from '../release/ports.ts'
import { StoreError } from './error.ts'
import { holds } from './leases.ts'
import { appendEntries } from './ledger.ts'
import type { Query, Sql } from './sql.ts'

interface EffectRow {
  readonly key: string
  readonly release_key: string
  readonly effect: string
  readonly state: OutboxRow['state']
  readonly outcome: string | null
  readonly error: string | null
  readonly attempts: number
}

export type Settlement = { readonly outcome: Outcome } | { readonly error: string; readonly final: boolean }

const LONGEST_FACT = 200
const LONGEST_ERROR = 2000

/** The effect's own small values, which make its ledger entry readable; the digest covers the rest. */
function facts(effect: Effect): Record<string, unknown> {
  const small = Object.entries(effect).filter(
    ([, value]) =>
      value === null || typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= LONGEST_FACT),
  )
  return { ...Object.fromEntries(small), digest: digestOf(effect) }
}

/** New intents only; answers their ledger entries. An intent whose key exists is left alone and makes none. */
export async function recordIntents(query: Query, release: string, intents: readonly Effect[]): Promise<readonly LedgerEvent[]> {
  const events: LedgerEvent[] = []
  for (const effect of intents) {
    const fresh = await query.rows(
      `insert into conductor.effects (key, release_key, effect, state) values ($1, $2, $3, 'intended') on conflict (key) do nothing returning key`,
      [effect.key, release, JSON.stringify(effect)],
    )
    if (fresh.length === 1) events.push({ type: 'effect.intended', data: facts(effect) })
  }
  return events
}

/** Intents that belong to no release record; false when the lease is not the newest any more. */
export async function intend(sql: Sql, clock: Clock, { key, lease, intents, events }: Parameters<StorePort['intend']>[0]): Promise<boolean> {
  return sql.transaction(async (query) => {
    if (!(await holds(query, lease))) return false
    await appendEntries(query, clock, key, [...events, ...(await recordIntents(query, key, intents))])
    return true
  })
}

export async function readOutbox(query: Query, release: string): Promise<readonly OutboxRow[]> {
  const rows = await query.rows<EffectRow>(
    'select key, release_key, effect, state, outcome, error, attempts from conductor.effects where release_key = $1 order by position',
    [release],
  )
  return rows.map(toRow)
}

function toRow(row: EffectRow): OutboxRow {
  return {
    key: row.key,
    releaseKey: row.release_key,
    effect: JSON.parse(row.effect) as Effect,
    state: row.state,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as Outcome),
    error: row.error === null ? null : (JSON.parse(row.error) as string),
    attempts: row.attempts,
  }
}

/** Asked every second, by an index of what is unfinished alone. The kind stands in the effect's text, which may hold anything else: the text only narrows, the value decides. */
export async function readWaiting(query: Query, kind: EffectKind): Promise<readonly OutboxRow[]> {
  const rows = await query.rows<EffectRow>(
    `select key, release_key, effect, state, outcome, error, attempts from conductor.effects
     where state in ('intended', 'started') and position('"kind":"' || $1 || '"' in effect) > 0 order by position`,
    [kind],
  )
  return rows.map(toRow).filter((row) => row.effect.kind === kind)
}

export async function readUnfinished(query: Query): Promise<ReadonlySet<string>> {
  const rows = await query.rows<{ release_key: string }>(`select distinct release_key from conductor.effects where state in ('intended', 'started')`)
  return new Set(rows.map((row) => row.release_key))
}

/** Marks an attempt. False when the fence moved, or when the effect is done or failed for good. @throws StoreError `unknown-effect` */
export async function startEffect(sql: Sql, key: string, lease: Lease): Promise<boolean> {
  return sql.transaction(async (query) => {
    if (!(await holds(query, lease))) return false
    const row = await lockEffect(query, key)
    if (row.state === 'done' || row.state === 'failed') return false
    await query.rows(`update conductor.effects set state = 'started', attempts = attempts + 1 where key = $1`, [key])
    return true
  })
}

/**
 * Outcome or error. An error that is not final leaves the effect `started`: nobody knows whether it happened, so the next attempt asks the world
 * first. An effect that is done stays done; a second settlement of it changes nothing. An outcome is a fact and beats an earlier failure.
 * @throws StoreError `unknown-effect`
 */
export async function settleEffect(sql: Sql, clock: Clock, key: string, result: Settlement, events: readonly LedgerEvent[]): Promise<void> {
  await sql.transaction(async (query) => {
    const row = await lockEffect(query, key)
    if (row.state === 'done') return
    const kind = (JSON.parse(row.effect) as Effect).kind
    if ('outcome' in result) {
      await query.rows(`update conductor.effects set state = 'done', outcome = $2, error = null where key = $1`, [
        key,
        JSON.stringify(result.outcome),
      ])
      await appendEntries(query, clock, row.release_key, [{ type: 'effect.done', data: { key, kind, outcome: result.outcome } }, ...events])
      return
    }
    const error = result.error.slice(0, LONGEST_ERROR).toWellFormed()
    await query.rows('update conductor.effects set state = $2, error = $3 where key = $1', [
      key,
      result.final ? 'failed' : 'started',
      JSON.stringify(error),
    ])
    const entry = { type: 'effect.failed', data: { key, kind, error, final: result.final, attempt: row.attempts } }
    await appendEntries(query, clock, row.release_key, [entry, ...events])
  })
}

async function lockEffect(query: Query, key: string): Promise<EffectRow> {
  const [row] = await query.rows<EffectRow>(
    'select key, release_key, effect, state, outcome, error, attempts from conductor.effects where key = $1 for update',
    [key],
  )
  if (row === undefined) throw new StoreError('unknown-effect', `No intent ${key} was recorded. Commit the intent before its effect.`)
  return row
}
