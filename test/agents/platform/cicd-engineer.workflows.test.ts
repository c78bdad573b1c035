import { describe, expect, test } from 'vitest'
import { readWorkflow } from '../../../agents/platform/cicd-engineer.workflows.ts'

const PIN = 'a'.repeat(40)
const PATH = '.github/workflows/ci.yml'

/** A workflow around one job. */
function workflow(job: string, { on = 'pull_request', top = 'permissions: {}\n' } = {}): string {
  return `on: ${on}\n${top}jobs:\n  one:\n    runs-on: ubuntu-24.04\n${job.replaceAll(/^(?=.)/gm, '    ')}`
}

function steps(text: string): string {
  return `steps:\n${text.replaceAll(/^(?=.)/gm, '  ')}`
}

/** An action that is given a stranger's text. */
function given(uses: string, input: string): string {
  return workflow(steps(`- uses: ${uses}@${PIN}\n  with: { ${input}: "\${{ github.event.issue.title }}" }\n`))
}

function checkout(more: string): string {
  return steps(`- uses: actions/checkout@${PIN}\n  with: { persist-credentials: false${more} }\n`)
}

function rules(text: string, path = PATH): string[] {
  return readWorkflow(path, text).findings.map(({ rule, severity, line }) => `${rule.replace('workflow.', '')} ${severity} ${line}`)
}

test('a workflow that does nothing wrong', () => {
  const read = readWorkflow(PATH, workflow(steps(`- uses: actions/checkout@${PIN}\n  with: { persist-credentials: false }\n- run: npm ci\n`)))
  expect(read).toEqual({ findings: [], events: ['pull_request'], jobs: 1 })
})

describe('code that its owner can move', () => {
  test.each([
    ['actions/checkout@v7', true],
    ['actions/checkout@main', true],
    [`actions/checkout@${PIN.slice(1)}`, true],
    ['actions/checkout', true],
    ['docker://alpine:3', true],
    [`docker://alpine@sha256:${'a'.repeat(64)}`, false],
    [`owner/name/folder@${PIN}`, false],
    ['./actions/own', false],
  ])('%s: %s', (uses, found) => {
    expect(rules(workflow(steps(`- uses: ${uses}\n  with: { persist-credentials: false }\n`))).includes('action-unpinned error 7')).toBe(found)
  })

  test('a reusable workflow, an action.yml and its image are held to the same', () => {
    expect(rules('on: push\npermissions: {}\njobs:\n  one:\n    uses: owner/name/.github/workflows/x.yml@v1\n')).toEqual(['action-unpinned error 5'])
    expect(rules('runs:\n  using: composite\n  steps:\n    - uses: actions/setup-node@v7\n', 'actions/own/action.yml')).toEqual([
      'action-unpinned error 4',
    ])
    expect(rules('runs:\n  using: docker\n  image: docker://alpine:3\n', 'action.yml')).toEqual(['action-unpinned error 3'])
  })

  test('images of a job, and a password beside them', () => {
    const job =
      'container: { image: "node:24", credentials: { username: a, password: hunter2 } }\nservices: { db: { image: postgres } }\nsteps: [{ run: a }]\n'
    expect(rules(workflow(job))).toEqual(['image-unpinned warning 6', 'password-in-file error 6', 'image-unpinned warning 7'])
    expect(
      rules(workflow(`container: { image: x@sha256:${'a'.repeat(64)}, credentials: { password: "\${{ secrets.P }}" } }\nsteps: [{ run: a }]\n`)),
    ).toEqual([])
  })
})

