/** Planted faults of cicd-engineer: a healthy workflow and a base branch that holds, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { BranchRule, Bypass } from '../collect/inputs.ci.ts'

type Given = PlantedInput<'workflows' | 'protection' | 'policy'>['inputs']

const PIN = '0123456789abcdef0123456789abcdef01234567'
const SHA = 'b'.repeat(40)

const HEALTHY = `name: ci
on:
  pull_request:
  merge_group:
permissions: {}
jobs:
  test:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@${PIN} # v7.0.1
        with:
          persist-credentials: false
      - run: echo "$TITLE"
        env:
          TITLE: \${{ github.event.pull_request.title }}
`

const CHECK = { context: 'release-conductor/all_required_gates (main)', app: 1234 }
const RULESET = { id: 7, name: 'acme/shop' }
const NONE: Omit<BranchRule, 'type'> = { ruleset: RULESET, requiredChecks: [], mergeMethods: null, grouping: null }
const PULLS: BranchRule = { ...NONE, type: 'pull_request', mergeMethods: ['merge'] }
const NOBODY: readonly Bypass[] = [{ ruleset: '"release-conductor (main)"', actors: [] }]

function checks(...requiredChecks: BranchRule['requiredChecks']): BranchRule {
  return { ...NONE, type: 'required_status_checks', requiredChecks }
}

interface Change {
  readonly workflow?: string
  readonly rules?: readonly BranchRule[]
  readonly bypasses?: readonly Bypass[]
  readonly classic?: Given['protection']['classic']
}

function given({ workflow = HEALTHY, rules = [PULLS, checks(CHECK)], bypasses = NOBODY, classic = null }: Change = {}): Given {
  return {
    workflows: { head: SHA, files: [{ path: '.github/workflows/ci.yml', text: workflow, why: null }] },
    protection: { base: 'main', rules: [...rules], bypasses: [...bypasses], mergeMethods: ['merge'], classic, unseen: null },
    policy: { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: 'version: 1\n' },
  }
}

function lint(from: string, to: string): Given {
  return given({ workflow: HEALTHY.replace(from, to) })
}

type Plant = PlantedInput<'workflows' | 'protection' | 'policy'>

function red(catches: string, rule: string, inputs: Given): Plant {
  return { catches, expected: 'red', inputs, rules: [rule] }
}

function green(catches: string, inputs: Given): Plant {
  return { catches, expected: 'green', inputs }
}

const TARGET = HEALTHY.replace('  pull_request:\n', '  pull_request_target:\n')

export const planted: readonly Plant[] = [
  red('an action pinned by tag', 'workflow.action-unpinned', lint(`@${PIN} # v7.0.1`, '@v7')),
  red('an action pinned by tag', 'workflow.action-unpinned', lint(`@${PIN} # v7.0.1`, `@${PIN.slice(0, 7)}`)),
  red('an action pinned by tag', 'workflow.action-unpinned', lint('      - run:', '      - uses: docker://alpine:3\n      - run:')),
  green('an action pinned by tag', lint('      - run:', '      - uses: ./actions/own\n      - run:')),
  red('write-all token', 'workflow.write-all', lint('permissions: {}', 'permissions: write-all')),
  red('write-all token', 'workflow.write-all', lint('    permissions:\n      contents: read\n', '    permissions: write-all\n')),
  green('write-all token', lint('      contents: read\n', '      contents: write\n')),
  red(
    'pull_request_target that checks out the head',
    'workflow.head-checkout',
    given({
      workflow: TARGET.replace(
        '          persist-credentials: false\n',
        '          persist-credentials: false\n          ref: ${{ github.event.pull_request.head.sha }}\n',
      ),
    }),
  ),
  red(
    'pull_request_target that checks out the head',
    'workflow.head-checkout',
    given({ workflow: TARGET.replace('run: echo "$TITLE"', 'run: gh pr checkout "$NUMBER" && npm ci') }),
  ),
  green('pull_request_target that checks out the head', given({ workflow: TARGET })),
  red('title interpolated into run', 'workflow.script-injection', lint('echo "$TITLE"', 'echo "${{ github.event.pull_request.title }}"')),
  red('title interpolated into run', 'workflow.script-injection', lint('echo "$TITLE"', "echo ${{ github.event['issue'].title || 'none' }}")),
  red('title interpolated into run', 'workflow.script-injection', lint('echo "$TITLE"', 'echo ${{ env.TITLE }}')),
  green('title interpolated into run', lint('echo "$TITLE"', "echo ${{ github.event.number }} ${{ github.event.pull_request.title == 'x' }}")),
  red('a name that nothing has', 'workflow.broken-expression', lint('github.event.pull_request.title', "secrets['A'] && runner.os && jobs.test")),
  red('a name that nothing has', 'workflow.broken-expression', lint('    runs-on: ubuntu-24.04\n', '    runs-on: ${{ env.RUNNER }}\n')),
  red('a name that nothing has', 'workflow.broken-expression', lint('github.event.pull_request.title', "endWith(github.ref, 'a')")),
  red('a name that nothing has', 'workflow.unknown-name', lint('      - run:', "      - if: steps.absent.outputs.go == 'yes'\n        run:")),
  red('a name that nothing has', 'workflow.unknown-name', lint('    runs-on:', "    if: needs.absent.result == 'success'\n    runs-on:")),
  green(
    'a name that nothing has',
    lint('      - run:', "      - id: look\n        run: 'true'\n      - if: steps.look.outputs.go == 'yes'\n        run:"),
  ),
  green('a name that nothing has', lint('    runs-on: ubuntu-24.04\n', '    runs-on: ${{ vars.RUNNER }}\n')),
  red(
    'a condition that is always true',
    'workflow.always-true',
    lint('      - run:', "      - if: ${{ github.ref == 'a' }} && success()\n        run:"),
  ),
  green('a condition that is always true', lint('      - run:', "      - if: ${{ github.ref == 'a' && success() }}\n        run:")),
  red('required check not pinned to the App', 'protection.check-unpinned', given({ rules: [PULLS, checks({ ...CHECK, app: null })] })),
  green('required check not pinned to the App', given({ rules: [PULLS, checks(CHECK, { context: 'test', app: null })] })),
  red(
    'bypass actor',
    'protection.bypass',
    given({ bypasses: [{ ruleset: '"release-conductor (main)"', actors: [{ who: 'RepositoryRole 5', mode: 'always' }] }] }),
  ),
  red('bypass actor', 'protection.bypass', given({ rules: [PULLS], bypasses: NOBODY, classic: { enforcement: 'non_admins', checks: [CHECK] } })),
  green('bypass actor', given()),
  red('gate not required', 'protection.gate-not-required', given({ rules: [PULLS, checks({ context: 'test', app: 1234 })] })),
  red('gate not required', 'protection.gate-not-required', given({ rules: [PULLS], classic: { enforcement: 'off', checks: [CHECK] } })),
  green('gate not required', given({ rules: [PULLS], classic: { enforcement: 'everyone', checks: [CHECK] } })),
]
