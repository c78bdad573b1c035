import { expect, test } from 'vitest'
import { dataOf } from '../../../app/release/state.ts'
import { enterRollback } from '../../../app/rollout/enter.ts'
import type { LateRollback } from '../../../app/rollout/rollback-file.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { KEY, NOW, recordOf, rolloutOf } from '../../support/release.ts'

const clock = { now: () => NOW + 5_000 }
const late: LateRollback = {
  id: `${KEY}/rollout/1`,
  release: KEY,
  version: 'v2.0.0',
  rollout: 1,
  environment: 'prod',
  step: 10,
  router: 'proxy',
  why: { code: 'slo_breach', sentence: 'Roll back: it fails.' },
  at: NOW,
  sample: { at: NOW, canary: { requests: 100, errors: 30 }, stable: null, note: '' },
}

async function storeWith(record: ReturnType<typeof recordOf>): Promise<MemoryStore> {
  const store = new MemoryStore(clock)
  const lease = await store.lease(`release/${KEY}`, 'begin', NOW, 1_000)
  if (lease === null) throw new Error('no lease')
  await store.commit({ release: record, expected: null, lease, intents: [], events: [], verdicts: [] })
  await store.free(lease)
  return store
}

const canary = recordOf({ state: 'canary' }, { rollouts: 1, rollout: rolloutOf({ stage: 'baking', startedAt: NOW, shiftedAt: NOW }) })
const types = async (store: MemoryStore): Promise<string[]> => (await store.ledger(KEY)).map(({ type }) => type)

test('entered once: state, reason, the look it rests on, and a look at once to go on', async () => {
  const store = await storeWith(canary)
  expect(await enterRollback({ store, clock }, late, 'x', 1_000)).toBe('entered')
  expect(await enterRollback({ store, clock }, late, 'x', 1_000)).toBe('known')
  const record = await store.release(KEY)
  expect(record).toMatchObject({ state: 'rolling_back', dueAt: NOW + 5_000, revision: 2 })
  expect(record === null ? null : dataOf(record).rollout).toMatchObject({ stage: 'withdrawing', why: late.why })
  expect(await types(store)).toEqual(['rollback.entered', 'state', 'rollback'])
  expect(await store.samples(KEY, '1/prod')).toEqual([late.sample])
  expect(await store.lease(`release/${KEY}`, 'y', clock.now(), 1_000)).not.toBeNull()
})

test('while somebody looks at the release: later', async () => {
  const store = await storeWith(canary)
  await store.lease(`release/${KEY}`, 'a look', clock.now(), 60_000)
  expect(await enterRollback({ store, clock }, late, 'x', 1_000)).toBe('busy')
  expect(await types(store)).toEqual([])
})

test.each([
  ['another rollout of the release', recordOf({ state: 'canary' }, { rollouts: 2, rollout: rolloutOf({ number: 2 }) })],
  ['a release that never rolled', recordOf()],
  ['a release that is closed', recordOf({ state: 'closed' }, { rollouts: 1, rollout: rolloutOf({ stage: 'done' }) })],
])('%s is left alone', async (_, record) => {
  const store = await storeWith(record)
  expect(await enterRollback({ store, clock }, late, 'x', 1_000)).toBe('gone')
  expect(await store.release(KEY)).toEqual(record)
})

test('a release the store does not have', async () => {
  expect(await enterRollback({ store: new MemoryStore(clock), clock }, late, 'x', 1_000)).toBe('gone')
})
