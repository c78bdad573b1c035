import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Log, Trigger } from '../../../app/release/ports.ts'
import { migrate } from '../../../app/store/migrate.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import { openPostgres } from '../../../app/store/postgres.ts'
import { NET_MS } from '../../../app/takeover.ts'
import { StoreError } from '../../../app/store/error.ts'
import { keyOf, NotNow, openQueue, type Queue, type Work } from '../../../app/store/queue.ts'
import { createMetrics } from '../../../app/telemetry/metrics.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { postgresBinaries, startCluster, type Cluster } from '../../support/postgres.ts'

const clock = { now: () => Date.now() }
const log: Log = { info() {}, warn() {}, error() {} }

function trigger(pull: number | null, why = 'test'): Trigger {
  return { repository: { id: 7, owner: 'acme', name: 'shop', installationId: 3 }, pull, why }
}

/** Collects what the handler gets and lets a test await the next one. */
function collector(): { seen: Work[]; handler: (work: Work) => Promise<void>; until: (done: () => boolean) => Promise<void> } {
  const seen: Work[] = []
  let tell: (() => void) | null = null
  return {
    seen,
    handler: async (work) => {
      seen.push(work)
      tell?.()
    },
    async until(done) {
      while (!done())
        await new Promise<void>((resolve) => {
          tell = resolve
        })
    },
  }
}

function whys(works: readonly Work[]): string[] {
  return works.flatMap((work) => work.triggers.map((one) => one.why))
}

async function againAt(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ again_at: unknown }>('select again_at from conductor.triggers')
  return Number(row?.again_at)
}

