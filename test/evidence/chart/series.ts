/** Series for the tests of pictures: a look a second, numbers that never change. */
import type { RolloutSeries } from '../../../evidence/pack/documents.ts'

const LE = [5, 10, 12.5, 15, 17.5, 20, 25, 30, 40, 50, 75, 100, 250]

export const START = Date.parse('2026-11-25T12:00:00.000Z')

const inside = ([from, to]: [number, number], at: number): boolean => at > from && at < to

/** @param of.canaryGap seconds in which the canary, @param of.gap in which both could not be read */
export function seriesOf(
  of: { readonly share?: number; readonly canaryGap?: [number, number]; readonly gap?: [number, number]; readonly seconds?: number } = {},
): RolloutSeries {
  const { share = 0.002, canaryGap = [0, 0], gap = [0, 0], seconds = 60 } = of
  const samples = Array.from({ length: seconds + 1 }, (_, at) => ({
    at: START + at * 1_000,
    canary: inside(canaryGap, at) || inside(gap, at) ? null : { requests: at * 40, errors: Math.floor(at * 40 * share) },
    stable: inside(gap, at) ? null : { requests: at * 360, errors: Math.floor(at * 0.36) },
    note: '',
  }))
  return {
    schema_version: 1,
    version: 'v2.0.0',
    environment: 'prod',
    step: 10,
    guard: { limit: 0.01, false_alarm: 0.01, miss: 0.05, certify: 2, minimum: 1.25 },
    sample_ms: 1_000,
    moved: [{ step: 10, at: START + 2_000 }],
    judged: {
      at: START + seconds * 1_000,
      decision: share > 0.01 ? 'roll_back' : 'advance',
      code: 'certified',
      sentence: 'Advance: 4 of 2400 canary requests failed (0.17 %; tolerated 1.00 %).',
      metrics: {},
      started_at: START + 2_000,
      shifted_at: START + 2_000,
      bake_until: START + 8_000,
      deadline: START + 92_000,
    },
    samples,
  }
}

/** The example of docs/evidence.md: 10 %, a hole in the canary's data, 50 %, errors, the way back. */
export function exampleSeries(): RolloutSeries {
  const totals = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }
  const times = { canary: { count: LE.map(() => 0), total: 0 }, stable: { count: LE.map(() => 0), total: 0 } }
  let seed = 7
  const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const failed = (requests: number, share: number): number => Math.round(requests * share * (0.6 + 0.8 * chance()))
  /** Most take 10 to 40 ms, a few far longer. */
  const took = (of: { count: number[]; total: number }, requests: number, times: number): void => {
    for (let left = requests; left > 0; left--) {
      const ms = times * (10 + 30 * chance() * chance() + (chance() < 0.04 ? 60 * chance() : 0))
      for (const [at, bound] of LE.entries()) if (ms <= bound) of.count[at] = (of.count[at] ?? 0) + 1
      of.total += 1
    }
  }
  const samples = Array.from({ length: 84 }, (_, at) => {
    const share = at < 4 ? 0 : at < 44 ? 0.1 : 0.5
    const served = 400 + Math.round(40 * chance())
    const canary = Math.round(served * share)
    totals.canary.requests += canary
    totals.canary.errors += failed(canary, at > 60 ? 0.035 : 0.003)
    totals.stable.requests += served - canary
    totals.stable.errors += failed(served - canary, 0.002)
    const unread = at > 20 && at < 33
    took(times.canary, canary, at > 60 ? 1.5 : 1)
    took(times.stable, served - canary, 1)
    const arm = (name: 'canary' | 'stable') => ({ ...totals[name], latency: { le: LE, count: [...times[name].count], total: times[name].total } })
    return { at: START + at * 1_000, canary: unread ? null : arm('canary'), stable: arm('stable'), note: '' }
  })
  const { requests, errors } = totals.canary
  const sentence = `Roll back: ${errors} of ${requests} canary requests failed (${((100 * errors) / requests).toFixed(2)} %; tolerated 1.00 %), which a healthy version does less than once in 100 releases.`
  return {
    ...seriesOf(),
    step: 50,
    moved: [
      { step: 10, at: START + 4_000 },
      { step: 50, at: START + 44_000 },
    ],
    judged: {
      at: START + 83_400,
      decision: 'roll_back',
      code: 'breach',
      sentence,
      metrics: {},
      started_at: START + 4_000,
      shifted_at: START + 44_000,
      bake_until: START + 90_000,
      deadline: START + 900_000,
    },
    samples,
  }
}
