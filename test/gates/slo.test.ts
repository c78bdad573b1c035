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
