import { expect, test } from 'vitest'
import * as fc from 'fast-check'
import { historyOf, ticksOf } from '../../../app/rollout/ticks.ts'
import type { Reading, Sample } from '../../../app/release/ports.ts'

const reading = (requests: number, errors = 0, count?: number): Reading => ({
  requests,
  errors,
  ...(count === undefined ? {} : { latency: { le: [100], count: [count], total: requests } }),
})
const sample = (second: number, canary: Reading | null, stable: Reading | null): Sample => ({ at: second * 1_000, canary, stable, note: '' })
const partly = (requests: number, count: number, total: number): Reading => ({ requests, errors: 0, latency: { le: [100], count: [count], total } })
const steady = (seconds: number): Sample[] =>
  Array.from({ length: seconds + 1 }, (_, at) => sample(at, reading(10 * at, at, 7 * at), reading(90 * at, 0, 80 * at)))

test('looks are gathered to ticks of five seconds, and the last is as long as it is', () => {
  expect(ticksOf(steady(12), 0).map(({ t, canary, baseline }) => [t, canary?.requests, canary?.errors, baseline?.requests])).toEqual([
    [5, 50, 5, 450],
    [10, 50, 5, 450],
    [12, 20, 2, 180],
  ])
  expect(ticksOf(steady(12), 0)[0]?.canary?.latency).toEqual({ le: [100], buckets: [35, 15] })
})

test('what was before the start is not told, but for the reading that counting starts from', () => {
  expect(ticksOf(steady(12), 6_500).map(({ t, canary }) => [t, canary?.requests])).toEqual([
    [11, 50],
    [12, 10],
  ])
  expect(ticksOf([], 0)).toEqual([])
  expect(ticksOf(steady(0), 0)).toEqual([])
})

test('a hole is a hole, as long as itself', () => {
  const holed = steady(10).map((each) => (each.at === 7_000 ? { ...each, canary: null } : each))
  expect(ticksOf(holed, 0).map(({ t, canary, baseline }) => [t, canary?.requests ?? null, baseline?.requests])).toEqual([
    [5, 50, 450],
    [6, 10, 90],
    [8, null, 180],
    [10, 20, 180],
  ])
})

test('a restart within a tick costs its own stretch, and is no count', () => {
  const restarted = steady(5).map((each) => (each.at < 3_000 ? each : { ...each, canary: reading((each.at / 1_000 - 2.5) * 200, 9) }))
  expect(ticksOf(restarted, 0).map(({ t, canary }) => [t, canary?.requests ?? null])).toEqual([
    [2, 20],
    [5, 480],
  ])
  const fell = steady(5).map((each) => (each.at < 3_000 ? each : { ...each, canary: reading(each.at / 1_000) }))
  expect(ticksOf(fell, 0).map(({ t, canary }) => [t, canary?.requests ?? null])).toEqual([
    [2, 20],
    [3, null],
    [5, 2],
  ])
})

test('a latency that is missing, has other bounds or falls is none; the counts stay', () => {
  const other: Reading = { requests: 30, errors: 0, latency: { le: [200], count: [9], total: 30 } }
  const less: Reading = { requests: 30, errors: 0, latency: { le: [100], count: [1], total: 30 } }
  for (const last of [reading(30), { ...reading(30), latency: null }, other, less]) {
    const [tick] = ticksOf([sample(0, reading(20, 0, 14), null), sample(1, last, null)], 0)
    expect(tick?.canary).toEqual({ requests: 10, errors: 0, latency: null })
  }
})

test('the histogram counts its own requests, which may be fewer than those of the counter', () => {
  expect(ticksOf([sample(0, partly(0, 0, 0), null), sample(1, partly(10, 5, 8), null)], 0)[0]?.canary?.latency).toEqual({
    le: [100],
    buckets: [5, 3],
  })
})

test('history is the stable version before the canary, when it is five minutes long or more', () => {
  const ticks = historyOf(steady(400), 301_000)
  expect(ticks.map(({ canary, baseline }) => [canary, baseline?.requests]).slice(-2)).toEqual([
    [null, 450],
    [null, 90],
  ])
  expect(ticks.at(-1)?.t).toBe(301)
  expect(historyOf(steady(400), 299_000)).toEqual([])
})

test('whatever happens, no request is told twice, and none that both readings have is lost', () => {
  const Step = fc.record({ more: fc.nat({ max: 50 }), lost: fc.boolean() })
  fc.assert(
    fc.property(fc.array(Step, { minLength: 2, maxLength: 60 }), (steps) => {
      let total = 0
      const samples = steps.map(({ more, lost }, at) => {
        total += more
        return sample(at, lost ? null : reading(total), null)
      })
      const told = ticksOf(samples, 0).reduce((sum, { canary }) => sum + (canary?.requests ?? 0), 0)
      const seen = samples.reduce((sum, { canary }, at) => {
        const before = samples[at - 1]?.canary
        return canary === null || before == null ? sum : sum + canary.requests - before.requests
      }, 0)
      expect(told).toBe(seen)
    }),
  )
})
