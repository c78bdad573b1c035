import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { slo } from '../../gates/slo.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from '../../gates/specimen.ts'

const HEALTHY = { objectives: 1, unmeasured: 0, fewest_requests: 500, burn_share: 0.2, budget_left: 0.8, warnings: 0 }
const found = (rule: string): Finding => ({ rule, severity: 'error', message: `${rule} is told`, next: `do something about ${rule}` })

function decide(
  findings: readonly Finding[],
  of: { metrics?: Readonly<Record<string, number | undefined>>; policy?: object; now?: number; n?: number } = {},
) {
  const stated = Object.entries({ ...HEALTHY, errors: findings.length, ...of.metrics })
  const metrics = Object.fromEntries(stated.filter((one): one is [string, number] => one[1] !== undefined))
  const testimony = specimen({ gate: 'slo', topic: 'slo', phase: 'P1', metrics, thresholds: {}, n: of.n ?? 500, findings })
  return slo.decide({
    evidence: new Map([['slo', [testimony]]]),
    verdicts: [],
    policy: slo.policy.parse(of.policy ?? {}),
    budgets: SPECIMEN_BUDGETS,
    now: of.now ?? SPECIMEN_NOW,
  })
}

test('it says what was measured against what', () => {
  expect(decide([])).toMatchObject({
    verdict: 'pass',
    metrics: { fewest_requests: 500, burn_share: 0.2, budget_left: 0.8 },
    thresholds: { fewest_requests: '>=100', burn_share: '<=1', budget_left: '>=0.000000', unmeasured: '=0' },
    measured: { n: 500 },
  })
})

test.each([
  ['slo.burn', 'fail', 'slo.burn'],
  ['slo.budget-spent', 'fail', 'slo.budget-spent'],
  ['slo.invalid', 'fail', 'slo.invalid'],
  ['findings.too-many', 'fail', 'slo.findings'],
  ['slo.no-data', 'indeterminate', 'slo.no-data'],
  ['slo.stale', 'indeterminate', 'slo.no-data'],
  ['slo.several', 'indeterminate', 'slo.no-data'],
  ['slo.not-a-number', 'indeterminate', 'slo.no-data'],
  ['slo.few-requests', 'indeterminate', 'slo.no-data'],
])('%s makes it %s', (rule, verdict, code) => {
  expect(decide([found(rule)])).toMatchObject({
    verdict,
    reasons: [{ code, message: expect.stringContaining(rule), next: `do something about ${rule}` }],
  })
})

test('one that burns is worse than one that is not known', () => {
  expect(decide([found('slo.stale'), found('slo.burn')])).toMatchObject({ verdict: 'fail', reasons: [{ code: 'slo.no-data' }, { code: 'slo.burn' }] })
})

test.each([
  ['burn', { metrics: { burn_share: 1.0001 } }],
  ['requests', { metrics: { fewest_requests: 99 } }],
  ['budget', { policy: { budget_left: 0.81 } }],
  ['nothing', { n: 0 }],
])('a number over its limit is no pass without a finding either: %s', (_what, of) => {
  expect(decide([], of)).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'slo.not-measured' }] })
})

const BESIDE = {
  probes: { journeys: 1, steps_asked: 2 },
  dashboards: { panels: 2, unshown_objectives: 0, known_metrics: 9 },
  logs: { lines: 5, incomplete_lines: 0 },
}

function beside(rule: string | null, topic: string | null = null) {
  const evidence = Object.entries(BESIDE).map(([name, numbers]) => {
    const findings = rule !== null && name === topic ? [found(rule)] : []
    const metrics = { ...numbers, errors: findings.length, warnings: 0 }
    return [name, [specimen({ gate: 'slo', topic: name, phase: 'P1', metrics, thresholds: {}, n: 5, findings })]] as const
  })
  return slo.decide({ evidence: new Map(evidence), verdicts: [], policy: slo.policy.parse({}), budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW })
}

test('journeys, panels and logs hold by themselves, where objectives are declared absent', () => {
  expect(beside(null)).toMatchObject({ verdict: 'pass', metrics: { journeys: 1, panels: 2, lines: 5 }, measured: { n: 15 } })
})

test.each([
  ['probes', 'probe.status', 'fail', 'slo.journey'],
  ['probes', 'probe.slow', 'fail', 'slo.journey'],
  ['probes', 'probe.foreign-redirect', 'fail', 'slo.journey'],
  ['probes', 'probe.uncovered-critical', 'fail', 'slo.uncovered-route'],
  ['probes', 'probe.catalogue-invalid', 'fail', 'slo.invalid'],
  ['probes', 'probe.no-answer', 'indeterminate', 'slo.no-data'],
  ['dashboards', 'dash.no-panel', 'fail', 'slo.no-panel'],
  ['dashboards', 'dash.unknown-metric', 'fail', 'slo.panel'],
  ['dashboards', 'dash.metrics-unknown', 'indeterminate', 'slo.no-data'],
  ['logs', 'log.plain-text', 'fail', 'slo.logs'],
  ['logs', 'log.no-retention', 'fail', 'slo.logs'],
  ['logs', 'log.empty', 'indeterminate', 'slo.no-data'],
])('of %s %s makes it %s', (topic, rule, verdict, code) => {
  expect(beside(rule, topic)).toMatchObject({ verdict, reasons: [{ code, next: `do something about ${rule}` }] })
})

test('it grows old', () => {
  const last = SPECIMEN_NOW + 3 * 86_400_000
  expect(decide([], { now: last }).verdict).toBe('pass')
  expect(decide([], { now: last + 1 })).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'slo.measured-too-long-ago' }] })
  expect(decide([], { now: SPECIMEN_NOW + 60_001, policy: { max_age: '1m' } }).verdict).toBe('indeterminate')
})

test('a scrape knows no budget; a Prometheus must tell it', () => {
  const metrics = { budget_left: undefined }
  const policy = { metrics: { kind: 'openmetrics', urls: ['http://shop/metrics'] } }
  expect(decide([], { metrics, policy }).verdict).toBe('pass')
  expect(decide([], { metrics }).verdict).not.toBe('pass')
})
