import { expect, test } from 'vitest'
import { armOf, type ChartSample } from '../../../evidence/chart/intervals.ts'

const of = (requests: number, errors = 0): { requests: number; errors: number } => ({ requests, errors })
const canary = (...readings: readonly ChartSample['canary'][]): ChartSample[] =>
  readings.map((reading, at) => ({ at: at * 1_000, canary: reading, stable: null }))
const arm = (samples: readonly ChartSample[], columns = 100, to = (samples.length - 1) * 1_000) =>
  armOf(samples, 'canary', { from: 0, to, columns, silenceMs: 2_000 })

test('increments between readings are what was served then', () => {
  const { runs, gaps, requests, errors, resets } = arm(canary(of(0), of(100, 1), of(150, 1)))
  expect(runs).toEqual([
    [
      { from: 0, to: 1_000, rate: 100, share: 0.01, requests: 100, errors: 1, latency: null },
      { from: 1_000, to: 2_000, rate: 50, share: 0, requests: 50, errors: 0, latency: null },
    ],
  ])
  expect([gaps, requests, errors, resets]).toEqual([[], 150, 1, 0])
})

test('columns gather neighbours, and lose nothing', () => {
  const { runs } = arm(canary(of(0), of(10), of(20, 5), of(40, 5), of(60, 5)), 2)
  expect(runs).toEqual([
    [
      { from: 0, to: 2_000, rate: 10, share: 0.25, requests: 20, errors: 5, latency: null },
      { from: 2_000, to: 4_000, rate: 20, share: 0, requests: 40, errors: 0, latency: null },
    ],
  ])
})

test('without a request there is no share, and it is no zero', () => {
  expect(arm(canary(of(5), of(5))).runs).toEqual([[{ from: 0, to: 1_000, rate: 0, share: null, requests: 0, errors: 0, latency: null }]])
})

test('readings that are too far apart leave a gap; one that was only missed does not', () => {
  const missed = arm(canary(of(0), null, of(20)))
  expect([missed.gaps, missed.runs.flat().length]).toEqual([[], 1])
  const { runs, gaps, requests } = arm(canary(of(0), of(10), null, null, null, of(50), of(60)))
  expect(gaps).toEqual([{ from: 1_000, to: 5_000 }])
  expect(runs.map((run) => run.map(({ from, to }) => [from, to]))).toEqual([[[0, 1_000]], [[5_000, 6_000]]])
  expect(requests).toBe(60)
})

test('silence before the first and after the last reading is a gap too', () => {
  const samples = canary(null, null, null, null, of(1), of(2))
  expect(arm(samples).gaps).toEqual([{ from: 0, to: 4_000 }])
  expect(arm(samples, 100, 9_000).gaps.at(-1)).toEqual({ from: 5_000, to: 9_000 })
  expect(arm(canary(null, null, null, null)).gaps).toEqual([{ from: 0, to: 3_000 }])
})

test('a counter that fell was restarted: what it shows was counted since', () => {
  expect(arm(canary(of(100), of(110), of(7, 1), of(9, 1)))).toMatchObject({ requests: 19, errors: 1, resets: 1 })
})

test('latency is that of the requests between readings, and of a column when all of it was told', () => {
  const timed = (requests: number, fast: number) => ({ ...of(requests), latency: { le: [100], count: [fast], total: requests } })
  const told = arm(canary(timed(0, 0), timed(10, 9), timed(20, 15)), 1)
  expect(told.runs.flat().map(({ latency }) => latency)).toEqual([{ le: [100], count: [15], total: 20 }])
  const partly = arm(canary(timed(0, 0), timed(10, 9), { ...of(20), latency: null }))
  expect(partly.runs.flat().map(({ latency }) => latency?.total ?? null)).toEqual([10, null])
  expect(arm(canary(timed(10, 9), timed(2, 2))).runs.flat()[0]?.latency).toBeNull()
})
