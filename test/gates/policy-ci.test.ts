import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { policyCi } from '../../gates/policy-ci.ts'
import { specimen, SPECIMEN_BUDGETS } from '../../gates/specimen.ts'

const error: Finding = { rule: 'commit.type-enum', severity: 'error', message: 'bad type', next: 'Reword it.' }

function decide(metrics: Record<string, number>, findings: readonly Finding[], n = 3) {
  const testimony = specimen({ gate: 'policy_ci', topic: 'commits', phase: 'P0', metrics, thresholds: { errors: '=0' }, n, findings })
  return policyCi.decide({ evidence: new Map([['commits', [testimony]]]), verdicts: [], policy: { labels: [] }, budgets: SPECIMEN_BUDGETS, now: 0 })
}

test('passes on commits without an error, with the numbers it rests on', () => {
  expect(decide({ commits: 3, errors: 0, warnings: 0 }, [])).toMatchObject({
    verdict: 'pass',
    metrics: { commits: 3, errors: 0 },
    thresholds: { commits: '>0', errors: '=0' },
    measured: { n: 3 },
  })
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
      policyCi.decide({ evidence: new Map([['commits', testimonies]]), verdicts: [], policy: { labels: [] }, budgets: SPECIMEN_BUDGETS, now: 0 }),
    ).toMatchObject({
      verdict: 'indeterminate',
      reasons: [{ code: 'policy_ci.not-measured' }],
    })
})
