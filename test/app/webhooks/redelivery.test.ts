import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Attempt, DeliveryLog } from '../../../app/github/deliveries.ts'
import { deliveryLog } from '../../../app/github/deliveries.ts'
import { client } from '../../../app/github/octokit.ts'
import type { Trigger } from '../../../app/release/ports.ts'
import { startIngress } from '../../../app/server.ts'
import { migrate } from '../../../app/store/migrate.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { createLogger } from '../../../app/telemetry/logger.ts'
import { createMetrics, type Metrics } from '../../../app/telemetry/metrics.ts'
import { createInbox } from '../../../app/webhooks/inbox.ts'
import { redelivery, type RedeliveryParts } from '../../../app/webhooks/redelivery.ts'
import { openRelease, REPO, SECRET, stage } from '../../double/stage.ts'
import { MemoryStore } from '../../sim/memory-store.ts'

const MINUTE = 60_000
const log = createLogger({ level: 'silent' })
let sql: Sql

beforeAll(async () => {
  sql = await openPglite(null)
  await migrate(sql)
})
afterAll(async () => {
  await sql.close()
})

async function redeliveries(metrics: Metrics, result: string): Promise<number> {
  return (await metrics.redeliveries.get()).values.find((value) => value.labels.result === result)?.value ?? 0
}

async function missing(metrics: Metrics): Promise<number> {
  return (await metrics.missing.get()).values[0]?.value ?? Number.NaN
}

test('everything that GitHub could not deliver for a while comes, once each, and nothing is asked for after that', async () => {
  await using on = await stage({ faults: { webhooks: { lose: 1 } } })
  const folder = mkdtempSync(join(tmpdir(), 'conductor-redelivery-'))
  const triggers: Trigger[] = []
  const metrics = createMetrics()
  let minutes = 0
  const clock = { now: () => Date.now() + minutes * MINUTE }
  const { id: appId, privateKey } = on.github.app
  const ingress = await startIngress({
    operator: {
      github: { apiUrl: on.github.apiUrl, appId, privateKey },
      secrets: { current: SECRET, previous: null },
      listen: { host: '127.0.0.1', port: 0 },
      dataDir: folder,
    },
    sql,
    onTrigger: async (trigger) => void triggers.push(trigger),
    log,
    metrics,
    clock,
  })
  try {
    on.github.setWebhook(`${ingress.url}/api/github/webhooks`, SECRET)
    const { number } = await openRelease(on)
    await on.github.as('boss').comment(REPO, number, '/status')
    await on.github.settled()
    expect(triggers).toEqual([])
    on.github.setFaults({})
    const asks = redelivery({
      appId,
      deliveries: deliveryLog(client({ appId, privateKey, baseUrl: on.github.apiUrl })),
      inbox: createInbox(sql, clock),
      store: new MemoryStore(clock),
      clock,
      metrics,
      log,
      owner: 'one',
    })
    await asks.round()
    expect([await redeliveries(metrics, 'asked'), (await missing(metrics)) > 3]).toEqual([0, true])
    minutes = 2
    const lost = await missing(metrics)
    await asks.round()
    await on.github.settled()
    await ingress.idle()
    expect(await redeliveries(metrics, 'asked')).toBe(lost)
    expect(triggers.map(({ why }) => why)).toEqual(expect.arrayContaining(['issue_comment.created', 'pull_request.opened']))
    expect(await sql.rows('select guid from conductor.inbox')).toHaveLength(lost)
    minutes = 60
    await asks.round()
    expect([await redeliveries(metrics, 'asked'), await missing(metrics), await redeliveries(metrics, 'failed')]).toEqual([lost, 0, 0])
    on.github.assertClean()
  } finally {
    await ingress.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

interface Asking {
  readonly since: number[]
  readonly again: string[]
  readonly metrics: Metrics
  readonly parts: RedeliveryParts
}

function asking(attempts: readonly Attempt[] | Error, over: Partial<RedeliveryParts> = {}): Asking {
  const [since, again, metrics] = [[] as number[], [] as string[], createMetrics()]
  const clock = { now: () => 1e12 }
  const deliveries: DeliveryLog = {
    async since(at) {
      since.push(at)
      if (attempts instanceof Error) throw attempts
      return attempts
    },
    again: async (id) => void again.push(id),
  }
  const inbox = { known: async () => new Set<string>(), latest: async () => 1e12 - 10 * MINUTE }
  return { since, again, metrics, parts: { appId: 1, deliveries, inbox, store: new MemoryStore(clock), clock, metrics, log, owner: 'one', ...over } }
}

const attempt = (at: number, redeliveryOf = false): Attempt => ({
  id: String(at),
  guid: redeliveryOf ? 'again' : `guid-${at}`,
  event: 'push',
  at: 1e12 - 60 * MINUTE - at,
  ok: false,
  redelivery: redeliveryOf,
})

test('the log is read from before the newest delivery that came, then from before the last round, and never further back than GitHub remembers', async () => {
  const some = asking([])
  const asks = redelivery(some.parts)
  await asks.round()
  await asks.round()
  expect(some.since).toEqual([1e12 - 130 * MINUTE, 1e12 - 120 * MINUTE])
  const never = asking([], { inbox: { known: async () => new Set(), latest: async () => null } })
  await redelivery(never.parts).round()
  expect(never.since).toEqual([1e12 - 3 * 24 * 60 * MINUTE])
})

test('a hundred in a round; the rest comes in the next, from the same moment', async () => {
  const some = asking(Array.from({ length: 130 }, (_, at) => attempt(at)))
  const asks = redelivery(some.parts)
  await asks.round()
  expect(some.again).toHaveLength(100)
  await asks.round()
  expect(some.since).toEqual([1e12 - 130 * MINUTE, 1e12 - 130 * MINUTE])
})

test('what was asked for three times is told of once, as given up', async () => {
  const some = asking([attempt(1, true), attempt(2, true), attempt(3, true)])
  const asks = redelivery(some.parts)
  await asks.round()
  await asks.round()
  expect([some.again, await redeliveries(some.metrics, 'given_up'), await missing(some.metrics)]).toEqual([[], 1, 1])
})

test('GitHub does not answer: counted, and the next round begins where this one did; another process has the lease: nothing is asked', async () => {
  const some = asking(new Error('GitHub is away'))
  const asks = redelivery(some.parts)
  await asks.round()
  await asks.round()
  expect([some.since, await redeliveries(some.metrics, 'failed')]).toEqual([[1e12 - 130 * MINUTE, 1e12 - 130 * MINUTE], 2])
  const other = asking([attempt(1)])
  await other.parts.store.lease('deliveries', 'two', 1e12, MINUTE)
  await redelivery(other.parts).round()
  expect(other.since).toEqual([])
})
