/** Series for the tests of pictures: a look a second, numbers that never change. */
import type { RolloutSeries } from '../../../evidence/pack/documents.ts'

export const START = Date.parse('2026-11-25T12:00:00.000Z')

/** @param of.missing seconds in which the canary, or both, could not be read */
export function seriesOf(
  of: { readonly share?: number; readonly canaryGap?: [number, number]; readonly gap?: [number, number]; readonly seconds?: number } = {},
): RolloutSeries {
  const { share = 0.002, canaryGap = [0, 0], gap = [0, 0], seconds = 60 } = of
  const inside = ([from, to]: [number, number], at: number): boolean => at > from && at < to
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
    guard: { limit: 0.01, false_alarm: 0.01, miss: 0.05, certify: 2 },
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
