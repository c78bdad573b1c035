import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { policyCi } from '../../gates/policy-ci.ts'
import { specimen, SPECIMEN_BUDGETS } from '../../gates/specimen.ts'

const error: Finding = { rule: 'commit.type-enum', severity: 'error', message: 'bad type', next: 'Reword it.' }

function decide(metrics: Record<string, number>, findings: readonly Finding[], n = 3) {
  const testimony = specimen({ gate: 'policy_ci', topic: 'commits', phase: 'P0', metrics, thresholds: { errors: '=0' }, n, findings })
  return policyCi.decide({
    evidence: new Map([['commits', [testimony]]]),
    verdicts: [],
    policy: policyCi.policy.parse({}),
    budgets: SPECIMEN_BUDGETS,
    now: 0,
  })
}

test('passes on commits without an error, with the numbers it rests on', () => {
  expect(decide({ commits: 3, errors: 0, warnings: 0 }, [])).toMatchObject({
    verdict: 'pass',
    metrics: { commits: 3, errors: 0, open_errors: 0 },
    thresholds: { commits: '>0', open_errors: '=0' },
    measured: { n: 3 },
  })
})

const bypass: Finding = {
  rule: 'protection.bypass',
  severity: 'error',
  subject: 'Team 7 past "main"',
  message: 'it may pass by',
  next: 'Take it off.',
}
const unseen: Finding = { ...bypass, rule: 'protection.unseen-bypass', severity: 'warning', subject: '"main"' }
const granted = (until: string, subject = '"main"') => ({ rule: 'protection.unseen-bypass', subject, owner: '@acme/admins', reason: 'looked', until })

function both(findings: readonly Finding[], exceptions: readonly unknown[] = [], metrics: Record<string, number> = {}) {
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length
  const counted = { workflows: 2, workflows_unread: 0, required_checks: 1, errors: count('error'), warnings: count('warning'), ...metrics }
  const commits = specimen({
    gate: 'policy_ci',
    topic: 'commits',
    phase: 'P0',
    metrics: { commits: 3, errors: 0, warnings: 0 },
    thresholds: {},
    n: 3,
    findings: [],
  })
  const workflows = specimen({ gate: 'policy_ci', topic: 'workflows', phase: 'P0', metrics: counted, thresholds: {}, n: 2, findings })
  return policyCi.decide({
    evidence: new Map([
      ['commits', [commits]],
      ['workflows', [workflows]],
    ]),
    verdicts: [],
    policy: policyCi.policy.parse({ exceptions }),
    budgets: SPECIMEN_BUDGETS,
    now: Date.parse('2026-06-30T23:59:59.999Z'),
  })
}

test('two topics that hold are one pass, with the numbers of both', () => {
  expect(both([])).toMatchObject({
    verdict: 'pass',
    metrics: { commits: 3, workflows: 2, errors: 0, open_errors: 0, unseen: 0 },
    thresholds: { commits: '>0', workflows: '>0', unseen: '=0' },
    measured: { n: 5 },
  })
})

test('what nobody could see is indeterminate, until somebody answers for it, and for as long', () => {
  expect(both([unseen])).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'policy_ci.not-measured' }] })
  expect(both([unseen], [granted('2026-06-30')]).verdict).toBe('pass')
  expect(both([unseen], [granted('2026-06-29')])).toMatchObject({ verdict: 'fail', reasons: [{ code: 'policy_ci.exception-expired' }] })
  expect(both([unseen], [granted('2026-06-30', '"other"')]).verdict).toBe('indeterminate')
})

test('a finding on either topic fails; what could not be read is not measured', () => {
  expect(both([bypass])).toMatchObject({ verdict: 'fail', metrics: { open_errors: 1 }, reasons: [{ code: 'policy_ci.findings' }] })
  expect(both([], [], { workflows_unread: 1 })).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'policy_ci.not-measured' }] })
  expect(both([bypass], [], { errors: 0 })).toMatchObject({ verdict: 'fail', reasons: [{ code: 'policy_ci.contradiction' }] })
})

test.each([
  ['an error', { commits: 3, errors: 1, warnings: 0 }, [error], 3, 'fail', 'policy_ci.findings'],
  ['a hidden error', { commits: 3, errors: 0, warnings: 0 }, [error], 3, 'fail', 'policy_ci.contradiction'],
  ['an error nobody can see', { commits: 3, errors: 1, warnings: 0 }, [], 3, 'fail', 'policy_ci.contradiction'],
  ['no count of commits', { errors: 0, warnings: 0 }, [], 3, 'indeterminate', 'policy_ci.not-measured'],
  ['no commit', { commits: 0, errors: 0, warnings: 0 }, [], 3, 'indeterminate', 'policy_ci.not-measured'],
  ['nothing looked at', { commits: 3, errors: 0, warnings: 0 }, [], 0, 'indeterminate', 'policy_ci.not-measured'],
] as const)('%s', (_name, metrics, findings, n, verdict, code) => {
  expect(decide(metrics, findings, n)).toMatchObject({ verdict, reasons: [{ code }] })
})

test('a statement without numbers for this gate, and no statement, are not measured', () => {
  const other = specimen({ gate: 'hardening', topic: 'commits', phase: 'P0', metrics: {}, thresholds: {}, n: 1, findings: [] })
  for (const testimonies of [[other], []])
    expect(
      policyCi.decide({
        evidence: new Map([['commits', testimonies]]),
        verdicts: [],
        policy: policyCi.policy.parse({}),
        budgets: SPECIMEN_BUDGETS,
        now: 0,
      }),
    ).toMatchObject({
      verdict: 'indeterminate',
      reasons: [{ code: 'policy_ci.not-measured' }],
    })
})

const deny: Finding = { rule: 'policy.deny', severity: 'error', path: 'a.yaml', message: 'it runs as root', next: 'Change it.' }

test.each([
  ['a deny', { policy_evaluations: 4, policies_unevaluated: 0 }, 'policy.deny', [], 'fail', 'policy_ci.findings'],
  [
    'a document without an answer',
    { policy_evaluations: 4, policies_unevaluated: 1 },
    'policy.unevaluated',
    [],
    'indeterminate',
    'policy_ci.not-measured',
  ],
  [
    'a policy that does not compile, excepted',
    { policy_evaluations: 4, policies_unevaluated: 0 },
    'policy.not-compiled',
    ['policy.not-compiled'],
    'fail',
    'policy_ci.findings',
  ],
] as const)('policies: %s', (_name, counts, rule, excepted, verdict, code) => {
  const findings = [{ ...deny, rule }]
  const metrics = { ...counts, errors: 1, warnings: 0 }
  const policies = specimen({ gate: 'policy_ci', topic: 'policies', phase: 'P0', metrics, thresholds: {}, n: 4, findings })
  const exceptions = excepted.map((name) => ({ rule: name, path: 'a.yaml', owner: '@acme/platform', reason: 'known', until: '2026-12-31' }))
  const policy = policyCi.policy.parse({ exceptions })
  const now = Date.parse('2026-06-30T12:00:00.000Z')
  const decided = policyCi.decide({ evidence: new Map([['policies', [policies]]]), verdicts: [], policy, budgets: SPECIMEN_BUDGETS, now })
  expect(decided).toMatchObject({ verdict, reasons: [{ code }] })
})
