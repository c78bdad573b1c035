import { describe, expect, test } from 'vitest'
import type { RunRequest } from '../../support/github/runner.ts'
import { actionsRunner } from '../../support/github/actions/runner.ts'
import { fakeRun, fixtureRepository } from '../../support/github/actions/fixture.ts'

async function run(workflow: string, overrides: Partial<RunRequest> = {}, files: Record<string, string> = {}) {
  const repository = await fixtureRepository({ '.github/workflows/ci.yml': workflow, ...files })
  const fake = fakeRun(repository, overrides)
  const runner = actionsRunner()
  const result = await runner.run(fake.request)
  const ends = Object.fromEntries(result.jobs.map((job) => [job.name, job.conclusion]))
  return { fake, runner, result, ends, log: runner.records.flatMap((record) => record.log).join('\n'), repository }
}

const job = (steps: string, more = '') => `
on: workflow_dispatch
jobs:
  one:
    runs-on: ubuntu-latest
${more}    steps:
${steps}`

const matrix = (values: string) => `
on: workflow_dispatch
jobs:
  each:
    runs-on: ubuntu-latest
    strategy: { fail-fast: false, matrix: { word: ${values} } }
    steps:
      - run: echo "$WORD is $INDEX of $TOTAL" && [ "$WORD" != bad ]
        env: { WORD: "\${{ matrix.word }}", INDEX: "\${{ strategy.job-index }}", TOTAL: "\${{ strategy.job-total }}" }
  behind: { needs: each, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
`

