import { expect, test } from 'vitest'
import { forecast, trafficOf } from '../../../gates/judge/forecast.ts'
import { Judge } from '../../../gates/judge/judge.ts'
import type { JudgePolicy } from '../../../gates/judge/policy.ts'
import { canary, history, type World } from '../../bench/judge/world.ts'
import { POLICY as DEFAULTS } from '../../support/judge-policy.ts'

const POLICY: JudgePolicy = { ...DEFAULTS, negligible: 0.0001, absence: { errors: 'indeterminate', latency: 'zero' } }
const WORLD: World = { seed: 1, kind: 'iid', traffic: 600, ratio: 9 }
/** 600 canary requests a minute of 6000. */
const SEEN = { perMinute: 6000, rate: 0.001, dispersion: 1 }

test('history tells traffic, errors and how they scatter', () => {
  expect(trafficOf([])).toBeNull()
  const seen = trafficOf([...history({ ...WORLD, ratio: 10 })])
  expect(seen?.perMinute).toBeCloseTo(6000, -1)
  expect(seen?.rate).toBeGreaterThan(0.0009)
  expect(seen?.rate).toBeLessThan(0.0011)
  expect(seen?.dispersion).toBeLessThan(1.2)
  expect(trafficOf([...history({ ...WORLD, kind: 'bursty' })])?.dispersion).toBeGreaterThan(6)
})

test('the judge needs about as long as was foretold', () => {
  const { detectable, certify, decides } = forecast(POLICY, SEEN, 0.1)
  expect(decides).toBe('late')
  const minutesTo = (ratio: number, decision: string, bake: number): number[] =>
    Array.from({ length: 60 }, (_, seed) => {
      const world: World = { ...WORLD, seed: 100 + seed, errors: [0.001, 0.001 * ratio] }
      const judge = new Judge({ ...POLICY, bake, deadline: 1e9 }, [...history(world, 2)])
      for (const tick of canary(world)) if (judge.observe(tick).decision === decision) return tick.t / 60
      return Infinity
    }).toSorted((a, b) => a - b)
  // The smallest rise that is seen within the ten minutes of the bake: nearly all are.
  const found = minutesTo(detectable.bake ?? 0, 'roll_back', 600)
  expect(found.filter((minutes) => minutes <= 10).length).toBeGreaterThan(48)
  expect(found[30]).toBeGreaterThan(2)
  const certified = minutesTo(1, 'advance', 1)
  expect((certify.median ?? 0) / (certified[30] ?? 1)).toBeGreaterThan(0.7)
  expect((certify.median ?? 0) / (certified[30] ?? 1)).toBeLessThan(1.5)
})

test('more traffic sees more, bursts hide, and what cannot decide says so', () => {
  const bake = (of: Partial<typeof SEEN>): number => forecast(POLICY, { ...SEEN, ...of }, 0.1).detectable.bake ?? Infinity
  expect(bake({ perMinute: 60_000 })).toBeLessThan(bake({}))
  expect(bake({ dispersion: 9 })).toBeGreaterThan(bake({}))
  expect(forecast(POLICY, { ...SEEN, perMinute: 60_000 }, 0.1).decides).toBe('in-time')
  const none = forecast(POLICY, { perMinute: 0.1, rate: 0.001, dispersion: 1 }, 0.1)
  expect([none.decides, none.detectable.bake]).toEqual(['never', null])
  expect(none.sentence).toContain('cannot decide')
  // Hardly any error: no ratio, but a rate that is surely negligible.
  expect(forecast({ ...POLICY, negligible: 0.001 }, { ...SEEN, rate: 0 }, 0.1).decides).toBe('in-time')
})
