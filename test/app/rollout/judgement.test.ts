import { expect, test } from 'vitest'
import { judgementOf, type Told } from '../../../app/rollout/judgement.ts'
import type { Sample } from '../../../app/release/ports.ts'
import { NOW } from '../../support/release.ts'

const policy = { limit: 0.01, falseAlarm: 0.01, miss: 0.05, certify: 2, minimum: 1.25 }

/** Readings once a second of 40 canary and 360 stable requests; errors by second. */
function told(seconds: number, canary: (second: number) => number, stable: (second: number) => number): Told {
  const samples: Sample[] = []
  const totals = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }
  for (let second = 0; second <= seconds; second++) {
    samples.push({ at: NOW + second * 1_000, canary: { ...totals.canary }, stable: { ...totals.stable }, note: '' })
    totals.canary.requests += 40
    totals.canary.errors += canary(second)
    totals.stable.requests += 360
    totals.stable.errors += stable(second)
  }
  const now = NOW + seconds * 1_000
  return { policy, samples, startedAt: NOW, shiftedAt: NOW, now, sampleMs: 1_000, bakeUntil: NOW + 600_000, deadline: NOW + 900_000 }
}
const every =
  (count: number) =>
  (second: number): number =>
    second % count === 0 ? 1 : 0

/** The stable version's counter starts again after a minute. */
function reset(of: Told): Told {
  const half = of.samples[60]?.stable ?? { requests: 0, errors: 0 }
  const anew = (stable: Sample['stable']): Sample['stable'] =>
    stable === null ? null : { requests: stable.requests - half.requests, errors: stable.errors - half.errors }
  return { ...of, samples: of.samples.map((sample, at) => (at < 60 ? sample : { ...sample, stable: anew(sample.stable) })) }
}

test('a canary that keeps the guard and is worse than the stable version goes back, with the numbers of both', () => {
  const answer = judgementOf(told(120, every(4), () => 0))
  expect(answer).toMatchObject({ decision: 'roll_back', code: 'worse' })
  expect(answer.sentence).toMatch(/^Roll back: 0\.6\d+ % of canary requests failed against 0 %.*less than once in 200 releases\.$/)
})

test('its healthy twin, and one whose stable version fails as often, stay', () => {
  expect(
    judgementOf(
      told(
        120,
        () => 0,
        () => 0,
      ),
    ).decision,
  ).toBe('hold')
  expect(judgementOf(told(120, every(4), (second) => (second % 4 === 0 ? 9 : 0))).decision).toBe('hold')
})

test('the guard is absolute: what both suffer goes back as well', () => {
  expect(
    judgementOf(
      told(
        60,
        () => 4,
        () => 36,
      ),
    ).code,
  ).toBe('breach')
})

test('the stretch in which a counter was reset says nothing, and the rest still does', () => {
  expect(judgementOf(reset(told(120, every(4), () => 0))).code).toBe('worse')
  expect(
    judgementOf(
      reset(
        told(
          120,
          () => 0,
          () => 0,
        ),
      ),
    ).decision,
  ).toBe('hold')
})

test('without readings of the stable version nothing is compared', () => {
  const of = told(120, every(4), () => 0)
  expect(judgementOf({ ...of, samples: of.samples.map((sample) => ({ ...sample, stable: null })) }).decision).toBe('hold')
})