describe('what is pasted into a script', () => {
  test.each([
    ['${{ github.event.issue.title }}', 'error'],
    ["${{ github.event['pull_request'].body }}", 'error'],
    ['${{ github.event.commits[0].message }}', 'error'],
    ['${{ github.event.commits.*.author.email }}', 'error'],
    ['${{ github.head_ref }}', 'error'],
    ['${{ toJSON(github.event) }}', 'error'],
    ["${{ format('{0}', github.event.comment.body) }}", 'error'],
    ["${{ github.event.label.name == 'x' && github.event.issue.body || '' }}", 'error'],
    ['${{ github.event.pull_request.head.repo.default_branch }}', 'error'],
    ['${{ github.event.workflow_run.head_branch }}', 'error'],
    ['${{ toJSON(secrets) }}', 'error'],
    ['${{ inputs.version }}', 'warning'],
    ['${{ github.ref_name }}', 'warning'],
    ['${{ github.event.inputs.version }}', 'warning'],
    ["${{ github.event.issue.title == 'x' }}", undefined],
    ["${{ contains(github.event.issue.title, 'x') }}", undefined],
    ["${{ 'github.event.issue.title' }}", undefined],
    ['${{ github.event.number }}', undefined],
    ['${{ github.event.pull_request.head.sha }}', undefined],
    ['${{ github.event.repository.name }}', undefined],
    ['${{ github.sha }} ${{ runner.temp }} ${{ secrets.ONE }}', undefined],
  ])('%s: %s', (text, severity) => {
    const on = '{ pull_request: {}, workflow_dispatch: { inputs: { version: { type: string } } } }'
    const found = readWorkflow(PATH, workflow(steps(`- run: |\n    echo "${text}"\n`), { on })).findings
    expect(found.map((finding) => finding.severity)).toEqual(severity === undefined ? [] : [severity])
  })

  test('by a variable that holds it, at every level; as a variable it is text', () => {
    const step = '- run: echo ${{ env.TITLE }}\n'
    expect(rules(workflow(steps(step), { top: 'permissions: {}\nenv: { TITLE: "${{ github.event.issue.title }}" }\n' }))).toEqual([
      'script-injection error 8',
    ])
    expect(rules(workflow(`env: { TITLE: "\${{ github.head_ref }}" }\n${steps(step)}`))).toEqual(['script-injection error 8'])
    expect(rules(workflow(`env: { TITLE: fixed }\n${steps(step)}`))).toEqual([])
    expect(rules(workflow(steps('- run: echo "$TITLE"\n  env: { TITLE: "${{ github.event.issue.title }}" }\n')))).toEqual([])
  })

  test('into the script of an action, and into nothing that is only an input', () => {
    expect(rules(given('actions/github-script', 'script'))).toEqual(['script-injection error 8'])
    expect(rules(given('actions/github-script', 'result-encoding'))).toEqual([])
    expect(rules(given('owner/name', 'script'))).toEqual([])
  })
})

describe('a stranger’s commit with our secrets', () => {
  test.each([
    ['pull_request_target', ', ref: "${{ github.event.pull_request.head.sha }}"', true],
    ['pull_request_target', ', ref: "refs/pull/${{ github.event.number }}/merge"', true],
    ['pull_request_target', ', repository: "${{ github.event.pull_request.head.repo.full_name }}"', true],
    ['pull_request_target', ', allow-unsafe-pr-checkout: true', true],
    ['workflow_run', ', ref: "${{ github.event.workflow_run.head_sha }}"', true],
    ['issue_comment', ', ref: "refs/pull/${{ github.event.issue.number }}/head"', true],
    ['pull_request', ', ref: "${{ github.event.pull_request.head.sha }}"', false],
    ['pull_request_target', ', ref: main', false],
    ['pull_request_target', '', false],
  ])('%s with %s: %s', (on, more, found) => {
    expect(rules(workflow(checkout(more), { on })).includes('head-checkout error 8')).toBe(found)
  })

  test('by hand, through the environment file, and by a bot’s name', () => {
    const on = '[pull_request_target]'
    expect(rules(workflow(steps('- run: git fetch origin pull/7/head\n'), { on }))).toContain('head-checkout error 7')
    expect(rules(workflow(steps('- run: echo A=b >> "$GITHUB_ENV"\n'), { on }))).toContain('environment-file warning 7')
    expect(rules(workflow(`if: github.actor == 'dependabot[bot]'\n${steps('- run: a\n')}`, { on }))).toContain('bot-by-name error 6')
    expect(rules(workflow(`if: github.actor == 'dependabot[bot]'\n${steps('- run: echo A=b >> "$GITHUB_ENV"\n')}`))).toEqual([])
    expect(rules(workflow(steps('- run: a\n'), { on }))).toEqual(['dangerous-trigger warning 1'])
  })
})

