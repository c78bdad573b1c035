import { expect, test } from 'vitest'
import type { BranchRule } from '../../../agents/collect/inputs.ci.ts'
import { cicdEngineer } from '../../../agents/platform/cicd-engineer.ts'
import { protectionFindings } from '../../../agents/platform/cicd-engineer.protection.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const CATCHES = [
  'an action pinned by tag',
  'write-all token',
  'pull_request_target that checks out the head',
  'title interpolated into run',
  'a name that nothing has',
  'a condition that is always true',
  'required check not pinned to the App',
  'bypass actor',
  'gate not required',
]
const healthy = cicdEngineer.planted.find(({ catches, expected }) => catches === 'bypass actor' && expected === 'green')?.inputs
if (healthy === undefined) throw new Error('nothing is planted')
const { protection } = healthy

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(cicdEngineer, CATCHES)).toEqual([])
  expect(faultsMissed(cicdEngineer)).toEqual([])
})

test('the rules and the workflows are reported each in its file, with the numbers the gate reads', () => {
  const report = cicdEngineer.assess(healthy, { app: 1234 })
  expect(report.findings).toEqual([])
  expect(report.measurements).toMatchObject([
    { gate: 'policy_ci', metrics: { workflows: 1, workflows_unread: 0, jobs: 1, required_checks: 1, unseen: 0, errors: 0 }, measured: { n: 1 } },
  ])
  expect(report.files.map(({ path }) => path)).toEqual(['ci/workflow_lint.json', 'ci/branch_protection.json'])
  expect(report.files[1]?.content).toMatchObject({ app: 1234, check: 'release-conductor/all_required_gates (main)', protection })
})

test('rules that nobody showed are said, never taken for none, and the workflows are looked at all the same', () => {
  const unseen = { ...protection, unseen: 'there is no token for the GitHub API', rules: [], bypasses: [], mergeMethods: [] }
  const workflows = {
    ...healthy.workflows,
    files: [{ path: '.github/workflows/ci.yml', text: 'on: push\npermissions: write-all\njobs: {}\n', why: null }],
  }
  const report = cicdEngineer.assess({ ...healthy, workflows, protection: unseen }, { app: 1234 })
  expect(report.findings.filter(({ rule }) => rule.startsWith('protection.'))).toMatchObject([
    { rule: 'protection.unseen-rules', severity: 'warning', message: expect.stringContaining('no token') as string },
  ])
  expect(report.findings.map(({ rule }) => rule)).toContain('workflow.write-all')
  expect(report.measurements).toMatchObject([{ metrics: { required_checks: 0, unseen: 1 } }])
  expect(cicdEngineer.plan?.({ ...healthy, protection: unseen }, { app: 1234 })).toEqual([])
})

test('no workflow is nothing measured; one that cannot be read is an error and not counted', () => {
  const none = cicdEngineer.assess({ ...healthy, workflows: { ...healthy.workflows, files: [] } }, {})
  expect(none).toMatchObject({
    measurements: [{ measured: { n: 0 } }],
    next: expect.stringContaining('not_applicable.policy_ci.workflows') as string,
  })
  const files = [{ path: 'action.yml', text: null, why: 'it is a symbolic link' }]
  const unread = cicdEngineer.assess({ ...healthy, workflows: { ...healthy.workflows, files } }, {})
  expect(unread.findings.map(({ rule }) => rule)).toContain('workflow.unread')
  expect(unread.measurements).toMatchObject([{ metrics: { workflows: 1, workflows_unread: 1 }, measured: { n: 0 } }])
})

const rulesOf = (change: Partial<typeof protection>, app: number | null = 1234, queued = false) =>
  protectionFindings({ ...protection, ...change }, app, queued).map(({ rule, severity, subject }) => [
    rule.replace('protection.', ''),
    severity,
    subject,
  ])
const queue: BranchRule = {
  type: 'merge_queue',
  ruleset: { id: 7, name: 'acme/shop' },
  requiredChecks: [],
  mergeMethods: ['merge'],
  grouping: 'ALLGREEN',
}
const jobs: BranchRule = {
  ...queue,
  type: 'required_status_checks',
  requiredChecks: [{ context: 'test', app: 15368 }],
  mergeMethods: null,
  grouping: null,
}

