import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readWorkflow } from '../../../agents/platform/cicd-engineer.workflows.ts'

const PATH = '.github/workflows/a.yml'

function said(text: string, path = PATH): string[] {
  return readWorkflow(path, text)
    .findings.filter(({ rule }) => ['workflow.unknown-name', 'workflow.broken-expression', 'workflow.always-true'].includes(rule))
    .map(({ severity, line, message }) => `${line} ${severity} ${message}`)
}

/** Three jobs; the expression stands in the environment of the second step of the last. */
function around(expression: string, { matrix = '{ os: [a, b] }', on = 'push' } = {}): string {
  return `on: ${on}
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs: { word: "\${{ steps.say.outputs.word }}" }
    steps: [{ id: say, run: a }]
  called:
    uses: owner/name/.github/workflows/x.yml@${'a'.repeat(40)}
  test:
    needs: [build, called]
    runs-on: ubuntu-24.04
    strategy: { matrix: ${matrix} }
    steps:
      - id: first
        run: a
      - id: second
        run: a
        env:
          A: \${{ ${expression} }}
      - id: third
        run: a
`
}

/** One job with one step, and a condition of each. */
const condition = (job: string, step: string): string =>
  `on: push\npermissions: {}\njobs:\n  one:\n    if: ${job}\n    runs-on: ubuntu-24.04\n    steps:\n      - id: a\n        if: ${step}\n        run: a\n`

/** Called by other workflows, with one output. */
const called = (value: string): string =>
  `on:\n  workflow_call:\n    outputs:\n      a:\n        value: \${{ ${value} }}\npermissions: {}\njobs:\n  one:\n    runs-on: a\n    outputs: { b: c }\n    steps: [{ run: a }]\n`

/** An action.yml with two steps. */
const action = (expression: string): string =>
  `inputs: { a: {} }\noutputs: { b: { value: "\${{ steps.one.outputs.b }}" } }\nruns:\n  using: composite\n  steps:\n    - id: one\n      run: a\n      shell: sh\n    - run: echo \${{ ${expression} }}\n      shell: sh\n`

describe('what is there', () => {
  test.each([
    'steps.first.outputs.anything',
    "steps['first'].conclusion",
    'steps.FIRST.outcome',
    'steps.*.outcome',
    'steps[matrix.os].outputs.x',
    'needs.build.outputs.word',
    'needs.Build.Result',
    'needs.called.outputs.whatever',
    "needs[format('{0}', 1)].outputs.x",
    'needs.*.result',
    'matrix.os',
    'matrix.os.name',
    'toJSON(matrix)',
    'github.event.pull_request.number',
    'github.event.inputs',
    'github.repositoryUrl',
    'github[matrix.os]',
    'runner.temp',
    'job.services.db.ports[5432]',
    'strategy.job-index',
    'env.ANYTHING || vars.ANYTHING || secrets.ANYTHING',
    "hashFiles('a', 'b')",
    "case(github.ref == 'a', 1, 2)",
    "fromJSON('[1]')[0]",
    "'steps.nope.outputs.x }} needs.nope'",
    "!(1 < 2) && contains('a', 'b')",
  ])('%s', (expression) => {
    expect(said(around(expression))).toEqual([])
  })

  test.each([
    ['"${{ fromJSON(needs.build.outputs.word) }}"', 'matrix.anything'],
    ['{ include: "${{ fromJSON(needs.build.outputs.word) }}" }', 'matrix.anything'],
    ['{ include: ["${{ fromJSON(needs.build.outputs.word) }}"] }', 'matrix.anything'],
    ['{ os: [a], include: [{ os: a, Extra: 1 }] }', 'matrix.extra'],
  ])('in the matrix %s: %s', (matrix, expression) => {
    expect(said(around(expression, { matrix }))).toEqual([])
  })

  test('inputs of both ways to start it, and of the event of a caller', () => {
    const on = '{ workflow_dispatch: { inputs: { a: {} } }, workflow_call: { inputs: { b: { type: string } } } }'
    expect(said(around('inputs.a || inputs.B || github.event.inputs.whatever', { on }))).toEqual([])
    expect(said(around('inputs.c', { on }))).toEqual([expect.stringMatching(/^20 warning Nothing is called inputs\.c here/)])
    const alone = '{ workflow_dispatch: { inputs: { a: {} } } }'
    expect(said(around('github.event.inputs.a', { on: alone }))).toEqual([])
    expect(said(around('github.event.inputs.c', { on: alone }))).toEqual([expect.stringContaining('github.event.inputs.c')])
  })
})