describe('what the token may do', () => {
  const job = steps('- run: a\n')
  test.each([
    ['permissions: write-all\n', ['write-all error 2']],
    ['permissions: read-all\n', ['permissions-wide warning 2']],
    ['', ['permissions-missing warning 3']],
    ['permissions: { contents: write }\n', []],
    ['permissions: { contents: writes }\n', ['broken error 2']],
  ])('%s', (top, found) => {
    expect(rules(workflow(job, { top }))).toEqual(found)
  })

  test('a workflow that only others call has at most what they have', () => {
    expect(rules(workflow(job, { top: '', on: 'workflow_call' }))).toEqual([])
    expect(rules(workflow(job, { top: '', on: '[workflow_call, push]' }))).toEqual(['permissions-missing warning 3'])
  })

  test('a right for every job although only one needs it; a job that says it for itself', () => {
    const two = `${workflow(job, { top: 'permissions: { contents: write }\n' })}  two: { runs-on: x, steps: [{ run: a }] }\n`
    expect(rules(two)).toEqual(['permissions-wide warning 2'])
    expect(rules(workflow(`permissions: write-all\n${job}`, { top: '' }))).toEqual(['write-all error 5'])
    expect(rules(workflow(`permissions: {}\n${job}`, { top: '' }))).toEqual([])
  })

  test('every secret, the token left behind, commands from the log', () => {
    expect(rules(`on: push\npermissions: {}\njobs: { one: { uses: o/n/.github/workflows/x.yml@${PIN}, secrets: inherit } }\n`)).toEqual([
      'all-secrets warning 3',
    ])
    expect(rules(workflow(steps(`- uses: actions/checkout@${PIN}\n`)))).toEqual(['credentials-kept warning 7'])
    expect(rules(workflow(checkout('').replace('false', 'true')))).toEqual([])
    expect(rules(workflow(checkout('').replace('false', 'true'), { on: 'issue_comment' }))).toEqual(['credentials-kept warning 7'])
    expect(rules(workflow(steps('- run: echo "::set-output name=a::b"\n')))).toEqual(['old-command warning 7'])
    expect(rules(workflow(steps('- run: echo "::notice file=a::b"\n')))).toEqual([])
    expect(rules(workflow(`env: { ACTIONS_ALLOW_UNSECURE_COMMANDS: true }\n${job}`))).toEqual(['unsecure-commands error 6'])
  })
})

const job = steps('- run: a\n')
const schedule = (cron: string) => `{ schedule: [{ cron: '${cron}' }] }`

describe('what GitHub does not know', () => {
  test.each(['* * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '1-70 * * * *', '*/0 * * * *', 'MON * * * *'])(
    'the time %s',
    (cron) => {
      expect(rules(workflow(job, { on: schedule(cron) }))).toEqual(['broken error 1'])
    },
  )

  test.each(['*/5 * * * *', '0 0 1,15 * MON-FRI', '1-59/2 3 * JAN 7'])('it knows %s', (cron) => {
    expect(rules(workflow(job, { on: schedule(cron) }))).toEqual([])
  })

  test.each([
    ['an event', workflow(job, { on: '[push, pulls]' }), ['unknown-event error 1']],
    ['a key of a job', workflow(`time-out: 5\n${job}`), ['unknown-key warning 6']],
    ['a key of a step', workflow(steps('- run: a\n  names: b\n')), ['unknown-key warning 8']],
    ['an id twice', workflow(steps('- { id: a, run: a }\n- { id: a, run: a }\n')), ['broken error 8']],
  ])('%s', (_what, text, found) => {
    expect(rules(text)).toEqual(found)
  })
})

test.each([
  ['a doubled key', 'on: push\non: push\n', ['doubled-key error 2']],
  ['nothing in it', '', ['broken error 1']],
  ['a list', '- a\n', ['broken error 1']],
  ['no jobs, no trigger, an unknown key', 'stages: []\n', ['broken error 1', 'broken error 1', 'broken error 1']],
  ['a job of nothing', 'on: push\npermissions: {}\njobs:\n  one:\n', ['broken error 4']],
  ['a job without a place and without steps', 'on: push\npermissions: {}\njobs:\n  one: {}\n', ['broken error 4', 'broken error 4']],
  ['a job that needs nobody', workflow(`needs: [two]\n${steps('- run: a\n')}`), ['broken error 6']],
  ['a job that waits for itself', workflow(`needs: one\n${steps('- run: a\n')}`), ['broken error 6']],
  ['a step that is a word', workflow(steps('- a\n')), ['broken error 7']],
  ['a step that does two things', workflow(steps('- run: a\n  uses: ./a\n')), ['broken error 7']],
])('%s is broken', (_what, text, found) => {
  expect(rules(text).toSorted()).toEqual(found)
})
