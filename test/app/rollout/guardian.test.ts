import { appendFileSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dataOf } from '../../../app/release/state.ts'
import type { Append } from '../../../app/rollout/rollback-file.ts'
import { openRollbackFile } from '../../../app/rollout/rollback-file.ts'
import { KEY, NOW, recordOf } from '../../support/release.ts'
import { Lonely, LOOK } from './lonely.ts'

async function canary(over: Parameters<Lonely['begin']>[0] = {}): Promise<Lonely> {
  const lonely = new Lonely()
  await lonely.begin(over)
  await lonely.start()
  await lonely.pass(3)
  expect(lonely.looks).toBeGreaterThan(1)
  expect(lonely.weights).toEqual([])
  return lonely
}

const onDisk: Append = async (path, text) => appendFileSync(path, text)
const full: Append = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))

describe('the store fails in the middle of a canary', () => {
  test.each(['errors', 'no-writes'] as const)('%s, and the canary breaches: weight 0 within two looks, entered later, once', async (fault) => {
    const lonely = await canary()
    lonely.fault = fault
    lonely.share = 0.3
    const from = lonely.now
    await lonely.pass(2)
    expect(lonely.weight).toBe(0)
    expect(lonely.weights[0]?.at).toBeLessThanOrEqual(from + 2 * LOOK)
    expect((await lonely.record()).state).toBe('canary')
    expect((await openRollbackFile(lonely.path)).pending).toMatchObject([{ id: `${KEY}/rollout/1`, step: 10, why: { code: 'slo_breach' } }])
    await lonely.pass(5)
    expect(lonely.weights).toHaveLength(1)

    lonely.fault = 'none'
    await lonely.pass(3)
    const record = await lonely.record()
    expect(record.state).toBe('rolled_back')
    expect(dataOf(record).rollout?.why?.code).toBe('slo_breach')
    expect(lonely.weights.every(({ percent }) => percent === 0)).toBe(true)
    expect(await lonely.entries('rollback.entered')).toBe(1)
    expect(await lonely.entries('rollback')).toBe(1)
    expect((await openRollbackFile(lonely.path)).pending).toEqual([])
    expect(lonely.guard?.pending()).toEqual([])
    // What it was decided on is in the series.
    expect((await lonely.truth.samples(KEY, '1/prod')).some((sample) => (sample.canary?.errors ?? 0) > 0)).toBe(true)
  })

  test('it does not even answer: the same, and no look waits for it longer than a look', async () => {
    const lonely = new Lonely()
    lonely.sampleMs = 100
    await lonely.begin()
    await lonely.start()
    await lonely.pass(3)
    lonely.fault = 'hangs'
    lonely.share = 0.9
    // Timed looks hang with it: only the guardian goes on.
    for (let half = 0; half < 6; half += 1) {
      lonely.now += 50
      await lonely.guard?.round(lonely.store)
    }
    expect(lonely.weight).toBe(0)
    expect((await lonely.record()).state).toBe('canary')
  })

  test('healthy metrics hold: nothing advances, nothing is taken back, and what was seen meanwhile counts afterwards', async () => {
    const lonely = await canary()
    lonely.fault = 'errors'
    await lonely.pass(110)
    expect(lonely.weights).toEqual([])
    lonely.fault = 'none'
    await lonely.pass(2)
    expect((await lonely.record()).state).toBe('canary')
    expect((await lonely.truth.samples(KEY, '1/prod')).length).toBeGreaterThan(110)
  })

  test('healthy metrics are no advance either: long past the deadline it comes back', async () => {
    const lonely = await canary()
    lonely.fault = 'errors'
    await lonely.pass(125)
    expect(lonely.weights.at(-1)?.percent).toBe(0)
  })

  test('metrics that are gone too: the deadline of the step takes it back', async () => {
    const lonely = await canary()
    lonely.fault = 'errors'
    lonely.share = null
    await lonely.pass(80)
    expect(lonely.weights).toEqual([])
    await lonely.pass(12)
    expect(lonely.weight).toBe(0)
    lonely.fault = 'none'
    await lonely.pass(2)
    expect(dataOf(await lonely.record()).rollout?.why?.code).toBe('deadline')
  })

  test('a deadline of an old record is not believed when the router shows that another process went on', async () => {
    const lonely = await canary()
    lonely.fault = 'errors'
    lonely.share = null
    lonely.weight = 50
    await lonely.pass(120)
    expect(lonely.weights).toEqual([])
  })

  test('a rollback that was decided but not done is done', async () => {
    const lonely = await canary()
    const lease = await lonely.truth.lease(`release/${KEY}`, 'x', lonely.now, 1_000)
    const record = await lonely.record()
    const data = dataOf(record)
    if (lease === null || data.rollout === null) throw new Error('no canary')
    const rollout = { ...data.rollout, stage: 'withdrawing' as const, why: { code: 'manual', sentence: 'x'.repeat(5_000) } }
    const release = { ...record, revision: record.revision + 1, state: 'rolling_back' as const, data: { ...data, rollout } }
    await lonely.store.commit({ release, expected: record.revision, lease, intents: [], events: [], verdicts: [] })
    await lonely.truth.free(lease)
    lonely.fault = 'errors'
    await lonely.pass(2)
    expect(lonely.weight).toBe(0)
    lonely.fault = 'none'
    await lonely.pass(3)
    expect((await lonely.record()).state).toBe('rolled_back')
    expect(await lonely.entries('rollback.entered')).toBe(1)
    expect(await lonely.entries('rollback')).toBe(0)
  })

  test('whether the first shift happened is not known: the canary is judged as if it had', async () => {
    const lonely = await canary({ stage: 'shifting', startedAt: null, shiftedAt: null, since: NOW + 500 }).catch(() => null)
    // The look itself shifts it when the store answers; here it never does.
    expect(lonely).toBeNull()
    const stuck = new Lonely()
    await stuck.begin({ stage: 'shifting', startedAt: null, shiftedAt: null })
    await stuck.start()
    await stuck.store.release(KEY)
    stuck.fault = 'errors'
    stuck.share = 0.5
    await stuck.pass(4)
    expect(stuck.weight).toBe(0)
  })
})

