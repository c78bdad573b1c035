/** Planted statements of the gate slo: a service that keeps its objectives, and the same with one thing wrong. Pure. */
import { SloPolicy } from '../evidence/model/config/slo.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Planted } from './gate.ts'
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
}

function plant(name: string, expected: 'red' | 'green', of: Case = {}): Planted<SloPolicy> {
  const { findings = [], n = 200, later = 0 } = of
  const stated = Object.entries({ ...HEALTHY, errors: findings.length, warnings: 0, ...of.metrics })
  const metrics = Object.fromEntries(stated.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
  const testimony = specimen({ gate: 'slo', topic: 'slo', phase: 'P1', metrics, thresholds: { objectives: '>0' }, n, findings })
  const policy = SloPolicy.parse(of.policy ?? {})
  const input = { evidence: new Map([['slo', [testimony]]]), verdicts: [], policy, budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW + later }
  return { name, expected, input }
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
    plant('no objective', 'red', { metrics: { objectives: 0, measured: 0 } }),
    plant('nothing was counted', 'red', { n: 0 }),
    plant('measured three days ago', 'green', { later: 3 * DAY }),
    plant('measured longer ago than that', 'red', { later: 3 * DAY + 1 }),
  ]
}