describe('jobs', () => {
  test('outputs flow from step to job to the next job, in the order of needs', async () => {
    const { result, log } = await run(
      `
on:
  workflow_dispatch:
    inputs:
      who: { type: string, required: true }
run-name: greets \${{ inputs.who }}
env: { GREETING: hello }
jobs:
  second:
    needs: [first]
    runs-on: ubuntu-latest
    env: { WORD: "\${{ needs.first.outputs.word }}" }
    steps:
      - run: echo "got $WORD"
  first:
    runs-on: ubuntu-latest
    outputs:
      word: \${{ steps.say.outputs.word }}
    steps:
      - id: say
        run: |
          echo "word=$GREETING $WHO" >> "$GITHUB_OUTPUT"
        env: { WHO: "\${{ inputs.who }}" }
`,
      { inputs: { who: 'world' } },
    )
    expect(result).toMatchObject({ conclusion: 'success', title: 'greets world' })
    expect(log).toContain('got hello world')
  })

  test('a matrix is a job for each of its values, and what needs it waits for all of them', async () => {
    const good = await run(matrix('"${{ fromJSON(\'[\\"a\\", \\"b\\"]\') }}"'))
    expect(good.ends).toStrictEqual({ 'each (a)': 'success', 'each (b)': 'success', behind: 'success' })
    expect(good.log).toContain('b is 1 of 2')
    const bad = await run(matrix('[a, bad]'))
    expect(bad.ends).toStrictEqual({ 'each (a)': 'success', 'each (bad)': 'failure', behind: 'skipped' })
  })

  test('a failed need skips what stands behind it, except where always() is asked', async () => {
    const { ends, result } = await run(`
on: workflow_dispatch
jobs:
  bad: { runs-on: ubuntu-latest, steps: [{ run: exit 3 }] }
  behind: { needs: bad, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  far: { needs: behind, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  anyway: { needs: behind, if: always(), runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  mourns: { needs: far, if: failure(), runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
`)
    expect(ends).toStrictEqual({ bad: 'failure', behind: 'skipped', far: 'skipped', anyway: 'success', mourns: 'success' })
    expect(result.conclusion).toBe('failure')
  })

  test('a failed step skips the rest, but not always(); continue-on-error hides it from the job', async () => {
    const { result, log } = await run(
      job(`
      - { id: soft, run: exit 1, continue-on-error: true }
      - run: echo "soft was $OUTCOME"
        env: { OUTCOME: "\${{ steps.soft.outcome }} \${{ steps.soft.conclusion }}" }
      - run: exit 1
      - run: echo never
      - { if: always(), run: echo cleaned }
      - { if: "failure() && steps.soft.outcome == 'failure'", run: echo noticed }
`),
    )
    expect(log).toContain('soft was failure success')
    expect(log).toContain('cleaned')
    expect(log).toContain('noticed')
    expect(log).not.toContain('never')
    expect(result.conclusion).toBe('failure')
    expect(result.jobs[0]?.steps?.map((step) => step.conclusion)).toStrictEqual(['success', 'success', 'failure', 'skipped', 'success', 'success'])
  })

  test('a job starts with the facts of the run and nothing of the environment of the test', async () => {
    process.env['LEAK_OF_THE_TEST'] = 'leak'
    const { log, repository } = await run(
      job(`
      - run: env | sort
      - run: echo "event $(cat "$GITHUB_EVENT_PATH")"
      - { run: pwd, working-directory: . }
`),
      { event: { name: 'workflow_dispatch', payload: { ref: 'x' } } },
    )
    delete process.env['LEAK_OF_THE_TEST']
    expect(log).not.toContain('LEAK_OF_THE_TEST')
    for (const line of [
      'GITHUB_REPOSITORY=acme/shop',
      'GITHUB_REPOSITORY_ID=4242',
      `GITHUB_SHA=${repository.head}`,
      'GITHUB_REF_NAME=main',
      'GITHUB_RUN_ATTEMPT=1',
      'GITHUB_JOB=one',
      'RUNNER_OS=Linux',
      'CI=true',
    ])
      expect(log).toContain(line)
    expect(log).not.toContain('ACTIONS_ID_TOKEN_REQUEST_URL')
    expect(log).toContain('event {"ref":"x"}')
  })

  test('GITHUB_ENV, GITHUB_PATH and the summary reach later steps and the record', async () => {
    const { log, runner } = await run(
      job(`
      - run: |
          echo "COLOUR=blue" >> "$GITHUB_ENV"
          printf 'LINES<<EOF\\na\\nb\\nEOF\\n' >> "$GITHUB_ENV"
          mkdir bin && printf '#!/bin/sh\\necho from-path\\n' > bin/tool && chmod +x bin/tool
          echo "$PWD/bin" >> "$GITHUB_PATH"
          echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
      - run: echo "$COLOUR" && echo "$LINES" && tool
`),
    )
    expect(log).toContain('blue\na\nb\nfrom-path')
    expect(runner.records[0]?.summary).toBe('# Summary\n')
  })

  test('secrets and masked words are hidden, also in annotations; an output with a secret is not sent', async () => {
    const { log, runner } = await run(
      job(
        `
      - id: leak
        run: |
          echo "key is $KEY"
          echo "::add-mask::hush-hush"
          echo "hush-hush"
          echo "::warning file=a.ts,line=3::see $KEY"
          echo "out=$KEY" >> "$GITHUB_OUTPUT"
        env: { KEY: "\${{ secrets.DEPLOY_KEY }}" }
`,
        '    outputs: { out: "${{ steps.leak.outputs.out }}" }\n',
      ),
      { secrets: { DEPLOY_KEY: 's3cr3t-value' } },
    )
    expect(log).not.toContain('s3cr3t-value')
    expect(log).toContain('key is ***\n***')
    expect(runner.records[0]?.annotations).toContainEqual({ level: 'warning', message: 'see ***', file: 'a.ts', line: 3 })
    expect(runner.records[0]?.outputs).toStrictEqual({})
  })

  test('the token has the permissions of the job, and the workflow file alone decides them', async () => {
    const { fake } = await run(`
on: workflow_dispatch
permissions: {}
jobs:
  none: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  some: { needs: none, runs-on: ubuntu-latest, permissions: { contents: read, issues: none }, steps: [{ run: 'true' }] }
`)
    expect(fake.minted).toStrictEqual([{}, { contents: 'read' }])
  })

  test('a job that is too slow is stopped with everything it started', async () => {
    const { ends } = await run(job('      - run: sleep 60 & sleep 60\n', '    timeout-minutes: 0.005\n'))
    expect(ends).toStrictEqual({ one: 'timed_out' })
  })

  test('a cancelled run starts nothing more', async () => {
    const { ends, result } = await run(job('      - run: echo never\n'), { signal: AbortSignal.abort() })
    expect(ends).toStrictEqual({ one: 'cancelled' })
    expect(result.conclusion).toBe('cancelled')
  })

  test('an identity token is given to a job with id-token: write', async () => {
    const { log, fake, repository } = await run(
      job(
        `
      - run: |
          node -e '
            const url = process.env.ACTIONS_ID_TOKEN_REQUEST_URL
            const headers = { authorization: "Bearer " + process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN }
            const ask = async (h) => fetch(url + "&audience=me", { headers: h })
            console.log("without", (await ask({})).status)
            const { value } = await (await ask(headers)).json()
            console.log(JSON.parse(Buffer.from(value.split(".")[1], "base64url")).aud)
          ' --input-type=module
`,
        '    permissions: { id-token: write }\n',
      ),
    )
    expect(log).toContain('without 401')
    expect(log).toMatch(/^me$/m)
    expect(fake.claims).toStrictEqual([
      {
        job_workflow_ref: 'acme/shop/.github/workflows/ci.yml@refs/heads/main',
        job_workflow_sha: repository.head,
        runner_environment: 'github-hosted',
      },
    ])
  })
})