async function decided(lonely: Lonely): Promise<void> {
  lonely.fault = 'errors'
  lonely.share = 0.3
  await lonely.pass(2)
}

async function enteredOnce(lonely: Lonely): Promise<void> {
  lonely.fault = 'none'
  await lonely.pass(3)
  expect((await lonely.record()).state).toBe('rolled_back')
  expect(await lonely.entries('rollback')).toBe(1)
  expect((await openRollbackFile(lonely.path)).pending).toEqual([])
}

describe('crashes', () => {
  test('between file and router: the next start sets weight 0 before it has a store', async () => {
    const lonely = await canary()
    lonely.routerFails = true
    await decided(lonely)
    expect(lonely.weight).toBe(10)
    lonely.routerFails = false
    await lonely.start()
    expect(lonely.weight).toBe(0)
    await enteredOnce(lonely)
  })

  test('between router and entry', async () => {
    const lonely = await canary()
    await decided(lonely)
    expect(lonely.weight).toBe(0)
    await lonely.start()
    await enteredOnce(lonely)
  })

  test('between entry and its mark in the file: it is not entered again', async () => {
    const lonely = new Lonely()
    await lonely.begin()
    await lonely.start((path, text) => (text.includes('"entered"') ? full(path, text) : onDisk(path, text)))
    await lonely.pass(3)
    await decided(lonely)
    lonely.fault = 'none'
    await lonely.pass(3)
    expect((await lonely.record()).state).toBe('rolled_back')
    expect((await openRollbackFile(lonely.path)).pending).toHaveLength(1)
    await lonely.start()
    await enteredOnce(lonely)
    expect(await lonely.entries('rollback.entered')).toBe(1)
  })

  test('no space for the file: the traffic goes back all the same, and memory enters it', async () => {
    const lonely = new Lonely()
    await lonely.begin()
    await lonely.start(full)
    await lonely.pass(3)
    await decided(lonely)
    expect(lonely.weight).toBe(0)
    lonely.fault = 'none'
    await lonely.pass(3)
    expect((await lonely.record()).state).toBe('rolled_back')
    expect(await lonely.entries('rollback.entered')).toBe(1)
  })

  test('a router that does not answer is asked at every look until it does', async () => {
    const lonely = await canary()
    lonely.routerFails = true
    await decided(lonely)
    await lonely.pass(3)
    expect(lonely.weights).toEqual([])
    lonely.routerFails = false
    await lonely.pass(1)
    expect(lonely.weights).toHaveLength(1)
  })
})

const set = (key: string, percent: number) => ({ kind: 'weight.set' as const, key, environment: 'prod', router: 'proxy', percent })

test('what was taken back gets no traffic from a look that still runs; nor is anything else forbidden', async () => {
  const lonely = await canary()
  expect(lonely.guard?.forbids(set(`${KEY}/rollout/1/prod/50/weight`, 50))).toBe(false)
  lonely.fault = 'errors'
  lonely.share = 0.3
  await lonely.pass(2)
  expect(lonely.guard?.forbids(set(`${KEY}/rollout/1/prod/50/weight`, 50))).toBe(true)
  expect(lonely.guard?.forbids(set(`${KEY}/rollout/1/prod/withdraw`, 0))).toBe(false)
  expect(lonely.guard?.forbids(set(`${KEY}/rollout/11/prod/50/weight`, 50))).toBe(false)
  expect(lonely.guard?.forbids({ kind: 'tag.create', key: 'x', tag: 'v1', sha: 'a' })).toBe(false)
})

test('nothing is looked at while the timed looks go on, nor when nothing rolls', async () => {
  const lonely = await canary()
  lonely.share = 0.3
  await lonely.pass(2)
  expect(readFileSyncOrEmpty(lonely.path)).toBe('')
  expect((await lonely.record()).state).toBe('rolled_back')
  lonely.guard?.seen(recordOf())
  lonely.fault = 'errors'
  await lonely.pass(3)
  expect(readFileSyncOrEmpty(lonely.path)).toBe('')
})

function readFileSyncOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
