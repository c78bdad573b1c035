import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compared, quantile, upperTail, type Times } from '../../../agents/performance/perf-engineer.compare.ts'

/** Minimal standard, so that a failure comes again. */
function random(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

/** Requests of a service whose answers spread as those of services do. @param tail share that takes ten times as long */
function sample(next: () => number, n: number, scale = 1, tail = 0): Times {
  const counts = new Map<number, number>()
  for (let at = 0; at < n; at++) {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
    const ms = 20 * scale * Math.exp(0.4 * normal) * (next() < tail ? 10 : 1)
    const bound = Number((1.01 ** Math.ceil(Math.log(ms) / Math.log(1.01))).toPrecision(6))
    counts.set(bound, (counts.get(bound) ?? 0) + 1)
  }
  const sorted = [...counts].toSorted(([a], [b]) => a - b)
  return { le: sorted.map(([le]) => le), count: sorted.map(([, count]) => count) }
}

const ROUNDS = 200
const alarms = (scale: number, tail = 0, ratio = 1.25) => {
  const next = random(7)
  let whole = 0
  let tails = 0
  for (let round = 0; round < ROUNDS; round++) {
    const [first, ...more] = compared(sample(next, 1000, scale, tail), sample(next, 1000), ratio)
    if ((first?.chance ?? 1) < 0.01 / 3) whole += 1
    if (more.some(({ chance }) => chance < 0.01 / 3)) tails += 1
  }
  return { whole: whole / ROUNDS, tails: tails / ROUNDS }
}

test('two runs of the same service are called slower as seldom as was asked, and seldomer yet', () => {
  expect(alarms(1)).toEqual({ whole: 0, tails: 0 })
  const exact = alarms(1.25)
  expect(exact.whole).toBeLessThanOrEqual(0.015)
  expect(exact.tails).toBeLessThanOrEqual(0.03)
})

test('one that is slower than the ratio is found, as a whole or in its tail alone', () => {
  expect(alarms(1.5).whole).toBeGreaterThan(0.99)
  const tailed = alarms(1, 0.04)
  expect(tailed.tails).toBeGreaterThan(0.95)
  expect(tailed.whole).toBe(0)
})

const mean = ({ le, count }: Times) => le.reduce((sum, bound, at) => sum + bound * (count[at] ?? 0), 0) / count.reduce((sum, one) => sum + one, 0)

test('two means would not have told: a tail of one in fifty moves the mean by a fifth', () => {
  const next = random(3)
  const [healthy, tailed] = [sample(next, 20_000), sample(next, 20_000, 1, 0.02)]
  expect(mean(tailed) / mean(healthy)).toBeLessThan(1.25)
  expect(Math.min(...compared(tailed, healthy, 1.25).map(({ chance }) => chance))).toBeLessThan(1e-6)
})

const times = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 30 }).chain((le) =>
  fc.record({
    le: fc.constant(le.toSorted((a, b) => a - b)),
    count: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: le.length, maxLength: le.length }),
  }),
)

test('a quantile is a time that was seen, rises with its share, and knows those who never came back', () => {
  fc.assert(
    fc.property(times, fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }), (of, a, b) => {
      const [low, high] = [quantile(of, Math.min(a, b)), quantile(of, Math.max(a, b))]
      expect(of.le).toContain(low)
      expect(low).toBeLessThanOrEqual(high)
    }),
  )
  expect(quantile({ le: [10], count: [99] }, 0.99, 1)).toBe(10)
  expect(quantile({ le: [10], count: [98] }, 0.99, 2)).toBe(Number.POSITIVE_INFINITY)
})

test('nothing compared with nothing is no regression', () => {
  const none = { le: [], count: [] }
  expect(compared(none, none, 1.25).every(({ chance }) => chance === 1)).toBe(true)
})

test.each([
  [0, 0.5],
  [1.644854, 0.05],
  [2.326348, 0.01],
  [-1.644854, 0.95],
])('upperTail(%f) = %f', (z, share) => {
  expect(upperTail(z)).toBeCloseTo(share, 6)
})
