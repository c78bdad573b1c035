import { SloPolicy } from '../evidence/model/config/slo.ts'
import type { Finding } from '../evidence/model/finding.ts'
import { milliseconds } from '../evidence/model/primitives.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Decision, Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import type { Testimony } from './gate.ts'
import { judgeMeasured, together, type TopicRules } from './measured-topics.ts'
import { plantedSlo } from './slo.planted.ts'
import { named, no, numbersOf, worst } from './statement.ts'

const UNMEASURED: Reason = {
  code: 'slo.not-measured',
  message: 'No statement carries numbers about objectives',
  next: 'Run phase P1 again; if this repository runs no service, declare `not_applicable.slo`.',
}

/** Rule of a finding -> the reason it is. Every other one says that an objective could not be measured. */
const CODES: Readonly<Record<string, Reason['code']>> = {
  'slo.invalid': 'slo.invalid',
  'slo.burn': 'slo.burn',
  'slo.budget-spent': 'slo.budget-spent',
  'findings.too-many': 'slo.findings',
}

function reasonsOf(errors: readonly Finding[]): Reason[] {
  const kinds = Map.groupBy(errors, ({ rule }) => CODES[rule] ?? 'slo.no-data')
  return [...kinds].map(([code, findings]) => ({
    code,
    message: named(findings).slice(0, 1900),
    next: findings[0]?.next ?? 'Do what each finding says.',
  }))
}

/** Evidence grows old while it waits. */
function staleness(madeAt: number, now: number, { max_age: most }: SloPolicy): Reason[] {
  if (now - madeAt <= milliseconds(most)) return []
  const message = `The objectives were measured ${Math.floor((now - madeAt) / 60_000)} minutes ago, ${most} is allowed`
  return [{ code: 'slo.measured-too-long-ago', message, next: 'Run phase P1 again.' }]
}

function judge(testimony: Testimony, policy: SloPolicy, now: number): Decision {
  // Written out: a number between two decimals is no number of a threshold.
  const thresholds = {
    objectives: '>0',
    unmeasured: '=0',
    fewest_requests: `>=${policy.min_requests}`,
    burn_share: '<=1',
    errors: '=0',
    ...(policy.metrics?.kind === 'openmetrics' ? {} : { budget_left: `>=${policy.budget_left.toFixed(6)}` }),
  }
  const read = numbersOf(testimony, 'slo', thresholds, { unmeasured: UNMEASURED, contradiction: 'slo.contradiction' })
  if ('verdict' in read) return read
  const { opinion, errors } = read
  const { metrics, measured } = opinion
  const reasons = [...reasonsOf(errors), ...staleness(Date.parse(testimony.predicate.made_at), now, policy)]
  if (reasons.length === 0) return pass({ metrics, thresholds, measured }, 'slo.not-measured')
  const blind = reasons.every(({ code }) => code === 'slo.no-data' || code === 'slo.measured-too-long-ago')
  return no(blind ? 'indeterminate' : 'fail', reasons, { metrics, measured }, thresholds)
}

/** What stands beside the objectives, each by its own rules. */
function rulesOf({ probes }: SloPolicy): Readonly<Record<string, TopicRules>> {
  return {
    probes: {
      thresholds: { journeys: '>0', steps_asked: '>0', ...(probes.openapi !== undefined && { uncovered_critical: '=0' }), errors: '=0' },
      codes: {
        'probe.status': 'slo.journey',
        'probe.body': 'slo.journey',
        'probe.slow': 'slo.journey',
        'probe.foreign-redirect': 'slo.journey',
        'probe.uncovered-critical': 'slo.uncovered-route',
        'probe.catalogue-invalid': 'slo.invalid',
        'probe.openapi-invalid': 'slo.invalid',
      },
      other: 'slo.no-data',
      blind: ['slo.no-data'],
    },
    dashboards: {
      thresholds: { panels: '>0', unshown_objectives: '=0', known_metrics: '>0', errors: '=0' },
      codes: { 'dash.no-panel': 'slo.no-panel', 'dash.unknown-metric': 'slo.panel', 'dash.broken-query': 'slo.panel', 'dash.unread': 'slo.invalid' },
      other: 'slo.no-data',
      blind: ['slo.no-data'],
    },
    logs: {
      thresholds: { lines: '>0', incomplete_lines: '=0', errors: '=0' },
      codes: { 'log.plain-text': 'slo.logs', 'log.stack-trace': 'slo.logs', 'log.missing-field': 'slo.logs', 'log.no-retention': 'slo.logs' },
      other: 'slo.no-data',
      blind: ['slo.no-data'],
    },
  }
}

export const slo = gate<SloPolicy>({
  id: 'slo',
  phase: 'P1',
  question: 'Does every objective keep its budget now, do the golden paths work, and can people see it: on panels and in logs?',
  why: 'A release that starts into a burning budget cannot be told from what was broken before it.',
  version: 2,
  reads: ['slo', 'probes', 'dashboards', 'logs'],
  dependsOn: ['policy'],
  policy: SloPolicy,
  notMeasured: 'slo.not-measured',
  decide({ evidence, policy, now }) {
    const objectives = evidence.get('slo')
    const beside = new Map([...evidence].filter(([topic]) => topic !== 'slo'))
    const of = {
      gate: 'slo',
      notMeasured: 'slo.not-measured',
      contradiction: 'slo.contradiction',
      age: { most: policy.max_age, code: 'slo.measured-too-long-ago' },
    } as const
    return together(
      [
        ...(objectives === undefined
          ? []
          : [
              worst(
                objectives.map((testimony) => judge(testimony, policy, now)),
                UNMEASURED,
              ),
            ]),
        ...(beside.size === 0 ? [] : [judgeMeasured(of, { evidence: beside, now }, rulesOf(policy))]),
      ],
      UNMEASURED,
    )
  },
  planted: plantedSlo,
})
