import { z } from 'zod'
import type { Finding } from '../evidence/model/finding.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Decision, Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import type { Planted, Testimony } from './gate.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from './specimen.ts'
import { named, no, numbersOf, worst } from './statement.ts'

const THRESHOLDS = { commits: '>0', errors: '=0' }

const UNMEASURED: Reason = { code: 'policy_ci.not-measured', message: 'No statement carries numbers about the commits', next: 'Run phase P0 again.' }

const Policy = z.strictObject({
  /** Labels allowed besides the canon; the agent reads them. */
  labels: z.array(z.string().min(1).max(200)).max(100).default([]),
})
type Policy = z.infer<typeof Policy>

function judge(testimony: Testimony): Decision {
  const read = numbersOf(testimony, 'policy_ci', THRESHOLDS, { unmeasured: UNMEASURED, contradiction: 'policy_ci.contradiction' })
  if ('verdict' in read) return read
  const { opinion, errors } = read
  if (errors.length > 0)
    return no('fail', [{ code: 'policy_ci.findings', message: named(errors), next: errors[0]?.next ?? 'Fix each finding.' }], opinion, THRESHOLDS)
  return pass({ metrics: opinion.metrics, thresholds: THRESHOLDS, measured: opinion.measured }, 'policy_ci.not-measured')
}

function plant(name: string, expected: 'red' | 'green', metrics: Record<string, number>, findings: readonly Finding[], n = 3): Planted<Policy> {
  const testimony = specimen({ gate: 'policy_ci', topic: 'commits', phase: 'P0', metrics, thresholds: THRESHOLDS, n, findings })
  return {
    name,
    expected,
    input: { evidence: new Map([['commits', [testimony]]]), verdicts: [], policy: { labels: [] }, budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW },
  }
}

export const policyCi = gate<Policy>({
  id: 'policy_ci',
  phase: 'P0',
  question: 'Do commits, labels, pull request and owners keep the rules of a release?',
  why: 'What nobody can read, nobody can approve.',
  version: 1,
  reads: ['commits'],
  dependsOn: ['pullRequest', 'policy'],
  policy: Policy,
  notMeasured: 'policy_ci.not-measured',
  decide: ({ evidence }) => worst((evidence.get('commits') ?? []).map(judge), UNMEASURED),
  planted() {
    const warning: Finding = { rule: 'label.missing', severity: 'warning', message: 'No risk label', next: 'Add one.' }
    const error: Finding = { rule: 'commit.type-enum', severity: 'error', message: 'bad type', next: 'Reword it.' }
    return [
      plant('three commits without an error', 'green', { commits: 3, errors: 0, warnings: 1 }, [warning]),
      plant('one error', 'red', { commits: 3, errors: 1, warnings: 0 }, [error]),
      plant('a summary that hides an error', 'red', { commits: 3, errors: 0, warnings: 0 }, [error]),
      plant('no commit', 'red', { commits: 0, errors: 0, warnings: 0 }, [], 0),
      plant('no count of errors', 'red', { commits: 3, warnings: 0 }, []),
    ]
  },
})
