import { SloPolicy } from '../evidence/model/config/slo.ts'
import type { Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import { plantedSlo } from './slo.planted.ts'
import { judgeTopics, type TopicRule } from './topics.ts'

const CODES = {
  findings: 'slo.no-data',
  contradiction: 'slo.contradiction',
  expired: 'slo.exception-expired',
  notMeasured: 'slo.not-measured',
} as const

function unmeasured(what: string, key: string): Reason {
  const next = `Run phase P1 again; if this repository has none, declare \`not_applicable.${key}\`.`
  return { code: CODES.notMeasured, message: `No statement carries numbers about ${what}`, next }
}

/** What no finding is named for says that something could not be measured. */
function rulesOf({ budget_left: left, metrics, min_requests: least, probes }: SloPolicy): readonly TopicRule[] {
  const blind = ['slo.no-data'] as const
  return [
    {
      topic: 'slo',
      unmeasured: unmeasured('objectives', 'slo'),
      thresholds: {
        objectives: '>0',
        unmeasured: '=0',
        fewest_requests: `>=${least}`,
        burn_share: '<=1',
        // Written out: a number between two decimals is no number of a threshold.
        ...(metrics?.kind === 'openmetrics' ? {} : { budget_left: `>=${left.toFixed(6)}` }),
      },
      codes: {
        'slo.invalid': 'slo.invalid',
        'slo.burn': 'slo.burn',
        'slo.budget-spent': 'slo.budget-spent',
        'findings.too-many': 'slo.findings',
      },
      blind,
      // How much budget must be left, and how fast it may burn, the config says.
      exceptable: {},
    },
    {
      topic: 'probes',
      unmeasured: unmeasured('golden paths', 'slo.probes'),
      thresholds: { journeys: '>0', steps_asked: '>0', ...(probes.openapi !== undefined && { uncovered_critical: '=0' }) },
      codes: {
        'probe.status': 'slo.journey',
        'probe.body': 'slo.journey',
        'probe.slow': 'slo.journey',
        'probe.foreign-redirect': 'slo.journey',
        'probe.uncovered-critical': 'slo.uncovered-route',
        'probe.catalogue-invalid': 'slo.invalid',
        'probe.openapi-invalid': 'slo.invalid',
      },
      blind,
      exceptable: { 'probe.uncovered-critical': 'uncovered_critical' },
    },
    {
      topic: 'dashboards',
      unmeasured: unmeasured('dashboards', 'slo.dashboards'),
      thresholds: { panels: '>0', unshown_objectives: '=0', known_metrics: '>0' },
      codes: { 'dash.no-panel': 'slo.no-panel', 'dash.unknown-metric': 'slo.panel', 'dash.broken-query': 'slo.panel', 'dash.unread': 'slo.invalid' },
      blind,
      exceptable: { 'dash.no-panel': 'unshown_objectives', 'dash.unknown-metric': null, 'dash.broken-query': null },
    },
    {
      topic: 'logs',
      unmeasured: unmeasured('logs', 'slo.logs'),
      thresholds: { lines: '>0', incomplete_lines: '=0' },
      codes: { 'log.plain-text': 'slo.logs', 'log.stack-trace': 'slo.logs', 'log.missing-field': 'slo.logs', 'log.no-retention': 'slo.logs' },
      blind,
      exceptable: {},
    },
  ]
}

export const slo = gate<SloPolicy>({
  id: 'slo',
  phase: 'P1',
  question: 'Does every objective keep its budget now, do the golden paths work, and can people see it: on panels and in logs?',
  why: 'A release that starts into a burning budget cannot be told from what was broken before it.',
  version: 3,
  reads: ['slo', 'probes', 'dashboards', 'logs'],
  dependsOn: ['policy'],
  policy: SloPolicy,
  notMeasured: 'slo.not-measured',
  decide({ evidence, policy, now }) {
    return judgeTopics(
      {
        gate: 'slo',
        rules: rulesOf(policy),
        codes: CODES,
        exceptions: policy.exceptions,
        age: { most: policy.max_age, code: 'slo.measured-too-long-ago' },
      },
      { evidence, now },
    )
  },
  planted: plantedSlo,
})