test.each<[string, Partial<typeof protection>, number | null, unknown[]]>([
  ['nothing wrong', {}, 1234, []],
  ['nobody said which App is ours', {}, null, [['unseen-app', 'warning', 'the rules of main']]],
  ['it is required from another App', {}, 99, [['check-unpinned', 'error', 'the rules of main']]],
  ['pushes past pull requests', { rules: protection.rules.slice(1) }, 1234, [['direct-pushes', 'error', 'the rules of main']]],
  [
    'squash is allowed',
    { rules: protection.rules.map((rule) => ({ ...rule, mergeMethods: null })), mergeMethods: ['merge', 'squash'] },
    1234,
    [['merge-methods', 'warning', 'the rules of main']],
  ],
  ['a bypass list that was not shown', { bypasses: [{ ruleset: '"main"', actors: null }] }, 1234, [['unseen-bypass', 'warning', '"main"']]],
  [
    'two who may pass by',
    {
      bypasses: [
        {
          ruleset: '"main"',
          actors: [
            { who: 'Team 3', mode: 'always' },
            { who: 'OrganizationAdmin', mode: 'pull_request' },
          ],
        },
      ],
    },
    1234,
    [
      ['bypass', 'error', 'Team 3 past "main"'],
      ['bypass', 'error', 'OrganizationAdmin past "main"'],
    ],
  ],
  [
    'a queue that merges the middle unanswered',
    { rules: [...protection.rules, { ...queue, grouping: 'HEADGREEN' }] },
    1234,
    [['merge-queue', 'error', 'the rules of main']],
  ],
  ['a queue that no workflow answers', { rules: [...protection.rules, queue, jobs] }, 1234, [['queue-uncovered', 'error', 'the rules of main']]],
  ['a queue with our check alone', { rules: [...protection.rules, queue] }, 1234, []],
])('%s', (_what, change, app, found) => {
  expect(rulesOf(change, app)).toEqual(found)
})

test('a queue that a workflow answers is well', () => {
  expect(rulesOf({ rules: [...protection.rules, queue, jobs] }, 1234, true)).toEqual([])
})

test('branch protection of the older kind: the check holds, who passes by and who pushes is not seen', () => {
  const checks = protection.rules.flatMap(({ requiredChecks }) => requiredChecks)
  const classic = (enforcement: string) => ({ rules: [], bypasses: [], classic: { enforcement, checks } })
  expect(rulesOf(classic('everyone'))).toEqual([
    ['unseen-pushes', 'warning', 'the rules of main'],
    ['unseen-bypass', 'warning', 'branch protection'],
  ])
  expect(rulesOf(classic('non_admins'))).toContainEqual(['bypass', 'error', 'admins'])
  expect(rulesOf(classic('off'))).toContainEqual(['gate-not-required', 'error', 'the rules of main'])
})

test('the plan is the ruleset that makes it right, for the App that is named; nothing when nothing is wrong', () => {
  const open = { ...healthy, protection: { ...protection, rules: [] } }
  expect(cicdEngineer.plan?.(healthy, { app: 1234 })).toEqual([])
  expect(cicdEngineer.plan?.(open, {})).toEqual([])
  const [action] = cicdEngineer.plan?.(open, { app: 1234 }) ?? []
  expect(action).toMatchObject({
    kind: 'ruleset.write',
    path: 'release-conductor (main)',
    why: expect.stringContaining('no active ruleset') as string,
  })
  expect(JSON.parse(action?.text ?? '')).toMatchObject({
    enforcement: 'active',
    bypass_actors: [],
    rules: expect.arrayContaining([
      {
        type: 'required_status_checks',
        parameters: expect.objectContaining({
          required_status_checks: [{ context: 'release-conductor/all_required_gates (main)', integration_id: 1234 }],
        }) as object,
      },
    ]) as object,
  })
})
