/** Planted statements of the gate slo: a service that keeps its objectives, and the same with one thing wrong. Pure. */
import { SloPolicy } from '../evidence/model/config/slo.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Planted, Testimony } from './gate.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from './specimen.ts'

const DAY = 86_400_000

function finding(rule: string): Finding {
  return { rule, severity: 'error', subject: 'availability', message: 'specimen', next: 'specimen' }
}

const HEALTHY = { objectives: 2, measured: 2, unmeasured: 0, fewest_requests: 100, burn_share: 1, budget_left: 0, rules: 6 }

interface Case {
  readonly findings?: readonly Finding[]
  /** Undefined: not stated. */
  readonly metrics?: Readonly<Record<string, number | undefined>>
  readonly n?: number
  readonly policy?: object
  readonly later?: number
  /** Of the other topics: findings and numbers by topic. Without it objectives alone are stated. */
  readonly beside?: Readonly<Record<string, { readonly findings?: readonly Finding[]; readonly metrics?: Readonly<Record<string, number>> }>>
}

const BESIDE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  probes: { journeys: 1, green_journeys: 1, steps_asked: 2, slowest_ms: 100 },
  dashboards: { dashboards: 1, panels: 2, queries: 2, shown_objectives: 2, unshown_objectives: 0, known_metrics: 10 },
  logs: { samples: 1, lines: 10, json_lines: 10, complete_lines: 10, incomplete_lines: 0 },
}

function besides(beside: Case['beside']): [string, Testimony[]][] {
  if (beside === undefined) return []
  return Object.entries(BESIDE).map(([topic, healthy]) => {
    const { findings = [], metrics = {} } = beside[topic] ?? {}
    const stated = { ...healthy, errors: findings.length, warnings: 0, ...metrics }
    return [topic, [specimen({ gate: 'slo', topic, phase: 'P1', metrics: stated, thresholds: {}, n: 5, findings })]]
  })
}

function plant(name: string, expected: 'red' | 'green', of: Case = {}): Planted<SloPolicy> {
  const { findings = [], n = 200, later = 0 } = of
  const stated = Object.entries({ ...HEALTHY, errors: findings.length, warnings: 0, ...of.metrics })
  const metrics = Object.fromEntries(stated.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
  const testimony = specimen({ gate: 'slo', topic: 'slo', phase: 'P1', metrics, thresholds: { objectives: '>0' }, n, findings })
  const policy = SloPolicy.parse(of.policy ?? {})
  const evidence = new Map<string, readonly Testimony[]>([['slo', [testimony]], ...besides(of.beside)])
  const input = { evidence, verdicts: [], policy, budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW + later }
  return { name, expected, input }
}

function answered(rule: string, until: string): object {
  return { exceptions: [{ rule, subject: 'availability', owner: '@specimen/platform', reason: 'somebody answers for it', until }] }
}

const SCRAPED = { metrics: { kind: 'openmetrics', urls: ['http://shop.example/metrics'] } }
let made: readonly Planted<SloPolicy>[] | undefined

export function plantedSlo(): readonly Planted<SloPolicy>[] {
  made ??= plants()
  return made
}

function plants(): Planted<SloPolicy>[] {
  return [
    plant('two objectives, just within every limit', 'green'),
    plant('a budget that burns too fast', 'red', { findings: [finding('slo.burn')], metrics: { burn_share: 1.01 } }),
    plant('a burn that no finding tells', 'red', { metrics: { burn_share: 1.01 } }),
    plant('a budget that is spent', 'red', { findings: [finding('slo.budget-spent')], metrics: { budget_left: -0.01 } }),
    plant('a spent budget that no finding tells', 'red', { metrics: { budget_left: -0.01 } }),
    plant('less left than the policy asks for', 'red', { policy: { budget_left: 0.2 }, metrics: { budget_left: 0.19 } }),
    plant('as much left as the policy asks for', 'green', { policy: { budget_left: 0.2 }, metrics: { budget_left: 0.2 } }),
    plant('no word about the budget', 'red', { metrics: { budget_left: undefined } }),
    plant('no word about the budget, of a scrape', 'green', { policy: SCRAPED, metrics: { budget_left: undefined } }),
    plant('an objective that was not measured', 'red', { findings: [finding('slo.no-data')], metrics: { measured: 1, unmeasured: 1 } }),
    plant('an unmeasured objective that no finding tells', 'red', { metrics: { measured: 1, unmeasured: 1 } }),
    plant('too few requests', 'red', { metrics: { fewest_requests: 99 } }),
    plant('a file that cannot be used', 'red', { findings: [finding('slo.invalid')] }),
    plant('a count of errors that hides one', 'red', { findings: [finding('slo.invalid')], metrics: { errors: 0 } }),
    plant('stale samples', 'red', { findings: [finding('slo.stale')] }),
    plant('journeys, panels and logs beside them', 'green', { beside: {} }),
    plant('a journey that fails', 'red', { beside: { probes: { findings: [finding('probe.status')] } } }),
    plant('no journey', 'red', { beside: { probes: { metrics: { journeys: 0 } } } }),
    plant('a critical route on no journey', 'red', { beside: { probes: { findings: [finding('probe.uncovered-critical')] } } }),
    plant('a critical route that no finding tells', 'red', {
      policy: { probes: { openapi: 'api.yaml' } },
      beside: { probes: { metrics: { uncovered_critical: 1 } } },
    }),
    plant('an objective that nobody can see', 'red', {
      beside: { dashboards: { findings: [finding('dash.no-panel')], metrics: { unshown_objectives: 1 } } },
    }),
    plant('an unseen objective that no finding tells', 'red', { beside: { dashboards: { metrics: { unshown_objectives: 1 } } } }),
    plant('a panel that asks for what is gone', 'red', { beside: { dashboards: { findings: [finding('dash.unknown-metric')] } } }),
    plant('a line that is no JSON', 'red', { beside: { logs: { findings: [finding('log.plain-text')], metrics: { incomplete_lines: 1 } } } }),
    plant('an incomplete line that no finding tells', 'red', { beside: { logs: { metrics: { incomplete_lines: 1 } } } }),
    plant('an objective that nobody can see, answered for until today', 'green', {
      policy: answered('dash.no-panel', '2026-01-15'),
      beside: { dashboards: { findings: [finding('dash.no-panel')], metrics: { unshown_objectives: 1 } } },
    }),
    plant('the same, answered for until yesterday', 'red', {
      policy: answered('dash.no-panel', '2026-01-14'),
      beside: { dashboards: { findings: [finding('dash.no-panel')], metrics: { unshown_objectives: 1 } } },
    }),
    plant('one that is answered for, and another behind it', 'red', {
      policy: answered('dash.no-panel', '2026-12-31'),
      beside: { dashboards: { findings: [finding('dash.no-panel')], metrics: { unshown_objectives: 2 } } },
    }),
    plant('a budget that burns, and all well beside it', 'red', { findings: [finding('slo.burn')], beside: {} }),
    plant('no objective', 'red', { metrics: { objectives: 0, measured: 0 } }),
    plant('nothing was counted', 'red', { n: 0 }),
    plant('measured three days ago', 'green', { later: 3 * DAY }),
    plant('measured longer ago than that', 'red', { later: 3 * DAY + 1 }),
  ]
}
