/** Planted faults of benchmarker: releases that keep their headroom, and the same going down. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { given as loaded, policyOf } from '../performance/capacity-oracle.faults.ts'

type Needs = 'load' | 'trend' | 'policy'

/** @param headrooms of the releases before, oldest first */
export function before(...headrooms: readonly number[]): Inputs['trend'] {
  const entries = headrooms.map((headroom, at) => ({
    head: String(at % 10).repeat(40),
    at: `2025-12-0${(at % 9) + 1}T12:00:00.000Z`,
    headroom,
    capacity: 400,
    hour_usd: null,
  }))
  const text = JSON.stringify({ schema_version: 1, target: 0.2, entries, change: null })
  return { base: 'a'.repeat(40), path: 'perf/trend.json', file: { path: 'perf/trend.json', text, why: null } }
}

function red(catches: string, rule: string, trend: Inputs['trend']): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { load: loaded(), trend, policy: policyOf() }, rules: [rule] }
}

function green(catches: string, trend: Inputs['trend']): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { load: loaded(), trend, policy: policyOf() } }
}

/** This release has 22 % left. */
export const planted: readonly PlantedInput<Needs>[] = [
  green('three-release decline', before(0.22, 0.23, 0.22)),
  red('three-release decline', 'trend.decline', before(0.4, 0.35, 0.3)),
  green('three-release decline', before(0.4, 0.21)),
  green('three-release decline', before(0.3)),
  green('three-release decline', { base: 'a'.repeat(40), path: 'perf/trend.json', file: null }),
  red('a trend that says nothing', 'trend.unread', {
    base: 'a'.repeat(40),
    path: 'perf/trend.json',
    file: { path: 'perf/trend.json', text: '[]', why: null },
  }),
  green('a trend that says nothing', before()),
]
