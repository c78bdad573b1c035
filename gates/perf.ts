import { PerfPolicy } from '../evidence/model/config/perf.ts'
import { milliseconds } from '../evidence/model/primitives.ts'
import type { Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import type { Limits } from './gate.ts'
import { plantedPerf } from './perf.planted.ts'
import { judgeTopics, type TopicRule } from './topics.ts'

const CODES = {
  findings: 'perf.no-data',
  contradiction: 'perf.contradiction',
  expired: 'perf.exception-expired',
  notMeasured: 'perf.not-measured',
} as const

function unmeasured(what: string): Reason {
  return {
    code: 'perf.not-measured',
    message: `No statement carries numbers about ${what}`,
    next: 'Run phase P1 again and look at the log of the agents.',
  }
}

/** Written out: a number between two decimals is no number of a threshold. */
const number = (value: number): string => value.toFixed(6).replace(/\.?0+$/, '')

function loadRules({ limits, min_requests: least }: PerfPolicy): TopicRule {
  return {
    topic: 'load',
    unmeasured: unmeasured('the load'),
    thresholds: {
      answered: `>=${least}`,
      spike_due: '>0',
      ...(limits.p50 !== undefined && { p50_ms: `<=${milliseconds(limits.p50)}` }),
      p95_ms: `<=${milliseconds(limits.p95)}`,
      p99_ms: `<=${milliseconds(limits.p99)}`,
      error_share: `<=${number(limits.errors)}`,
      spike_error_share: `<=${number(limits.errors)}`,
    },
    codes: {
      'load.over-limit': 'perf.over-limit',
      'load.omission': 'perf.over-limit',
      'load.errors': 'perf.errors',
      'load.thresholds': 'perf.thresholds',
      'load.closed-model': 'perf.closed-model',
      'load.slower': 'perf.regression',
      'load.tail-slower': 'perf.regression',
    },
    other: 'perf.no-data',
    blind: ['perf.no-data', 'perf.closed-model'],
    // What is over a limit of the config has that limit to change.
    exceptable: { 'load.slower': null, 'load.tail-slower': null },
  }
}

function capacityRules({ headroom }: Limits): TopicRule {
  return {
    topic: 'capacity',
    unmeasured: unmeasured('the capacity'),
    thresholds: { usable_steps: '>=4', headroom: `>=${number(headroom)}` },
    codes: { 'capacity.headroom': 'perf.headroom', 'capacity.retrograde': 'perf.retrograde' },
    other: 'perf.capacity-unknown',
    blind: ['perf.capacity-unknown'],
    exceptable: { 'capacity.retrograde': null },
  }
}

export const perf = gate<PerfPolicy>({
  id: 'perf',
  phase: 'P1',
  question: 'Does this commit answer in time under load, no slower than the release before, with enough left at the peak?',
  why: 'What is slow or too small shows first to everybody at once, at the peak.',
  version: 3,
  reads: ['load', 'capacity'],
  dependsOn: ['policy'],
  budgets: ['headroom'],
  policy: PerfPolicy,
  notMeasured: 'perf.not-measured',
  decide({ budgets, evidence, now, policy }) {
    return judgeTopics(
      {
        gate: 'perf',
        rules: [loadRules(policy), capacityRules(budgets)],
        codes: CODES,
        exceptions: policy.exceptions,
        age: { most: policy.max_age, code: 'perf.measured-too-long-ago' },
      },
      { evidence, now },
    )
  },
  planted: plantedPerf,
})
