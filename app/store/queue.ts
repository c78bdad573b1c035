/**
 * What waits to be looked at. A trigger is a row of `conductor.triggers` first, so nothing a burst brings is lost; a job of pg-boss per release only
 * says "there are some". Many triggers of one release while a job waits make no second job; the handler gets them all. Jobs of one release run one
 * after the other in this process (between processes the lease decides). A look in the future is a job of a second queue that becomes a trigger.
 *
 * The same process is woken at once; pg-boss's polling is the net below. After a crash the triggers that are left are queued again at the start, and by
 * every other process once nobody is heard to look at them: pg-boss itself gives a job of a dead process back after ten seconds at the earliest.
 */
import { fromPglite, PgBoss } from 'pg-boss'
import type { Clock, Log, Trigger } from '../release/ports.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { NET_MS, SILENCE_MS } from '../takeover.ts'
import { StoreError } from './error.ts'
import { integer, type Sql } from './sql.ts'
import type { PgliteSql } from './pglite.ts'

const NOW = 'reconcile'
const LATER = 'reconcile-later'
const POLL_SECONDS = 2
/** Until a handler that could not look is asked again. */
const AGAIN_MS = 300
/** After a failure the queue's own retries come first. */
const AFTER_FAILURE_MS = 90_000

/** Thrown by a handler that cannot look for long, through nobody's fault: its triggers stay, and it is asked again after so long, or when news of the key come. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
  readonly afterMs: number
  constructor(afterMs: number, options?: ErrorOptions) {
    super(`not before ${afterMs} ms`, options)
    this.afterMs = afterMs
  }
}

export interface Work {
  /** `<repository id>#<pull>`, or `<repository id>` for all of its open releases. */
  readonly key: string
  /** Everything that was enqueued for the key and not yet handled, oldest first; at least one. */
  readonly triggers: readonly Trigger[]
}

export interface Queue {
  /** Durable when it resolves. @param startAfterMs 0: now */
  enqueue(trigger: Trigger, startAfterMs?: number): Promise<void>
  /** Begins to work. A handler that throws gets the same triggers again: soon after a StoreError `again`, else after growing waits. One handler per queue. */
  work(handler: (work: Work) => Promise<void>): Promise<void>
  /** Triggers not yet handled. */
  depth(): Promise<number>
  /** Waits for running handlers, at most `graceMs`, and stops. */
  stop(graceMs?: number): Promise<void>
}

export interface QueueOptions {
  readonly sql: Sql
  /** Of the same server; null when `sql` is embedded. */
  readonly databaseUrl: string | null
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics
  /** Releases looked at at a time in this process. */
  readonly width?: number
  /** First wait after a failure; it doubles, up to a minute. Seconds. */
  readonly retrySeconds?: number
}

interface Ready {
  readonly key: string
}
interface Later {
  readonly trigger: Trigger
}

export function keyOf({ repository, pull }: Trigger): string {
  return pull === null ? String(repository.id) : `${repository.id}#${pull}`
}