function queueCases(name: string, place: () => { sql: Sql; databaseUrl: string | null }): void {
  describe(`queue: ${name}`, () => {
    const open: Queue[] = []
    async function fresh(): Promise<Queue> {
      const queue = await openQueue({ ...place(), clock, log })
      open.push(queue)
      return queue
    }
    afterEach(async () => {
      for (const queue of open.splice(0)) await queue.stop(2000)
      await place().sql.script('delete from conductor.triggers; delete from conductor_queue.job')
    })

    test('a trigger reaches the handler of the same process long before the next poll, and is gone after it', async () => {
      const queue = await fresh()
      const { seen, handler, until } = collector()
      await queue.work(handler)
      await queue.enqueue(trigger(1, 'warm'))
      await until(() => seen.length === 1)
      const waits: number[] = []
      for (let round = 0; round < 5; round += 1) {
        const from = performance.now()
        await queue.enqueue(trigger(round + 2))
        await until(() => seen.length === round + 2)
        waits.push(performance.now() - from)
      }
      expect(seen.at(-1)).toEqual({ key: '7#6', triggers: [trigger(6)] })
      // The poll is every 2 s: a median of half a second could only come from being woken.
      expect(waits.sort((a, b) => a - b)[2]).toBeLessThan(500)
      await queue.stop(2000)
      expect(await queue.depth()).toBe(0)
    })

    test('a burst for one release is one look with every trigger in it', async () => {
      const queue = await fresh()
      for (let round = 0; round < 20; round += 1) await queue.enqueue({ ...trigger(1, `burst ${round}`), rerequested: [round] })
      const { seen, handler, until } = collector()
      await queue.work(handler)
      await until(() => whys(seen).length === 20)
      expect(seen).toHaveLength(1)
      expect(seen[0]?.triggers.map((one) => one.rerequested?.[0])).toEqual(Array.from({ length: 20 }, (_, index) => index))
    })

    test('looks at one release never overlap; two releases do', async () => {
      const queue = await fresh()
      const running = new Map<string, number>()
      let most = 0
      let done = 0
      const bothRun = Promise.withResolvers<void>()
      const finished = Promise.withResolvers<void>()
      await queue.work(async ({ key, triggers }) => {
        running.set(key, (running.get(key) ?? 0) + 1)
        most = Math.max(most, ...running.values())
        if ((running.get('7#1') ?? 0) > 0 && (running.get('7#2') ?? 0) > 0) bothRun.resolve()
        await bothRun.promise
        running.set(key, (running.get(key) ?? 1) - 1)
        done += triggers.length
        if (done === 10) finished.resolve()
      })
      for (let round = 0; round < 5; round += 1) await Promise.all([queue.enqueue(trigger(1)), queue.enqueue(trigger(2))])
      await finished.promise
      expect(most).toBe(1)
    })

    test('what a handler threw on comes again, whole', async () => {
      const queue = await fresh()
      const { seen, handler, until } = collector()
      let attempts = 0
      await queue.work(async (work) => {
        attempts += 1
        if (attempts === 1) throw new Error('first time')
        await handler(work)
      })
      await queue.enqueue(trigger(1, 'again'))
      await until(() => seen.length === 1)
      expect(whys(seen)).toEqual(['again'])
      expect(attempts).toBe(2)
    })

    test('a handler that cannot look now gets the same triggers soon, with what came meanwhile, and a crash in between loses none', async () => {
      const queue = await fresh()
      const seen: Work[] = []
      const depths: number[] = []
      const handled = Promise.withResolvers<void>()
      await queue.work(async (work) => {
        seen.push(work)
        if (seen.length === 1) {
          depths.push(await queue.depth())
          throw new StoreError('again', 'busy')
        }
        if (seen.length === 2) await queue.enqueue({ ...trigger(1, 'meanwhile'), rerequested: [5] })
        if (seen.length === 2) throw new StoreError('again', 'busy')
        handled.resolve()
      })
      const from = performance.now()
      await queue.enqueue({ ...trigger(1, 'first'), rerequested: [4] })
      await handled.promise
      // Two polls of two seconds would be four.
      expect(performance.now() - from).toBeLessThan(3_500)
      // What a crash would have left behind.
      expect(depths).toEqual([1])
      expect(whys(seen.slice(0, 2))).toEqual(['first', 'first'])
      expect(seen.at(-1)?.triggers.flatMap((one) => one.rerequested ?? [])).toEqual([4, 5])
      await queue.stop(2000)
      expect(await queue.depth()).toBe(0)
    })

    test('what cannot be looked at for long stays, once each, and comes again after that; news of it come at once', async () => {
      const queue = await fresh()
      const seen: string[][] = []
      for (const why of ['sweep', 'push', 'sweep', 'sweep']) await queue.enqueue(trigger(null, why))
      await queue.work(async ({ triggers }) => {
        seen.push(triggers.map(({ why }) => why))
        throw new NotNow(3_600_000)
      })
      while ((await queue.depth()) !== 2) await sleep(20)
      while ((await againAt(place().sql)) < Date.now() + 3_000_000) await sleep(20)
      // Jobs that were told of it before are still to come.
      await sleep(2_500)
      const before = seen.length
      await sleep(NET_MS + 500)
      expect(seen).toHaveLength(before)
      await queue.enqueue(trigger(null, 'installation.created'))
      while (seen.length === before) await sleep(20)
      expect(seen.at(-1)).toEqual(['sweep', 'push', 'installation.created'])
      await place().sql.script('update conductor.triggers set again_at = 1')
      while (seen.length === before + 1) await sleep(20)
      expect(seen.at(-1)).toEqual(['sweep', 'push', 'installation.created'])
    })

    test('a look in the future comes then and not before, and does not swallow one for now', async () => {
      const queue = await fresh()
      const { seen, handler, until } = collector()
      await queue.work(handler)
      const from = performance.now()
      await queue.enqueue(trigger(1, 'later'), 1200)
      await queue.enqueue(trigger(1, 'now'))
      await until(() => seen.length === 2)
      expect(whys(seen)).toEqual(['now', 'later'])
      expect(performance.now() - from).toBeGreaterThan(1000)
    })

    test('what a process had that died is worked on by the others, without a start', async () => {
      const [dead, alive] = [await fresh(), await fresh()]
      await dead.enqueue(trigger(1, 'left'))
      // It took the job, and is not heard of any more.
      await place().sql.script('delete from conductor_queue.job; update conductor.triggers set again_at = 1')
      const { seen, handler, until } = collector()
      await alive.work(handler)
      await until(() => seen.length === 1)
      await dead.enqueue(trigger(2, 'later'))
      await place().sql.script(`delete from conductor_queue.job where state = 'created'`)
      expect(whys(seen)).toEqual(['left'])
      await until(() => seen.length === 2)
      expect(whys(seen)).toEqual(['left', 'later'])
    })

    test('whoever looks for long is heard of, and nobody else looks', async () => {
      const [one, other] = [await fresh(), await fresh()]
      const busy = Promise.withResolvers<void>()
      const looked = Promise.withResolvers<void>()
      let looks = 0
      const handler = async (): Promise<void> => {
        looks += 1
        looked.resolve()
        await busy.promise
      }
      await one.work(handler)
      await other.work(handler)
      await one.enqueue(trigger(1, 'slow'))
      await looked.promise
      const first = await againAt(place().sql)
      await sleep(NET_MS + 500)
      expect(await againAt(place().sql)).toBeGreaterThan(first)
      expect(looks).toBe(1)
      busy.resolve()
      while ((await one.depth()) > 0) await sleep(20)
    })

    test('how long the oldest trigger waits is told, and that none does', async () => {
      const metrics = createMetrics()
      const queue = await openQueue({ ...place(), clock, log, metrics })
      open.push(queue)
      const busy = Promise.withResolvers<void>()
      await queue.work(() => busy.promise)
      await queue.enqueue(trigger(1, 'slow'))
      const oldest = async () => (await metrics.oldestTrigger.get()).values[0]?.value ?? 0
      while ((await oldest()) < 1) await sleep(50)
      busy.resolve()
      while ((await oldest()) > 0) await sleep(50)
      expect(await queue.depth()).toBe(0)
    })

    test('what was left by a process that died is worked on at the start', async () => {
      const queue = await fresh()
      await queue.enqueue(trigger(1, 'left'))
      await place().sql.script('delete from conductor_queue.job')
      const { seen, handler, until } = collector()
      await queue.work(handler)
      await until(() => seen.length === 1)
      expect(whys(seen)).toEqual(['left'])
    })
  })
}

test('the key is the release, or the repository when no pull request is named', () => {
  expect(keyOf(trigger(12))).toBe('7#12')
  expect(keyOf(trigger(null))).toBe('7')
})

describe('embedded', () => {
  let sql: Sql
  beforeAll(async () => {
    sql = await openPglite(null)
    await migrate(sql)
  })
  afterAll(async () => {
    await sql.close()
  })
  queueCases('PGlite', () => ({ sql, databaseUrl: null }))
})

const binaries = postgresBinaries()
describe.skipIf(binaries === null)('server', () => {
  let cluster: Cluster
  let sql: Sql
  let databaseUrl: string
  beforeAll(async () => {
    cluster = await startCluster(binaries ?? '')
    databaseUrl = await cluster.database()
    sql = await openPostgres(databaseUrl)
    await migrate(sql)
  })
  afterAll(async () => {
    await sql.close()
    await cluster.stop()
  })
  queueCases('PostgreSQL', () => ({ sql, databaseUrl }))
})
