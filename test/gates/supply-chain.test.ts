import { expect, test } from 'vitest'
import { BudgetsConfig } from '../../evidence/model/config/limits.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { SPECIMEN_BUDGETS, SPECIMEN_NOW, specimen } from '../../gates/specimen.ts'
import { supplyChain } from '../../gates/supply-chain.ts'

const HOUR = 3_600_000
const HEALTHY = {
  sboms: 2,
  components: 5,
  scans: 1,
  packages_scanned: 5,
  report_hours: 0,
  new_critical: 0,
  new_high: 0,
  new_medium: 0,
  artifacts: 1,
  proven: 1,
}
const found = (rule: string, severity: Finding['severity'] = 'error', subject = 'CVE-1 pkg:npm/a@1.0.0'): Finding => ({
  rule,
  severity,
  subject,
  message: 'm',
  next: 'n',
})
const excuse = (rule: string, of: object = {}) => ({
  rule,
  subject: 'CVE-1 pkg:npm/a@1.0.0',
  owner: '@acme/platform',
  reason: 'no fix yet',
  until: '2026-01-15',
  ...of,
})

interface Case {
  readonly findings?: readonly Finding[]
  readonly metrics?: Readonly<Record<string, number>>
  readonly policy?: object
  readonly budget?: object
  readonly now?: number
}

function decide({ findings = [], metrics = {}, policy = {}, budget = {}, now = SPECIMEN_NOW }: Case = {}) {
  const count = (severity: string) => findings.filter((each) => each.severity === severity).length
  const stated = { ...HEALTHY, errors: count('error'), warnings: count('warning'), ...metrics }
  const testimony = specimen({ gate: 'supply_chain', topic: 'supply-chain', phase: 'P0', metrics: stated, thresholds: {}, n: 5, findings })
  const budgets = BudgetsConfig.parse({ vulnerabilities: budget })
  return supplyChain.decide({
    evidence: new Map([['supply-chain', [testimony]]]),
    verdicts: [],
    policy: supplyChain.policy.parse(policy),
    budgets: { ...SPECIMEN_BUDGETS, ...budgets },
    now,
  })
}

const codes = (of: Case) => {
  const decision = decide(of)
  return [decision.verdict, ...('reasons' in decision ? decision.reasons.map(({ code }) => code) : [])]
}

test('it passes with its thresholds visible, from the config', () => {
  expect(decide({ budget: { new_high: 2 }, policy: { max_age: '36h' } })).toMatchObject({
    verdict: 'pass',
    thresholds: { new_critical: '<=0', new_high: '<=2', new_medium: '<=5', report_hours: '<=36', open_errors: '=0', unproven: '=0', sboms: '>0' },
  })
})

const medium = (count: number) => ({
  findings: Array.from({ length: count }, () => found('vulnerability.new-medium', 'warning')),
  metrics: { new_medium: count },
})

test('a budget holds to its last one', () => {
  expect(codes({ ...medium(5) })).toEqual(['pass'])
  expect(codes({ ...medium(6) })).toEqual(['fail', 'supply_chain.over-budget'])
  expect(codes({ ...medium(6), budget: { new_medium: 6 } })).toEqual(['pass'])
  const unknown = { findings: [found('vulnerability.new-unknown')], metrics: { new_critical: 1 } }
  expect(codes({ ...unknown, budget: { new_high: 9 } })).toEqual(['fail', 'supply_chain.over-budget'])
  expect(codes({ ...unknown, budget: { new_critical: 1 } })).toEqual(['pass'])
})

test('an exception is for one rule and one subject, to the end of its day', () => {
  const critical = { findings: [found('vulnerability.new-critical')], metrics: { new_critical: 1 } }
  const with_ = (exceptions: readonly object[], now = SPECIMEN_NOW) => codes({ ...critical, policy: { exceptions }, now })
  const last = Date.parse('2026-01-15T23:59:59.999Z')
  expect(with_([excuse('vulnerability.new-critical')], last)).toEqual(['pass'])
  expect(with_([excuse('vulnerability.new-critical')], last + 1)).toEqual(['fail', 'supply_chain.exception-expired', 'supply_chain.over-budget'])
  expect(with_([excuse('vulnerability.new-high')])).toEqual(['fail', 'supply_chain.over-budget'])
  expect(with_([excuse('vulnerability.new-critical', { subject: 'CVE-1 pkg:npm/a@1.0.1' })])).toEqual(['fail', 'supply_chain.over-budget'])
  expect(decide({ ...critical, policy: { exceptions: [excuse('vulnerability.new-critical')] } })).toMatchObject({
    metrics: { new_critical: 0, excepted: 1 },
  })
})

test.each(['lock.disagrees', 'artifact.unsigned', 'report.stale', '*', 'vulnerability'])('no exception may be granted for %s', (rule) => {
  expect(supplyChain.policy.safeParse({ exceptions: [excuse(rule)] }).success).toBe(false)
})

test.each([
  ['lock.disagrees', 'fail', 'supply_chain.findings'],
  ['sbom.missing', 'fail', 'supply_chain.findings'],
  ['licence.forbidden', 'fail', 'supply_chain.licence'],
  ['artifact.other-identity', 'fail', 'supply_chain.artifact-not-proven'],
  ['report.empty', 'indeterminate', 'supply_chain.not-scanned'],
  ['findings.too-many', 'fail', 'supply_chain.findings'],
])('%s is %s: %s', (rule, verdict, code) => {
  expect(codes({ findings: [found(rule)] })).toEqual([verdict, code])
  expect(codes({ findings: [found(rule, 'warning')] })).toEqual(['pass'])
})

test('one no that is sure is a fail, whatever else could not be seen', () => {
  expect(codes({ findings: [found('report.empty'), found('licence.forbidden')] })[0]).toBe('fail')
})

test('a report grows old while the evidence waits', () => {
  const week = 7 * 24 * HOUR
  expect(codes({ now: SPECIMEN_NOW + week })).toEqual(['pass'])
  expect(codes({ now: SPECIMEN_NOW + week + 1 })).toEqual(['indeterminate', 'supply_chain.report-stale'])
  expect(codes({ metrics: { report_hours: 1 }, now: SPECIMEN_NOW + week })).toEqual(['indeterminate', 'supply_chain.report-stale'])
})

test('numbers and list must agree, and every number be there', () => {
  expect(codes({ findings: [found('vulnerability.new-high')] })).toEqual(['fail', 'supply_chain.contradiction'])
  expect(codes({ metrics: { new_high: 1 } })).toEqual(['fail', 'supply_chain.contradiction'])
  expect(codes({ metrics: { proven: 0 } })).toEqual(['indeterminate', 'supply_chain.not-measured'])
  expect(codes({ metrics: { scans: 0 } })).toEqual(['indeterminate', 'supply_chain.not-measured'])
})

test.each([
  { artifacts: [{ name: 'a', signed_by: {} }] },
  { artifacts: [{ name: 'a', signed_by: { workflow: 'o/r/.github/workflows/x.yml' } }] },
  { artifacts: [{ name: 'a', signed_by: { public_key: 'x' } }] },
  { max_age: 'soon' },
  { folder: '../outside' },
  { vulnerabilities: { new_critical: 9 } },
])('a policy of %j is refused', (policy) => {
  expect(supplyChain.policy.safeParse(policy).success).toBe(false)
})
