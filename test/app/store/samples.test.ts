import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Lease, Sample, StorePort } from '../../../app/release/ports.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import { samplesIn } from '../../../app/store/samples.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { openStore } from '../../../app/store/store.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { KEY, NOW, recordOf } from '../../support/release.ts'

const clock = { now: () => NOW }
let sql: Sql
let kept: StorePort
beforeAll(async () => {
  sql = await openPglite(null)
  kept = await openStore(sql, clock)
})
afterAll(async () => {
  await sql.close()
})
beforeEach(async () => {
  await sql.script('truncate conductor.samples, conductor.releases, conductor.leases')
})

const sampleAt = (at: number, note = ''): Sample => ({ at, canary: { requests: at, errors: 0 }, stable: null, note })
const instants = (samples: readonly Sample[]): readonly number[] => samples.map(({ at }) => at)

describe.each([
  ['in memory', () => new MemoryStore(clock)],
  ['in PGlite', () => kept],
])('%s', (_, make) => {
  test('samples of a step go by their instant, while the release is as it was looked at', async () => {
    const store = make()
    const lease = (await store.lease(KEY, 'one', NOW, 30_000)) as Lease
    await store.commit({ release: recordOf(), expected: null, lease, intents: [], events: [], verdicts: [] })
    for (const at of [1, 2, 3]) await store.keepSample(KEY, '1/prod', sampleAt(at))
    await store.keepSample(KEY, '2/prod', sampleAt(2))
    await store.dropSamples({ key: KEY, revision: 2 }, '1/prod', [2])
    expect(instants(await store.samples(KEY, '1/prod'))).toEqual([1, 2, 3])
    await store.dropSamples({ key: KEY, revision: 1 }, '1/prod', [2, 9])
    expect(await store.samples(KEY, '1/prod')).toEqual([sampleAt(1), sampleAt(3)])
    expect(instants(await store.samples(KEY, '2/prod'))).toEqual([2])
  })
})

/** The same database, with what was asked of it. */
function heard(): { readonly sql: Sql; readonly asked: string[] } {
  const asked: string[] = []
  const listening: Sql = {
    engine: sql.engine,
    rows: async (text, values) => {
      asked.push(text)
      return await sql.rows(text, values)
    },
    script: (text) => sql.script(text),
    transaction: (work) => sql.transaction(work),
    close: async () => {},
  }
  return { sql: listening, asked }
}

const isWhole = (text: string): boolean => text.startsWith('select sample from')

test('a series is read once, however often it is looked at', async () => {
  const { sql: listening, asked } = heard()
  const samples = samplesIn(listening)
  for (let at = 1; at <= 50; at++) {
    await samples.keep(KEY, '1/prod', sampleAt(at, 'é'))
    expect(await samples.read(KEY, '1/prod')).toHaveLength(at)
  }
  expect(asked.filter(isWhole)).toHaveLength(1)
  expect(await samples.read(KEY, '1/prod')).toEqual(await samplesIn(sql).read(KEY, '1/prod'))
})

test('what somebody else kept, kept late, or took away is seen', async () => {
  const [mine, other] = [samplesIn(sql), samplesIn(sql)]
  for (const at of [10, 20]) await mine.keep(KEY, '1/prod', sampleAt(at))
  expect(instants(await mine.read(KEY, '1/prod'))).toEqual([10, 20])
  await other.keep(KEY, '1/prod', sampleAt(30))
  expect(instants(await mine.read(KEY, '1/prod'))).toEqual([10, 20, 30])
  await other.keep(KEY, '1/prod', sampleAt(15))
  expect(instants(await mine.read(KEY, '1/prod'))).toEqual([10, 15, 20, 30])
  await sql.script('delete from conductor.samples where at = 20')
  await other.keep(KEY, '1/prod', sampleAt(12))
  expect(instants(await mine.read(KEY, '1/prod'))).toEqual([10, 12, 15, 30])
})

test('of many series the oldest are forgotten, and read again', async () => {
  const { sql: listening, asked } = heard()
  const samples = samplesIn(listening, 3)
  for (const step of ['1/a', '1/b']) for (const at of [1, 2]) await samples.keep(KEY, step, sampleAt(at))
  for (const step of ['1/a', '1/b', '1/b', '1/a']) expect(await samples.read(KEY, step)).toHaveLength(2)
  expect(asked.filter(isWhole)).toHaveLength(3)
})