/** Starts pg-boss on the database of `sql`, which must be migrated. */
export async function openQueue({ sql, databaseUrl, clock, log, metrics, width = 4, retrySeconds = 1 }: QueueOptions): Promise<Queue> {
  const place =
    sql.engine === 'pglite'
      ? { db: fromPglite((sql as PgliteSql).pglite), backend: 'pglite' as const }
      : { connectionString: databaseUrl ?? '', max: 4 }
  const boss = new PgBoss({ ...place, schema: 'conductor_queue', schedule: false, registerInstance: false, monitorVacuum: false, reindex: false })
  boss.on('error', (error: { readonly message?: string }) =>
    log.error({ error: error.message ?? 'no message' }, 'The queue met an error. It goes on; the sweep covers what it misses.'),
  )
  await boss.start()
  const retry = { retryLimit: 20, retryDelay: retrySeconds, retryBackoff: true, retryDelayMax: 60, expireInSeconds: 600, deleteAfterSeconds: 3600 }
  await boss.createQueue(NOW, { policy: 'short', ...retry })
  await boss.createQueue(LATER, { policy: 'short', ...retry, retentionSeconds: 90 * 24 * 3600 })

  const lanes = createLanes()
  const timers = new Set<NodeJS.Timeout>()
  const workers = new Map<string, string[]>([
    [NOW, []],
    [LATER, []],
  ])

  function wake(queue: string): void {
    for (const worker of workers.get(queue) ?? []) boss.notifyWorker(worker)
  }

  async function announce(key: string): Promise<void> {
    await boss.send(NOW, { key } satisfies Ready, { singletonKey: key })
    wake(NOW)
  }

  /** The net is the delayed job; the timer only makes this process faster than its next poll. */
  async function announceLater(key: string, afterMs: number): Promise<void> {
    await boss.send(NOW, { key } satisfies Ready, { singletonKey: key, startAfter: new Date(Date.now() + afterMs) })
    wakeAfter(NOW, afterMs + 20)
  }

  function wakeAfter(queue: string, ms: number): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        wake(queue)
      },
      Math.min(ms, 2 ** 31 - 1),
    ).unref()
    timers.add(timer)
  }

  async function enqueue(trigger: Trigger, startAfterMs = 0): Promise<void> {
    const key = keyOf(trigger)
    if (startAfterMs > 0) {
      const at = clock.now() + startAfterMs
      // Looks at one release in the same second are one look.
      await boss.send(LATER, { trigger } satisfies Later, {
        singletonKey: `${key}@${Math.ceil(at / 1000)}`,
        startAfter: new Date(Date.now() + startAfterMs),
      })
      wakeAfter(LATER, startAfterMs + 20)
      return
    }
    const at = clock.now()
    await sql.rows('insert into conductor.triggers (key, trigger, again_at) values ($1, $2, $3)', [
      key,
      JSON.stringify({ trigger, at }),
      at + SILENCE_MS,
    ])
    await announce(key)
  }

  async function handle(key: string, handler: (work: Work) => Promise<void>): Promise<void> {
    const rows = await sql.rows<{ id: unknown; trigger: string }>('select id, trigger from conductor.triggers where key = $1 order by id', [key])
    if (rows.length === 0) return
    const waiting = rows.map((row) => JSON.parse(row.trigger) as { trigger: Trigger; at: number })
    const ids = rows.map((row) => integer(row.id))
    const heard = (ms: number): Promise<unknown> =>
      sql.rows('update conductor.triggers set again_at = $2 where id = any($1::bigint[])', [ids, clock.now() + ms])
    for (const { at } of waiting) metrics?.queueDelay.observe(Math.max(0, clock.now() - at) / 1000)
    await heard(SILENCE_MS)
    const beat = setInterval(() => void heard(SILENCE_MS).catch(() => {}), NET_MS).unref()
    try {
      await handler({ key, triggers: waiting.map(({ trigger }) => trigger) })
    } catch (error) {
      if (error instanceof StoreError && error.code === 'again') return await announceLater(key, AGAIN_MS)
      await forgetTwins(waiting, ids)
      await heard(error instanceof NotNow ? error.afterMs : AFTER_FAILURE_MS)
      if (error instanceof NotNow) return
      throw error
    } finally {
      clearInterval(beat)
    }
    await sql.rows('delete from conductor.triggers where id = any($1::bigint[])', [ids])
  }

  /** Of triggers that say the same the oldest stays. */
  async function forgetTwins(waiting: readonly { readonly trigger: Trigger }[], ids: readonly number[]): Promise<void> {
    const texts = waiting.map(({ trigger }) => JSON.stringify(trigger))
    const twins = ids.filter((_, at) => texts.indexOf(texts[at] ?? '') !== at)
    if (twins.length > 0) await sql.rows('delete from conductor.triggers where id = any($1::bigint[])', [twins])
  }

  /** What nobody is heard to look at, whoever was told of it first. */
  async function findLeft(): Promise<void> {
    const [oldest] = await sql.rows<{ trigger: string }>('select trigger from conductor.triggers order by id limit 1')
    metrics?.oldestTrigger.set(oldest === undefined ? 0 : Math.max(0, clock.now() - (JSON.parse(oldest.trigger) as { at: number }).at) / 1000)
    for (const { key } of await sql.rows<{ key: string }>('select distinct key from conductor.triggers where again_at <= $1', [clock.now()]))
      await announce(key)
  }

  return {
    enqueue,
    async work(handler) {
      const options = { pollingIntervalSeconds: POLL_SECONDS }
      // Workers of their own rather than one with a width: only the first of a wide one can be woken.
      for (let place = 0; place < width; place += 1)
        workers.get(NOW)?.push(
          await boss.work<Ready>(NOW, options, async (jobs) => {
            for (const job of jobs) await lanes.run(job.data.key, () => handle(job.data.key, handler))
          }),
        )
      workers.get(LATER)?.push(
        await boss.work<Later>(LATER, options, async (jobs) => {
          for (const job of jobs) await enqueue(job.data.trigger)
        }),
      )
      for (const { key } of await sql.rows<{ key: string }>('select distinct key from conductor.triggers')) await announce(key)
      const net = setInterval(() => void findLeft().catch(() => {}), NET_MS).unref()
      timers.add(net)
    },
    async depth() {
      const [row] = await sql.rows<{ depth: unknown }>('select count(*) as depth from conductor.triggers')
      return integer(row?.depth ?? 0)
    },
    async stop(graceMs = 10_000) {
      for (const timer of timers) clearTimeout(timer)
      await boss.stop({ graceful: true, timeout: graceMs })
    },
  }
}

interface Lanes {
  run(key: string, work: () => Promise<void>): Promise<void>
}

/** One at a time per key. */
function createLanes(): Lanes {
  const tails = new Map<string, Promise<void>>()
  return {
    async run(key, work) {
      const turn = (tails.get(key) ?? Promise.resolve()).catch(() => {}).then(work)
      tails.set(key, turn)
      try {
        await turn
      } finally {
        if (tails.get(key) === turn) tails.delete(key)
      }
    },
  }
}
