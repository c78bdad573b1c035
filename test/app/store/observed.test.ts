import { expect, test } from 'vitest'
import { observed } from '../../../app/store/observed.ts'
import type { Sample } from '../../../app/release/ports.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { KEY, recordOf } from '../../support/release.ts'

const clock = { now: () => 1_000 }
const sample = (at: number): Sample => ({ at, canary: { requests: at, errors: 0 }, stable: null, note: '' })

test('observers hear of every record, of changes that were taken and of no others; the store answers as before', async () => {
  const heard: string[] = []
  const store = observed(new MemoryStore(clock), [
    {
      seen: (record) => void heard.push(`seen ${record.revision}`),
      committed: (change) => void heard.push(`committed ${change.release.revision}`),
      outbox: (key, rows) => void heard.push(`outbox ${key} ${rows.length}`),
      samples: (_key, series, samples) => void heard.push(`samples ${series} ${samples.length}`),
    },
    {},
  ])
  const lease = await store.lease('release/x', 'a', 1_000, 1_000)
  if (lease === null) throw new Error('no lease')
  const change = { release: recordOf({ dueAt: 5 }), expected: null, lease, intents: [], events: [], verdicts: [] }
  expect(await store.commit(change)).toBe(true)
  expect(await store.commit(change)).toBe(false)
  expect((await store.release(KEY))?.key).toBe(KEY)
  expect(await store.release('other')).toBeNull()
  for (const list of [await store.openReleases(), await store.releasesOf(7), await store.due(9)]) expect(list).toHaveLength(1)
  await store.outbox(KEY)
  await store.keepSample(KEY, 's', sample(1))
  await store.samples(KEY, 's')
  expect(heard).toEqual(['seen 1', 'committed 1', 'seen 1', 'seen 1', 'seen 1', 'seen 1', `outbox ${KEY} 0`, 'samples s 1'])
})

test('looks that could not be kept are kept before the next one', async () => {
  const truth = new MemoryStore(clock)
  const store = observed(truth, [{ unkept: (_key, series) => (series === 's' ? [sample(1), sample(2)] : []) }])
  await store.keepSample(KEY, 's', sample(3))
  await store.keepSample(KEY, 'other', sample(4))
  expect((await truth.samples(KEY, 's')).map(({ at }) => at)).toEqual([1, 2, 3])
  expect((await truth.samples(KEY, 'other')).map(({ at }) => at)).toEqual([4])
})
