/** A look in full that lasts longer than its lease lives, with ticks in every second beside it. */
import { expect, test } from 'vitest'
import { reconcile, type Context, type Look, type Result } from '../../../app/release/reconcile.ts'
import { dataOf } from '../../../app/release/state.ts'
import type { ReadPort, Sample } from '../../../app/release/ports.ts'
import type { Effect } from '../../../app/release/ports.ts'
import { commentOf, DIGESTS, KEY, MERGED, NOW, pullOf, recordOf, REPOSITORY, rolloutOf } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const FULL: Look = { repository: REPOSITORY, pull: 3, mode: 'full' }
const READ_SECONDS = 3

async function canary(world: World): Promise<void> {
  const lease = await world.store.lease(`release/${KEY}`, 'test', world.now, 1_000)
  if (lease === null) throw new Error('the lease is free')
  const rollout = rolloutOf({ stage: 'baking', startedAt: NOW, shiftedAt: NOW, digests: DIGESTS })
  const seal: Effect = { kind: 'pack.seal', key: `${KEY}/seal/proven/1`, outcome: 'proven' }
  const release = recordOf({ state: 'canary', dueAt: NOW }, { rollout, rollouts: 1, shown: 'canary' })
  await world.store.commit({ release, expected: null, lease, intents: [seal], events: [], verdicts: [] })
  await world.store.start(seal.key, lease)
  await world.store.settle(seal.key, { outcome: { id: null } }, [])
  await world.store.free(lease)
  world.pull = pullOf(MERGED)
}

interface Slow {
  readonly context: Context
  /** What became of the ticks beside it. */
  readonly ticks: Result[]
  /** Seconds that reads took. */
  seconds(): number
}

/** @param broken at that many seconds the canary begins to fail */
function slowly(world: World, broken = Number.POSITIVE_INFINITY): Slow {
  const ticks: Result[] = []
  let seconds = 0
  const totals = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }
  const sample = async (): Promise<Sample> => ({ at: world.now, ...structuredClone(totals), note: '' })
  const ports = { ...world.ports, metrics: { sample } }
  const second = async (): Promise<void> => {
    world.now += 1_000
    seconds += 1
    totals.canary.requests += 100
    totals.stable.requests += 900
    if (seconds > broken) totals.canary.errors += 60
    ticks.push(await reconcile({ ...world.context, ports, owner: 'two' }, { ...FULL, mode: 'tick' }))
  }
  const read = new Proxy(ports.read, {
    get:
      (target, property: keyof ReadPort) =>
      async (...given: unknown[]): Promise<unknown> => {
        for (let at = 0; at < READ_SECONDS; at++) await second()
        return (await Reflect.apply(target[property] as () => Promise<unknown>, target, given)) as unknown
      },
  })
  return { context: { ...world.context, ports: { ...ports, read } }, ticks, seconds: () => seconds }
}

test('ends, and carries out what somebody said', async () => {
  const world = worldOf()
  await canary(world)
  world.comments = [commentOf('/hold the vendor is asked')]
  const slow = slowly(world)
  expect(await reconcile(slow.context, FULL)).toBe('settled')
  expect(slow.seconds()).toBeGreaterThan((2 * slow.context.settings.leaseMs) / 1_000)
  expect(new Set(slow.ticks)).toEqual(new Set(['busy']))
  const record = await world.store.release(KEY)
  expect(record?.state).toBe('held')
  expect(record === null ? [] : dataOf(record).answers).toMatchObject([{ login: 'approver', done: true }])
})

test('stops for traffic that must go home, which waits for none of its reads, and ends afterwards', async () => {
  const world = worldOf()
  await canary(world)
  world.comments = [commentOf('/hold the vendor is asked')]
  const slow = slowly(world, 6)
  let home = Number.POSITIVE_INFINITY
  world.perform = (effect) => {
    if (effect.kind === 'weight.set' && effect.percent === 0) home = Math.min(home, slow.seconds())
    return { id: 1 }
  }
  // Until the traffic is seen to be home it is everybody's, and a look that was lost is asked for again.
  let result: Result = 'lost'
  for (let asked = 0; asked < 5 && result !== 'settled'; asked++) result = await reconcile(slow.context, FULL)
  expect(result).toBe('settled')
  expect(home).toBeLessThanOrEqual(6 + 3 * READ_SECONDS)
  const record = await world.store.release(KEY)
  expect(record?.state).toMatch(/^roll/)
  expect(record === null ? [] : dataOf(record).answers).toHaveLength(1)
})

test('that another process took over is lost, and changes nothing', async () => {
  const world = worldOf()
  await canary(world)
  world.comments = [commentOf('/hold the vendor is asked')]
  const read: ReadPort = {
    ...world.ports.read,
    file: async (...given) => {
      world.now += world.context.settings.leaseMs
      await world.store.lease(`release/${KEY}`, 'two', world.now, 60_000)
      return await world.ports.read.file(...given)
    },
  }
  expect(await reconcile({ ...world.context, ports: { ...world.ports, read } }, FULL)).toBe('lost')
  expect((await world.store.release(KEY))?.state).toBe('canary')
  expect(world.asked).not.toContain('comments')
})