describe('what is not there is empty, and a warning', () => {
  test.each([
    ['steps.nope.outputs.x', 'steps.nope'],
    ['steps.third.outputs.x', 'steps.third'],
    ['steps.second.outputs.x', 'steps.second'],
    ['steps.first.output.x', 'steps.first.output'],
    ['needs.absent.result', 'needs.absent'],
    ['needs.build.outputs.words', 'needs.build.outputs.words'],
    ['needs.build.results', 'needs.build.results'],
    ['needs.called.output', 'needs.called.output'],
    ['matrix.nope', 'matrix.nope'],
    ['inputs.unknown', 'inputs.unknown'],
    ['github.nope', 'github.nope'],
    ["format('{0}', github['nope'])", 'github.nope'],
    ['runner.nope || job.nope || 1', 'runner.nope'],
    ['fromJSON(steps.nope.outputs.x)[0].name', 'steps.nope'],
    ['github.event[steps.nope.outputs.x]', 'steps.nope'],
  ])('%s', (expression, name) => {
    expect(said(around(expression))[0]).toMatch(
      new RegExp(`^20 warning Nothing is called ${name.replaceAll('.', '\\.')} here, so it is always empty`),
    )
  })

  test('a matrix that is not there at all', () => {
    expect(said(around('matrix.os').replace(/ {4}strategy: .*\n/, ''))).toEqual([expect.stringContaining('matrix.os')])
  })

  test('what there is instead is said, and one name once', () => {
    const [found, ...more] = readWorkflow(PATH, around('steps.nope.outputs.a == steps.nope.outputs.b')).findings
    expect([found?.next, more]).toEqual(['Name what is there: steps has first.', []])
  })
})

describe('what decides whether something runs is an error', () => {
  test.each([
    ['always()', "success() && failure() && cancelled() && hashFiles('a') != ''", []],
    ["github.ref == 'a'", '${{ !cancelled() }}', []],
    ['needs.absent.result', 'true', ['5 error']],
    ['true', 'steps.absent.outputs.x', ['9 error']],
    ['true', '${{ steps.absent.outputs.x }} && ${{ inputs.x }}', ['9 error', '9 error', '9 error']],
    ['${{ true }} && always()', '|\n          ${{ !cancelled() }}\n', ['5 error']],
    ['${{ false }}', "${{ contains('}} a', 'a') }}", []],
    ['github.nope', 'matrix.nope || runner.nope', ['5 warning', '9 warning', '9 warning']],
    ['secrets.A', 'secrets.A', ['5 error', '9 error']],
    ["hashFiles('a')", 'always(1)', ['5 error', '9 error']],
    ['steps.a.outcome', 'jobs.one.result', ['5 error', '9 error']],
  ])('%s, %s', (job, step, found) => {
    expect(said(condition(job, step)).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(found)
  })
})

describe('what GitHub refuses is an error', () => {
  test.each([
    ['outputs.x', "Unrecognized named-value: 'outputs'"],
    ['jobs.build.result', 'there is no jobs here'],
    ["endWith('a', 'b')", "Unrecognized function: 'endWith'"],
    ["startsWith('a')", 'Too few parameters'],
    ["startsWith('a', 'b', 'c')", 'Too many parameters'],
    ['always()', 'always() may not be called here'],
    ['steps.first.outcome ||', 'Unexpected end'],
    ['steps..first', 'Unexpected symbol'],
    ['"text"', 'Unexpected symbol'],
    ['', 'it is empty'],
  ])('%s', (expression, why) => {
    const [found] = said(around(expression))
    expect(found).toMatch(/^20 error GitHub refuses /)
    expect(found).toContain(why)
  })

  test('a result of a job in the outputs of a workflow that is called', () => {
    expect(said(called('jobs.one.outputs.b || jobs.one.result'))).toEqual([])
    expect(said(called('jobs.one.outputs.c'))).toEqual([expect.stringMatching(/^5 warning/)])
    expect(said(called('jobs.two.result'))).toEqual([expect.stringMatching(/^5 warning/)])
    expect(said(called('needs.one.outputs.b'))).toEqual([expect.stringMatching(/^5 error/)])
  })
})

test('an action.yml is held to its own inputs and steps, and has no secrets', () => {
  expect(said(action('inputs.A || steps.one.outcome || github.event.inputs.x || env.X || matrix.x'), 'action.yml')).toEqual([])
  expect(said(action('inputs.b'), 'action.yml')).toEqual([expect.stringMatching(/^9 warning/)])
  expect(said(action('steps.two.outcome'), 'action.yml')).toEqual([expect.stringMatching(/^9 warning/)])
  expect(said(action('secrets.A'), 'action.yml')).toEqual([expect.stringMatching(/^9 error/)])
})

test('no text of strangers stops it', () => {
  const part = constantFrom(
    'steps',
    'needs',
    '.',
    '[',
    ']',
    '*',
    "'",
    '(',
    ')',
    '!',
    '&&',
    '||',
    ' ',
    '__proto__',
    'constructor',
    '1',
    '}}',
    '${{',
    ',',
  )
  assert(
    property(array(part, { maxLength: 30 }), (parts) => {
      const text = JSON.stringify(parts.join(''))
      const workflow = `on: push\njobs: { one: { runs-on: a, if: ${text}, steps: [{ run: ${text}, env: { A: "\${{ ${parts.join('').replaceAll('"', '')} }}" } }] } }\n`
      expect(Array.isArray(readWorkflow(PATH, workflow).findings)).toBe(true)
    }),
  )
  expect(said(around(`${'('.repeat(60)}1${')'.repeat(60)}`))).toEqual([expect.stringContaining('max expression depth')])
})
