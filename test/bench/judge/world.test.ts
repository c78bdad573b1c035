import { describe, expect, test } from 'vitest'
import type { Arm, Tick } from '../../../gates/judge/tick.ts'
import { Draws } from './random.ts'
import { canary, HEALTHY, history, normalCdf, TICK_S, type World } from './world.ts'

const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1)

function ticks(of: Partial<World>): readonly Tick[] {
  return SEEDS.flatMap((seed) => [...canary({ seed, kind: 'iid', traffic: 6000, ratio: 1, ...of })])
}

function share(all: readonly Tick[], arm: 'canary' | 'baseline'): number {
  const sum = (field: 'requests' | 'errors') => all.reduce((total, tick) => total + (tick[arm]?.[field] ?? 0), 0)
  return sum('errors') / sum('requests')
}

/** Variance over mean of errors by tick: 1 when they come alone. */
function dispersion(all: readonly Tick[]): number {
  const errors = all.map(({ canary }) => canary?.errors ?? 0)
  const mean = errors.reduce((sum, value) => sum + value, 0) / errors.length
  return errors.reduce((sum, value) => sum + (value - mean) ** 2, 0) / errors.length / mean
}

/** Of ten thousand requests of which twenty times 0.1 % fail. */
const many = (arm: Arm | null): boolean => (arm?.errors ?? 0) > 80

/** Share of requests that took longer. */
function beyond(all: readonly Tick[], arm: 'canary' | 'baseline', ms: number): number {
  let [n, k] = [0, 0]
  for (const tick of all) {
    const latency = tick[arm]?.latency
    for (const [at, value] of (latency?.buckets ?? []).entries()) {
      n += value
      if ((latency?.le[at] ?? Infinity) > ms) k += value
    }
  }
  return k / n
}

/** Of its history. */
function past(of: World): number {
  return dispersion([...history(of)].map((tick) => ({ ...tick, canary: tick.baseline })))
}

function mean(draw: () => number): number {
  return Array.from({ length: 20_000 }, draw).reduce((sum, value) => sum + value, 0) / 20_000
}

test.each(HEALTHY)('%s: the same seed tells the same story, another one another', (kind) => {
  const tell = (seed: number) => JSON.stringify([...canary({ seed, kind, traffic: 600, ratio: 9, latency: { factor: 1, slowShare: 0 }, minutes: 5 })])
  expect(tell(7)).toBe(tell(7))
  expect(tell(7)).not.toBe(tell(8))
})

test('an hour has 360 ticks, as much traffic as was asked for, and as much more of the stable version', () => {
  const all = [...canary({ seed: 1, kind: 'iid', traffic: 600, ratio: 9 })]
  expect(all.map(({ t }) => t)).toEqual(Array.from({ length: 360 }, (_, at) => (at + 1) * TICK_S))
  expect(all.every(({ canary, baseline }) => canary?.requests === 100 && baseline?.requests === 900)).toBe(true)
  const few = [...canary({ seed: 1, kind: 'low traffic', traffic: 30, ratio: 1, minutes: 60 })]
  expect(few.reduce((sum, { canary }) => sum + (canary?.requests ?? 0), 0)).toBe(1800)
})

describe('errors', () => {
  test('fail as often as was asked for', () => {
    const all = ticks({ errors: [0.001, 0.005] })
    expect(share(all, 'baseline')).toBeCloseTo(0.001, 4)
    expect(share(all, 'canary')).toBeCloseTo(0.005, 4)
  })

  test('bursts keep the mean and come in clusters of five', () => {
    const all = ticks({ kind: 'bursty' })
    expect(share(all, 'canary')).toBeCloseTo(0.001, 4)
    expect(share(all, 'baseline')).toBeCloseTo(0.001, 4)
    // Of a geometric size with mean 5: 2 * 5 - 1.
    expect(dispersion(all)).toBeGreaterThan(8)
    expect(dispersion(all)).toBeLessThan(10)
    expect(dispersion(ticks({}))).toBeCloseTo(1, 1)
  })

  test.each([
    ['shared incident', 0.001 * (1 + 19 * 0.05), 'canary'],
    ['shared incident', 0.001 * (1 + 19 * 0.05), 'baseline'],
    ['bad stable replica', 0.001, 'canary'],
    ['bad stable replica', 0.001 * 5.9, 'baseline'],
    ['deploy warm-up', 0.001 * (1 + 29 / 30), 'canary'],
    ['deploy warm-up', 0.001, 'baseline'],
  ] as const)('%s: %d of the %s', (kind, rate, arm) => {
    const found = share(ticks({ kind }), arm)
    expect(found / rate).toBeGreaterThan(0.95)
    expect(found / rate).toBeLessThan(1.05)
  })

  test('an incident is of three minutes, and of both', () => {
    const all = [...canary({ seed: 3, kind: 'shared incident', traffic: 60_000, ratio: 1 })]
    expect(all.filter(({ canary }) => many(canary))).toHaveLength(18)
    expect(all.every(({ canary, baseline }) => many(canary) === many(baseline))).toBe(true)
  })
})

describe('latency', () => {
  const slowShare = 0.01

  test('is lognormal with a median of 100 ms, and the canary as many times as long', () => {
    const all = ticks({ latency: { factor: 1.25, slowShare: 0 }, traffic: 600 })
    expect(beyond(all, 'baseline', 100)).toBeCloseTo(0.5, 2)
    expect(beyond(all, 'canary', 125)).toBeCloseTo(0.5, 2)
    expect(beyond(all, 'baseline', 400)).toBeCloseTo(1 - normalCdf(Math.log(4) / 0.6), 3)
  })

  test('a hundredth takes a second longer', () => {
    const all = ticks({ latency: { factor: 1, slowShare }, traffic: 600 })
    expect(beyond(all, 'canary', 1000)).toBeCloseTo(slowShare, 3)
    expect(beyond(all, 'baseline', 1000)).toBeCloseTo(0, 3)
  })
})

test('a history is of the stable version, ends before the canary begins, and can be calmer than it', () => {
  const world = { seed: 1, kind: 'bursty', traffic: 6000, ratio: 1 } as const
  const all = [...history(world)]
  expect(all).toHaveLength(2160)
  expect([all[0]?.t, all.at(-1)?.t]).toEqual([-21_600, -TICK_S])
  expect(all.every(({ canary }) => canary === null)).toBe(true)
  expect(past(world)).toBeGreaterThan(7)
  expect(past({ ...world, calmHistory: true })).toBeLessThan(1.2)
})

describe('draws', () => {
  test.each([
    ['uniform', (draws: Draws) => draws.uniform(), 0.5],
    ['normal', (draws: Draws) => draws.normal() + 1, 1],
    ['poisson, few', (draws: Draws) => draws.poisson(3), 3],
    ['poisson, many', (draws: Draws) => draws.poisson(300), 300],
    ['binomial, few', (draws: Draws) => draws.binomial(100, 0.02), 2],
    ['binomial, many', (draws: Draws) => draws.binomial(1000, 0.9), 900],
    ['geometric', (draws: Draws) => draws.geometric(5), 5],
  ])('%s', (_, draw, expected) => {
    const draws = new Draws(5)
    expect(mean(() => draw(draws)) / expected).toBeCloseTo(1, 1)
  })
})
