import { describe, expect, test } from 'vitest'
import type { Sample } from '../../../app/release/ports.ts'
import { arms, type Span } from '../../../app/rollout/arms.ts'
import { NOW, samplesOf } from '../../support/release.ts'

const SPAN: Span = { startedAt: NOW, shiftedAt: NOW, now: NOW + 10_000, sampleMs: 1_000 }
const LOOKS = samplesOf(NOW, NOW + 10_000)

function without(samples: readonly Sample[], from: number, to: number): Sample[] {
  return samples.map((sample) => (sample.at > from && sample.at < to ? { ...sample, canary: null } : sample))
}

test('increments since the span began', () => {
  const { whole, step } = arms(LOOKS, SPAN)
  expect(whole).toEqual({ state: 'ok', requests: 1_000, errors: 0, since: NOW, until: NOW + 10_000 })
  expect(step).toEqual(whole)
})

test('what the version served before it got traffic does not count', () => {
  const before = samplesOf(NOW - 5_000, NOW + 10_000)
  expect(arms(before, SPAN).whole.requests).toBe(1_000)
})

test('a step counts from the moment its traffic had moved; the whole goes on counting', () => {
  const { whole, step } = arms(LOOKS, { ...SPAN, shiftedAt: NOW + 6_000 })
  expect([whole.requests, step.requests]).toEqual([1_000, 400])
})

test('counting starts at the last reading before the span, so nothing between two looks is lost', () => {
  expect(arms(LOOKS, { ...SPAN, startedAt: NOW + 500, shiftedAt: NOW + 6_500 }).step.requests).toBe(400)
})

describe('a hole', () => {
  const holed = without(LOOKS, NOW + 1_000, NOW + 8_000)

  test('as long as five looks may be, makes the step begin anew after it', () => {
    expect(arms(holed, SPAN).step).toMatchObject({ state: 'ok', requests: 200 })
  })

  test('hides no error from the whole: a breach is judged over everything', () => {
    const bad = without(samplesOf(NOW, NOW + 10_000, { share: 0.5 }), NOW + 1_000, NOW + 8_000)
    expect(arms(bad, SPAN).whole).toMatchObject({ requests: 1_000, errors: 500 })
  })

  test('shorter than that loses nothing', () => {
    expect(arms(without(LOOKS, NOW + 1_000, NOW + 6_000), SPAN).step).toMatchObject({ state: 'ok', requests: 1_000 })
  })

  test('at the end is silence', () => {
    const silent = LOOKS.filter((sample) => sample.at <= NOW + 4_000)
    expect(arms(silent, SPAN)).toMatchObject({ whole: { state: 'no_data' }, step: { state: 'no_data' } })
    expect(arms(silent, { ...SPAN, now: NOW + 9_000 }).step.state).toBe('ok')
  })
})

test('a restart counts what came since, and never a negative', () => {
  const restarted = LOOKS.map((sample) =>
    sample.at > NOW + 5_000 ? { ...sample, canary: { requests: (sample.at - NOW - 5_000) / 10, errors: 1 } } : sample,
  )
  const { whole } = arms(restarted, SPAN)
  expect(whole).toMatchObject({ requests: 500 + 500, errors: 1 })
})

test('frozen totals are no traffic', () => {
  const frozen = LOOKS.map((sample) => ({ ...sample, canary: { requests: sample.at > NOW + 2_000 ? 200 : (sample.at - NOW) / 10, errors: 0 } }))
  expect(arms(frozen, SPAN).step.state).toBe('frozen')
})

test.each<[string, readonly Sample[]]>([
  ['no sample', []],
  ['one sample', LOOKS.slice(0, 1)],
  ['nothing readable', LOOKS.map((sample) => ({ ...sample, canary: null }))],
  ['not a number', LOOKS.map((sample) => ({ ...sample, canary: { requests: Number.NaN, errors: 0 } }))],
  ['infinite', LOOKS.map((sample) => ({ ...sample, canary: { requests: Number.POSITIVE_INFINITY, errors: 0 } }))],
  ['fewer than none', LOOKS.map((sample) => ({ ...sample, canary: { requests: 10, errors: -1 } }))],
  ['more errors than requests', LOOKS.map((sample) => ({ ...sample, canary: { requests: 10, errors: 11 } }))],
])('%s is no data', (_what, samples) => {
  const { whole, step } = arms(samples, SPAN)
  expect([whole.state, step.state]).toEqual(['no_data', 'no_data'])
  expect([whole.requests, step.requests]).toEqual([0, 0])
})
