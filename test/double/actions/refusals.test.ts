import { describe, expect, test } from 'vitest'
import { actionsRunner } from '../../support/github/actions/runner.ts'
import { fakeRun, fixtureRepository } from '../../support/github/actions/fixture.ts'
import { RunnerError } from '../../support/github/actions/error.ts'

const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1'
const UPLOAD = 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f'
const DOWNLOAD = 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c'

const steps = (...lines: string[]) =>
  `on: workflow_dispatch\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n${lines.map((line) => `      - ${line}\n`).join('')}`

async function startupFailure(workflow: string, files: Record<string, string> = {}): Promise<RunnerError> {
  const repository = await fixtureRepository({ '.github/workflows/ci.yml': workflow, ...files })
  const fake = fakeRun(repository)
  const error = await actionsRunner()
    .run(fake.request)
    .then(
      () => undefined,
      (cause: unknown) => cause,
    )
  expect(error).toBeInstanceOf(RunnerError)
  expect(fake.jobs.size, 'no job may have started').toBe(0)
  return error as RunnerError
}

describe('before any job starts, the runner refuses and names', () => {
  test.each([
    [
      'an unknown key of the workflow',
      'on: workflow_dispatch\nflavour: x\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-workflow',
      'flavour',
    ],
    [
      'an unknown key of a job',
      'on: workflow_dispatch\njobs: { a: { runs-on: ubuntu-latest, strategy: {}, steps: [{ run: x }] } }',
      'bad-workflow',
      'strategy',
    ],
    ['an unknown key of a step', steps('{ run: x, retries: 3 }'), 'bad-workflow', 'retries'],
    ['an unknown event', 'on: issue_comment\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: x }] } }', 'bad-workflow', 'issue_comment'],
    ['an unknown shell', steps('{ run: x, shell: pwsh }'), 'bad-workflow', 'shell'],
    ['an unknown label', 'on: workflow_dispatch\njobs: { a: { runs-on: windows-latest, steps: [{ run: x }] } }', 'bad-workflow', 'runs-on'],
    [
      'an unknown permission',
      'on: workflow_dispatch\npermissions: { content: read }\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-workflow',
      'content',
    ],
    ['a step with run and uses', steps(`{ run: x, uses: ${CHECKOUT} }`), 'bad-workflow', 'either run or uses'],
    [
      'a need that does not exist',
      'on: workflow_dispatch\njobs: { a: { needs: b, runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-workflow',
      'needs b',
    ],
    [
      'needs in a circle',
      'on: workflow_dispatch\njobs: { a: { needs: b, runs-on: ubuntu-latest, steps: [{ run: x }] }, b: { needs: a, runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-workflow',
      'a -> b -> a',
    ],
    ['two steps of one id', steps('{ id: x, run: x }', '{ id: x, run: y }'), 'bad-workflow', 'id x'],
    ['a key given twice', 'on: workflow_dispatch\non: push\njobs: {}', 'bad-yaml', 'unique'],
    [
      'a prototype as a name',
      'on: workflow_dispatch\njobs: { constructor: { runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-workflow',
      'constructor',
    ],
    ['an unknown function', steps("{ run: x, if: \"hashFiles('x') != ''\" }"), 'bad-expression', 'hashFiles'],
    ['an unknown context', steps('{ run: "echo ${{ services.x }}" }'), 'bad-expression', 'services'],
    [
      'a matrix of two dimensions',
      'on: workflow_dispatch\njobs: { a: { runs-on: ubuntu-latest, strategy: { fail-fast: false, matrix: { x: [1], y: [2] } }, steps: [{ run: x }] } }',
      'bad-workflow',
      'one dimension',
    ],
    [
      'a context out of its place',
      'on: workflow_dispatch\njobs: { a: { if: "secrets.x == 1", runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-expression',
      'secrets',
    ],
    ['an expression that is not closed', steps('{ run: "echo ${{ github.sha" }'), 'bad-expression', 'without }}'],
    ['an action it does not have', steps('{ uses: actions/cache@3d3c42e5aac5ba805825da76410c181273ba90b1 }'), 'unknown-action', 'actions/cache'],
    ['an action by tag', steps('{ uses: actions/checkout@v7 }'), 'not-pinned', 'actions/checkout@v7'],
    [
      'a commit of an action it does not know',
      steps('{ uses: actions/checkout@0000000000000000000000000000000000000000 }'),
      'unknown-action',
      'v7.0.1',
    ],
    [
      'an input it does not know',
      steps(`{ uses: ${CHECKOUT}, with: { persist-credentials: false, submodules: true } }`),
      'unknown-input',
      'submodules',
    ],
    ['a checkout that keeps its token', steps(`{ uses: ${CHECKOUT} }`), 'bad-input', 'persist-credentials'],
    ['a pattern to upload', steps(`{ uses: ${UPLOAD}, with: { path: '*.json' } }`), 'bad-input', 'patterns'],
    ['a download by name and id', steps(`{ uses: ${DOWNLOAD}, with: { name: a, artifact-ids: 1 } }`), 'bad-input', 'give one of'],
    ['a digest that may differ', steps(`{ uses: ${DOWNLOAD}, with: { name: a, digest-mismatch: warn } }`), 'bad-input', 'digest-mismatch'],
    [
      'an automatic deployment',
      'on: workflow_dispatch\njobs: { a: { environment: prod, runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-workflow',
      'environment',
    ],
    [
      'a workflow that is not started this way',
      'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: x }] } }',
      'bad-workflow',
      'workflow_dispatch',
    ],
  ])('%s', async (_, workflow, code, named) => {
    const error = await startupFailure(workflow)
    expect(error.code).toBe(code)
    expect(error.message).toContain(named)
  })

  test('a workflow file that does not exist', async () => {
    const repository = await fixtureRepository({ 'README.md': 'x' })
    await expect(actionsRunner().run(fakeRun(repository).request)).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('while a job runs, the step fails and the log says why', () => {
  test.each([
    ['an unknown member of github', steps('run: echo ${{ github.nope }}'), 'github.nope'],
    ['an input that does not exist', steps('run: echo ${{ inputs.nope }}'), 'inputs.nope'],
    ['a need that is none', steps('run: echo ${{ needs.other.result }}'), 'needs.other'],
    ['a command GitHub took away', steps('run: echo "::set-output name=x::y"'), 'set-output'],
    ['a delimiter that never comes', steps('run: printf "a<<EOF\\nb\\n" >> "$GITHUB_OUTPUT"'), 'no line closes a'],
    ['GITHUB_ENV that would change node', steps('run: echo NODE_OPTIONS=--require=x >> "$GITHUB_ENV"'), 'NODE_OPTIONS'],
    ['a folder outside the workspace', steps('{ run: pwd, working-directory: ../.. }'), 'outside the workspace'],
    ['a local action that is not checked out', steps('uses: ./nothing'), 'no action.yml'],
    ['a composite action', steps(`{ uses: ${CHECKOUT}, with: { persist-credentials: false } }`, 'uses: ./local'), 'using'],
    ['an artifact of no run', steps(`{ uses: ${DOWNLOAD}, with: { name: nothing } }`), 'no artifact nothing'],
  ])('%s', async (_, workflow, named) => {
    const action = 'name: x\ndescription: x\nruns: { using: composite, steps: [] }\n'
    const repository = await fixtureRepository({ '.github/workflows/ci.yml': workflow, 'local/action.yml': action })
    const runner = actionsRunner()
    const result = await runner.run(fakeRun(repository).request)
    expect(result.conclusion).toBe('failure')
    expect(runner.records[0]?.log.join('\n')).toContain(named)
  })
})
