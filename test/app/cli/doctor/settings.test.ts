import { expect, test } from 'vitest'
import type { BranchRule } from '../../../../agents/collect/inputs.ci.ts'
import { settingsFindings, type Settings } from '../../../../app/cli/doctor/settings.ts'

const CONTEXT = 'release-conductor/all_required_gates (main)'
const rule = (type: string, over: Partial<BranchRule> = {}): BranchRule => ({
  type,
  ruleset: { id: 1, name: 'acme/shop' },
  requiredChecks: [],
  mergeMethods: null,
  grouping: null,
  ...over,
})
const requires = (app: number | null, context = CONTEXT): BranchRule => rule('required_status_checks', { requiredChecks: [{ context, app }] })
const GOOD: Settings = {
  base: 'main',
  app: 1234,
  context: CONTEXT,
  rules: [requires(1234), rule('pull_request', { mergeMethods: ['merge'] })],
  bypasses: [{ ruleset: '"release-conductor (main)"', actors: [] }],
  mergeMethods: ['merge', 'squash', 'rebase'],
  immutableReleases: true,
  merged: [{ number: 3, head: 'a'.repeat(40), conclusion: 'success' }],
  environments: [{ name: 'prod', apps: [1234] }],
}

const states = (over: Partial<Settings> = {}): Record<string, string> =>
  Object.fromEntries(settingsFindings({ ...GOOD, ...over }).map(({ what, state }) => [what, state]))

test('a repository that holds what it promises', () => {
  expect(new Set(Object.values(states()))).toEqual(new Set(['ok']))
})

test.each<[string, string, string, Partial<Settings>]>([
  ['no rule requires it', 'required check', 'wrong', { rules: [rule('pull_request')] }],
  ['another base’s check is required', 'required check', 'wrong', { rules: [requires(1234, CONTEXT.replace('main', 'next'))] }],
  ['from any source', 'required check', 'wrong', { rules: [requires(null)] }],
  ['from another App', 'required check', 'wrong', { rules: [requires(9)] }],
  ['nobody said which App is ours', 'required check', 'indeterminate', { app: null }],
  ['no ruleset at all', 'bypass', 'wrong', { bypasses: [] }],
  ['a list that may not be seen', 'bypass', 'indeterminate', { bypasses: [{ ruleset: 'ruleset 1', actors: null }] }],
  ['somebody may pass', 'bypass', 'warning', { bypasses: [{ ruleset: '"x"', actors: [{ who: 'OrganizationAdmin', mode: 'exempt' }] }] }],
  ['pushes need no pull request', 'direct pushes', 'wrong', { rules: [requires(1234)] }],
  ['squash is allowed', 'merge methods', 'warning', { rules: [requires(1234), rule('pull_request')] }],
  ['merge commits are not allowed', 'merge methods', 'wrong', { mergeMethods: ['squash'] }],
  [
    'a queue squashes',
    'merge methods',
    'wrong',
    { rules: [requires(1234), rule('merge_queue', { mergeMethods: ['squash'], grouping: 'ALLGREEN' })] },
  ],
  [
    'a queue answers for the head of a group only',
    'merge queue',
    'warning',
    { rules: [requires(1234), rule('merge_queue', { grouping: 'HEADGREEN' })] },
  ],
  ['a queue answers for each', 'merge queue', 'ok', { rules: [requires(1234), rule('merge_queue', { grouping: 'ALLGREEN' })] }],
  ['releases can be changed', 'immutable releases', 'warning', { immutableReleases: false }],
  ['nobody may see whether they can', 'immutable releases', 'indeterminate', { immutableReleases: null }],
  ['a release was merged while red', 'merged while red', 'warning', { merged: [{ number: 3, head: 'a'.repeat(40), conclusion: 'failure' }] }],
  ['a release was merged without the check', 'merged while red', 'warning', { merged: [{ number: 3, head: 'a'.repeat(40), conclusion: null }] }],
  ['a job may deploy by hand', 'deployment protection', 'warning', { environments: [{ name: 'prod', apps: [9] }] }],
  [
    'one of two environments is open',
    'deployment protection',
    'warning',
    {
      environments: [
        { name: 'prod', apps: [1234] },
        { name: 'stage', apps: [] },
      ],
    },
  ],
  ['nobody may see the environments', 'deployment protection', 'indeterminate', { environments: null }],
  ['no job names an environment', 'deployment protection', 'not looked at', { environments: [] }],
  ['none was merged', 'merged while red', 'not looked at', { merged: [] }],
])('%s: %s is %s (T1, T18, T21)', (_what, what, state, over) => {
  expect(states(over)[what]).toBe(state)
})
