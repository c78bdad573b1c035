import { z } from 'zod'
import { Exceptions } from '../evidence/model/config/exceptions.ts'
import { Policies } from '../evidence/model/config/policies.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import { planter } from './topics.planted.ts'
import { judgeTopics, type TopicRule } from './topics.ts'

function unmeasured(what: string): Reason {
  return { code: 'policy_ci.not-measured', message: `No statement carries numbers about ${what}`, next: 'Run phase P0 again.' }
}

const RULES: readonly TopicRule[] = [
  { topic: 'commits', thresholds: { commits: '>0' }, unmeasured: unmeasured('the commits') },
  {
    topic: 'workflows',
    thresholds: { workflows: '>0', workflows_unread: '=0', required_checks: '>0' },
    unmeasured: unmeasured('the workflows and the rules of the base branch'),
    unseen: /^protection\.unseen-/,
  },
  {
    topic: 'policies',
    thresholds: { policy_evaluations: '>0', policies_unevaluated: '=0' },
    unmeasured: {
      code: 'policy_ci.not-measured',
      message: 'No statement carries numbers about policies in Rego',
      next: 'Run phase P0 again; if this repository has none of its own, declare `not_applicable.policy_ci.policies`.',
    },
    codes: { 'policy.unevaluated': 'policy_ci.not-measured' },
    // What does not compile, or nobody approved, judges nothing: no exception helps.
    exceptable: { 'policy.deny': null, 'policy.no-tests': null, 'policy.bundle-stale': null },
  },
]
const CODES = {
  findings: 'policy_ci.findings',
  contradiction: 'policy_ci.contradiction',
  expired: 'policy_ci.exception-expired',
  notMeasured: 'policy_ci.not-measured',
} as const

const Policy = z.strictObject({
  /** Labels allowed besides the canon; the agent reads them. */
  labels: z.array(z.string().min(1).max(200)).max(100).default([]).describe('Labels that pull requests may have besides the canon.'),
  /** The App that must report the checks, by its number; the agent reads it. */
  app: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional().describe('The App that must report the checks, by its number.'),
  /** The adopter's own Rego; the collector reads it. */
  policies: Policies.prefault({}).describe('Rego of your own: where it lies, what it is asked about, and which bundle is approved.'),
  /** Findings that may stand until a day. */
  exceptions: Exceptions,
})
type Policy = z.infer<typeof Policy>

const plant = planter<Policy>({
  gate: 'policy_ci',
  phase: 'P0',
  numbers: {
    commits: { commits: 3 },
    workflows: { workflows: 2, workflows_unread: 0, required_checks: 1 },
    policies: { policy_evaluations: 4, policies_unevaluated: 0 },
  },
  policy: (exceptions) => ({ labels: [], policies: Policies.parse({}), exceptions }),
})

export const policyCi = gate<Policy>({
  id: 'policy_ci',
  phase: 'P0',
  question: 'Do commits, pull request, workflows, the rules of the base branch and the policies in Rego let nothing in that nobody looked at?',
  why: 'What nobody can read, nobody can approve; and a gate that can be passed by holds nothing.',
  version: 3,
  reads: RULES.map(({ topic }) => topic),
  dependsOn: ['pullRequest', 'policy'],
  inputOf: { pullRequest: ['commits'] },
  policy: Policy,
  notMeasured: 'policy_ci.not-measured',
  decide({ evidence, policy, now }) {
    return judgeTopics({ gate: 'policy_ci', rules: RULES, codes: CODES, exceptions: policy.exceptions }, { evidence, now })
  },
  planted() {
    const warning: Finding = { rule: 'label.missing', severity: 'warning', message: 'No risk label', next: 'Add one.' }
    const error: Finding = { rule: 'commit.type-enum', severity: 'error', message: 'bad type', next: 'Reword it.' }
    const bypass: Finding = { rule: 'protection.bypass', severity: 'error', subject: 'Team 7', message: 'it may pass by', next: 'Take it off.' }
    const unseen: Finding = { ...bypass, rule: 'protection.unseen-bypass', severity: 'warning', subject: '"main"' }
    const denied: Finding = { rule: 'policy.deny', severity: 'error', path: 'deploy/shop.yaml', message: 'it runs as root', next: 'Change it.' }
    return [
      plant('commits, workflows and policies without an error', 'green'),
      plant('a warning', 'green', { topic: 'commits', findings: [warning] }),
      plant('an error', 'red', { topic: 'commits', findings: [error] }),
      plant('a summary that hides an error', 'red', { topic: 'commits', findings: [error], metrics: { errors: 0 } }),
      plant('no count of errors', 'red', { topic: 'commits', metrics: { errors: undefined } }),
      plant('no commit', 'red', { topic: 'commits', metrics: { commits: 0 }, n: 0 }),
      plant('somebody who may pass the rules by', 'red', { topic: 'workflows', findings: [bypass] }),
      plant('the same, answered for until today', 'green', { topic: 'workflows', findings: [bypass], until: '2026-01-15' }),
      plant('the same, answered for until yesterday', 'red', { topic: 'workflows', findings: [bypass], until: '2026-01-14' }),
      plant('a bypass list that nobody could see', 'red', { topic: 'workflows', findings: [unseen] }),
      plant('the same, when somebody answers for it', 'green', { topic: 'workflows', findings: [unseen], until: '2026-12-31' }),
      plant('rules that nobody could see, although somebody answers for it', 'red', {
        topic: 'workflows',
        findings: [{ ...unseen, rule: 'protection.unseen-rules' }],
        metrics: { required_checks: 0 },
        until: '2026-12-31',
      }),
      plant('a workflow that could not be read', 'red', { topic: 'workflows', metrics: { workflows_unread: 1 } }),
      plant('no workflow', 'red', { topic: 'workflows', metrics: { workflows: 0 }, n: 0 }),
      plant('no required check', 'red', { topic: 'workflows', metrics: { required_checks: 0 } }),
      plant('a deny', 'red', { topic: 'policies', findings: [denied] }),
      plant('the same, answered for until a day', 'green', { topic: 'policies', findings: [denied], until: '2026-12-31' }),
      plant('a bundle that nobody approved, whoever answers for it', 'red', {
        topic: 'policies',
        findings: [{ ...denied, rule: 'policy.bundle-not-approved' }],
        until: '2026-12-31',
      }),
      plant('a summary that hides a deny', 'red', { topic: 'policies', findings: [denied], metrics: { errors: 0 } }),
      plant('a document that no policy answered about', 'red', { topic: 'policies', metrics: { policies_unevaluated: 1 } }),
      plant('policies that nothing evaluated', 'red', { topic: 'policies', metrics: { policy_evaluations: 0 }, n: 0 }),
    ]
  },
})
