import { expect, test } from 'vitest'
import type { Sample } from '../../../app/release/ports.ts'
import { seriesOf } from '../../../app/release/series.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { look } from '../../../app/rollout/judged.ts'
import { judgementOf, type Comparison } from '../../../app/rollout/judgement.ts'
import { spareSamples } from '../../../app/rollout/spare.ts'
import { NOW, rolloutOf, samplesOf, SETTINGS } from '../../support/release.ts'

const MINUTE = 60_000
const THREE_DAYS = 3 * 24 * 60 * MINUTE
const ADVANCED = NOW + 8_000
const COMPARED: Comparison = {
  minimum: { errors: 1.5, latency: 1.3 },
  certify: { errors: 3, latency: 2 },
  absence: { errors: 'indeterminate', latency: 'zero' },
  objectives: [],
  warmUp: 0,
}

function waiting(over: Partial<Rollout> = {}): Rollout {
  const judged = { step: 10, at: ADVANCED, seen: ADVANCED, decision: 'advance', code: 'certified', sentence: 'Advance.', metrics: {} } as const
  const times = { startedAt: NOW, shiftedAt: NOW, bakeUntil: NOW + 6_000, deadline: NOW + 90_000, sampleMs: 1_000 }
  const policy = { ...rolloutOf().policy, compare: { ...COMPARED, objectives: [] } }
  return rolloutOf({ stage: 'waiting', since: ADVANCED, startedAt: NOW, shiftedAt: NOW, policy, judged: [{ ...judged, ...times }], ...over })
}

/** Looks go on; what is spare goes each minute. */
function lived(rollout: Rollout, samples: readonly Sample[], from = 0): { readonly kept: readonly Sample[]; readonly most: number } {
  let kept: readonly Sample[] = samples.slice(0, from)
  let most = 0
  for (let at = from; at < samples.length; at += 60) {
    kept = [...kept, ...samples.slice(at, at + 60)]
    most = Math.max(most, kept.length)
    kept = without(kept, spareSamples(rollout, kept, kept.at(-1)?.at ?? 0))
  }
  return { kept, most }
}

function without(samples: readonly Sample[], instants: readonly number[]): readonly Sample[] {
  const gone = new Set(instants)
  return samples.filter(({ at }) => !gone.has(at))
}

const facts = (samples: readonly Sample[], now: number) => ({ now, full: null, outbox: new Map(), samples, settings: SETTINGS })

test('a canary that waits for three days keeps less than two thousand of a quarter of a million looks, and no request is lost', () => {
  const all = samplesOf(NOW, NOW + THREE_DAYS)
  const { kept, most } = lived(waiting(), all)
  expect(all).toHaveLength(259_201)
  expect(most).toBeLessThan(2_500)
  expect(kept.length).toBeLessThan(2_000)
  expect(kept.filter(({ at }) => at <= ADVANCED)).toEqual(all.filter(({ at }) => at <= ADVANCED))
  const close = NOW + THREE_DAYS - 600_000
  expect(kept.filter(({ at }) => at >= close)).toEqual(all.filter(({ at }) => at >= close))
  const { code, sentence } = look(facts(kept, NOW + THREE_DAYS), waiting())
  expect(code).toBe('certified')
  expect(sentence).toContain('0 of 25920000 canary requests failed')
})

test('a canary that waits and turns bad goes home as soon, and what it was said from comes out the same after more looks', () => {
  const turned = NOW + 40 * MINUTE
  const healthy = samplesOf(NOW, turned)
  const { kept } = lived(waiting(), healthy)
  expect(kept.length).toBeLessThan(800)
  const bad = samplesOf(turned, turned + 10_000, { share: 0.3 }).map((sample) => ({ ...sample, canary: later(sample, healthy.at(-1)) }))
  const ends = (before: readonly Sample[]): number =>
    bad.findIndex(({ at }, nth) => look(facts([...before, ...bad.slice(1, nth + 1)], at), waiting()).code === 'breach')
  const told = ends(kept)
  expect(told).toBeGreaterThan(0)
  expect(told).toBe(ends(healthy))
  const seen = [...kept, ...bad.slice(1, told + 1)]
  const { judged, sentence, metrics } = look(facts(seen, bad[told]?.at ?? 0), waiting())
  const home = waiting({ stage: 'withdrawing', judged: [...waiting().judged, judged] })
  const rest = samplesOf(judged.at + 1_000, judged.at + 60 * MINUTE)
  const after = lived(home, [...seen, ...rest], seen.length).kept
  expect(after.length).toBeLessThan(seen.length + rest.length)
  const series = seriesOf('v2.0.0', home, 10, after)
  expect(series.samples.map(({ at }) => at)).toEqual(seen.map(({ at }) => at))
  const { at: now, startedAt, shiftedAt, bakeUntil, deadline, sampleMs } = judged
  const again = { policy: home.policy.guard, comparison: COMPARED, percent: 10, now, startedAt, shiftedAt, bakeUntil, deadline, sampleMs }
  expect(judgementOf({ ...again, samples: series.samples })).toMatchObject({ code: 'breach', sentence, metrics })
})

function later({ canary, stable }: Sample, before: Sample | undefined): Sample['canary'] {
  const { requests = 0, errors = 0 } = before?.canary ?? {}
  return canary === null || stable === null ? null : { requests: requests + canary.requests, errors: errors + canary.errors }
}

const hours = (count: number): readonly Sample[] => samplesOf(NOW, NOW + count * 60 * MINUTE)

test.each<[string, Partial<Rollout>, number]>([
  ['a step that bakes keeps all of its looks', { stage: 'baking', judged: [] }, 4],
  ['a canary that has not begun keeps all', { startedAt: null, shiftedAt: null }, 4],
])('%s', (_what, over, count) => {
  expect(spareSamples(waiting(over), hours(count), NOW + count * 60 * MINUTE)).toEqual([])
})

test('a way back that was refused may last, too', () => {
  const refused = { at: NOW, code: 'rollback.schema-outside', why: 'x' } as unknown as NonNullable<Rollout['refused']>
  expect(spareSamples(waiting({ stage: 'baking', refused }), hours(1), NOW + 60 * MINUTE).length).toBeGreaterThan(2_000)
})

test('of a slot what says most is kept, and both sides of a fall; what is left is left', () => {
  const samples = hours(1).map((sample, at) => (at % 30 > 20 ? { ...sample, canary: null } : sample))
  const fallen = samples.map((sample, at) =>
    at < 1_000 || sample.canary === null ? sample : { ...sample, canary: { requests: at - 1_000, errors: 0 } },
  )
  const now = NOW + 60 * MINUTE
  const kept = without(fallen, spareSamples(waiting(), fallen, now))
  const long = kept.filter(({ at }) => at > ADVANCED && at < now - 11 * MINUTE)
  expect(long.length).toBeLessThan(120)
  expect(long.filter(({ canary }) => canary === null)).toEqual([])
  expect(kept.flatMap(({ at }) => (Math.abs(at - NOW - 999_500) < 1_000 ? [at - NOW] : []))).toEqual([999_000, 1_000_000])
  const [first] = samplesOf(now + 1_000, now + 1_000)
  expect(spareSamples(waiting(), first === undefined ? kept : [...kept, first], now + 1_000)).toEqual([])
})
