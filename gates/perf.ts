import { PerfPolicy } from '../evidence/model/config/perf.ts'
import { milliseconds } from '../evidence/model/primitives.ts'
import { gate } from './gate.ts'
import type { Limits } from './gate.ts'
import { plantedPerf } from './perf.planted.ts'
import { judgeMeasured, type TopicRules } from './measured-topics.ts'

/** Written out: a number between two decimals is no number of a threshold. */
const number = (value: number): string => value.toFixed(6).replace(/\.?0+$/, '')

function loadRules({ limits, min_requests: least }: PerfPolicy): TopicRules {
  return {
    thresholds: {
      answered: `>=${least}`,
      spike_due: '>0',
      ...(limits.p50 !== undefined && { p50_ms: `<=${milliseconds(limits.p50)}` }),
      p95_ms: `<=${milliseconds(limits.p95)}`,
      p99_ms: `<=${milliseconds(limits.p99)}`,
      error_share: `<=${number(limits.errors)}`,
      spike_error_share: `<=${number(limits.errors)}`,
      errors: '=0',
    },
    codes: {
      'load.over-limit': 'perf.over-limit',
      'load.omission': 'perf.over-limit',
      'load.errors': 'perf.errors',
      'load.slower': 'perf.regression',
      'load.tail-slower': 'perf.regression',
    },
    other: 'perf.no-data',
    blind: ['perf.no-data'],
  }
}

function capacityRules({ headroom }: Limits): TopicRules {
  return {
    thresholds: { usable_steps: '>=4', headroom: `>=${number(headroom)}`, errors: '=0' },
    codes: { 'capacity.headroom': 'perf.headroom', 'capacity.retrograde': 'perf.retrograde' },
    other: 'perf.capacity-unknown',
    blind: ['perf.capacity-unknown'],
  }
}

export const perf = gate<PerfPolicy>({
  id: 'perf',
  phase: 'P1',
  question: 'Does this commit answer in time under load, no slower than the release before, with enough left at the peak?',
  why: 'What is slow or too small shows first to everybody at once, at the peak.',
  version: 1,
  reads: ['load', 'capacity'],
  dependsOn: ['policy'],
  budgets: ['headroom'],
  policy: PerfPolicy,
  notMeasured: 'perf.not-measured',
  decide(input) {
    const of = {
      gate: 'perf',
      notMeasured: 'perf.not-measured',
      contradiction: 'perf.contradiction',
      age: { most: input.policy.max_age, code: 'perf.measured-too-long-ago' },
    } as const
    return judgeMeasured(of, input, { load: loadRules(input.policy), capacity: capacityRules(input.budgets) })
  },
  planted: plantedPerf,
})
