import { expect, test } from 'vitest'
import { gatherTick } from '../../../app/release/gather.ts'
import type { History, MetricsPort, Sample } from '../../../app/release/ports.ts'
import { historyWords } from '../../../app/release/remembered.ts'
import { READ_BACK } from '../../../evidence/pack/documents.ts'
import { KEY, NOW, recordOf, rolloutOf } from '../../support/release.ts'
import { worldOf } from '../../support/release-ports.ts'

const remembered = (minutes: number): Sample[] =>
  Array.from({ length: minutes }, (_, at) => ({
    at: NOW - (minutes - at) * 60_000,
    canary: null,
    stable: { requests: at * 100, errors: 0 },
    note: READ_BACK,
  }))

/** Looks at a rollout, some times. */
async function looks(answers: (() => History | null) | undefined, times: number, over: Parameters<typeof rolloutOf>[0] = {}) {
  const world = worldOf()
  const asked: (readonly [string, number])[] = []
  const metrics: MetricsPort = {
    sample: async () => ({ at: world.now, canary: null, stable: { requests: world.now, errors: 0 }, note: '' }),
    ...(answers === undefined
      ? {}
      : {
          history: async (source: string, until: number) => {
            asked.push([source, until])
            return answers()
          },
        }),
  }
  const context = { ...world.context, ports: { ...world.ports, metrics } }
  const record = recordOf({ state: 'canary' }, { rollout: rolloutOf(over) })
  let samples: readonly Sample[] = []
  for (let look = 0; look < times; look++) {
    samples = (await gatherTick(context, record)).samples
    world.now += 1_000
  }
  return { asked, samples, kept: await world.store.samples(KEY, '1/prod') }
}

test('before a canary what the source remembers is kept among the samples, once', async () => {
  const { asked, samples, kept } = await looks(() => ({ samples: remembered(30), note: '' }), 3)
  expect(asked).toEqual([['scrape', NOW]])
  expect(samples).toHaveLength(33)
  expect(samples).toEqual(kept)
  expect(samples.map(({ at }) => at)).toEqual(samples.map(({ at }) => at).toSorted((a, b) => a - b))
  expect(historyWords(samples)).toBe("The stable version's 29 minutes before are known from the metrics server.")
})

test('what cannot be read is noted, tried three times, and said', async () => {
  const { asked, samples } = await looks(() => ({ samples: [], note: 'slow: prometheus did not answer' }), 5)
  expect(asked.map(([, until]) => until)).toEqual([NOW, NOW, NOW])
  expect(samples.map(({ note }) => note)).toEqual([...Array.from({ length: 3 }, () => 'history: slow: prometheus did not answer'), '', ''])
  expect(historyWords(samples)).toBe(
    'What was before is not known (slow: prometheus did not answer), so only what is seen from now on teaches how errors scatter.',
  )
})

test.each<[string, (() => History | null) | undefined, Parameters<typeof rolloutOf>[0]]>([
  ['a source that remembers nothing by its nature', () => null, {}],
  ['metrics without a memory', undefined, {}],
  ['a canary that has begun', () => ({ samples: remembered(3), note: '' }), { stage: 'baking', startedAt: NOW, shiftedAt: NOW }],
])('%s is looked at as before', async (_what, answers, over) => {
  const { samples } = await looks(answers, 2, over)
  expect(samples.map(({ note }) => note)).toEqual(['', ''])
  expect(historyWords(samples)).toBe('')
})
