import { expect, test } from 'vitest'
import { foresee } from '../../../app/rollout/foresee.ts'
import type { Sample } from '../../../app/release/ports.ts'
import { NOW, rolloutOf } from '../../support/release.ts'

/** The stable version alone, a look a second. @param rate requests a second @param share of them that fail */
function served(seconds: number, rate: number, share = 0): Sample[] {
  return Array.from({ length: seconds + 1 }, (_, at) => ({
    at: NOW + at * 1_000,
    canary: null,
    stable: { requests: Math.floor(at * rate), errors: Math.floor(at * rate * share) },
    note: '',
  }))
}

const ROLLOUT = rolloutOf()
const MINUTE = 60_000
const RATIOS = { errors: 2, latency: 2 }
const with_ = (deadline: number, step = 10) =>
  rolloutOf({ step, policy: { ...ROLLOUT.policy, bake: { [step]: deadline / 2 }, deadline: { [step]: deadline } } })
const at = (samples: readonly Sample[]): number => samples.at(-1)?.at ?? NOW

test('enough traffic begins, and says what the step will see', () => {
  const samples = served(30, 400, 0.002)
  const found = foresee(samples, with_(30 * MINUTE), at(samples))
  expect(found?.why).toBeNull()
  expect(found?.sentence).toMatch(
    /^Forecast: at 10 % about 2400 requests a minute reach the new version; a healthy one is certified within about 0\.\d+ minutes, and errors \d\.\d times as many as the stable version's are seen by the end of the bake\.$/,
  )
  expect(found?.numbers).toMatchObject({ canary_per_minute: 2400, deadline_minutes: 30, error_rate: expect.closeTo(0.002, 3) as number })
})

test('a step that would end at its deadline whatever the version is does not begin, and says what to do', () => {
  const samples = served(120, 1)
  const found = foresee(samples, with_(10 * MINUTE), at(samples))
  expect(found?.why).toBe(
    'it cannot decide in time: at 10 % about 6 requests a minute reach the new version, a healthy one needs about 25 minutes of that, and its deadline is at 10; give the step more traffic or a later deadline',
  )
  expect(foresee(samples, with_(40 * MINUTE), at(samples))?.why).toBeNull()
  expect(foresee(samples, with_(10 * MINUTE, 50), at(samples))?.why).toBeNull()
})

test('a stable version that fails as often as is tolerated twice over leaves nothing to certify', () => {
  const samples = served(30, 400, 0.03)
  expect(foresee(samples, with_(30 * MINUTE), at(samples))?.why).toMatch(
    /^it cannot decide: .* with 3 % of them failing already the limit of 1 % cannot be certified/,
  )
})

test('no traffic at all cannot decide', () => {
  const samples = served(120, 0)
  expect(foresee(samples, with_(30 * MINUTE), at(samples))?.why).toMatch(/^it cannot decide/)
})

test('with little seen so far the traffic is measured for a minute first', () => {
  const samples = served(20, 1)
  expect(foresee(samples, with_(60 * MINUTE), at(samples))?.why).toBe(
    'its traffic is measured for another 40 s, so that it is known what this step can decide',
  )
  const longer = served(60, 1)
  expect(foresee(longer, with_(60 * MINUTE), at(longer))?.why).toBeNull()
})

test.each<[string, readonly Sample[]]>([
  ['nothing', []],
  ['one reading', served(0, 400)],
  ['nothing of the stable version', served(30, 400).map((sample) => ({ ...sample, stable: null }))],
])('%s says nothing, and keeps nothing', (_what, samples) => {
  expect(foresee(samples, ROLLOUT, at(samples))).toBeNull()
})

test('traffic of an hour ago is not that of now', () => {
  const samples = served(60, 400).map((sample) => ({ ...sample, at: sample.at - 60 * MINUTE }))
  expect(foresee(samples, ROLLOUT, NOW)).toBeNull()
})

const held = (ms: number) => {
  const rollout = with_(30 * MINUTE)
  const compare = {
    minimum: RATIOS,
    certify: RATIOS,
    absence: { errors: 'zero', latency: 'zero' },
    objectives: [{ name: 'fast', target: 0.9, within_ms: ms }],
    warmUp: 0,
  } as const
  return { ...rollout, policy: { ...rollout.policy, compare: { ...compare, objectives: [...compare.objectives] } } }
}

test('an objective about a time that no bucket ends at is told before traffic moves', () => {
  const timed = served(30, 400).map((sample) => ({
    ...sample,
    stable: sample.stable === null ? null : { ...sample.stable, latency: { le: [100, 250], count: [1, 2], total: 2 } },
  }))
  expect(foresee(timed, held(300), at(timed))?.why).toBe(
    'it cannot be held to fast (90 % within 300 ms): the buckets end at 100, 250 ms; give the histogram that bound, or change the objective',
  )
  expect(foresee(timed, held(250), at(timed))?.why).toBeNull()
})

test('at the last step there is no stable version to compare with, and the canary counts as traffic', () => {
  const samples = served(30, 10).map((sample) => ({ ...sample, canary: { requests: sample.stable?.requests ?? 0, errors: 0 } }))
  const found = foresee(samples, with_(30 * MINUTE, 100), at(samples))
  expect(found?.sentence).toBe(
    'Forecast: at 100 % about 1200 requests a minute reach the new version; a healthy one is certified within about 0.12 minutes.',
  )
})
