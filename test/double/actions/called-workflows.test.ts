import { describe, expect, test } from 'vitest'
import { actionsRunner } from '../../support/github/actions/runner.ts'
import { fakeRun, fixtureRepository } from '../../support/github/actions/fixture.ts'

const CALLEE = `
on:
  workflow_call:
    inputs:
      name: { type: string, required: true }
      loud: { type: boolean, default: false }
      times: { type: number, default: 1 }
    secrets:
      key: { required: true }
    outputs:
      said: { value: "\${{ jobs.say.outputs.said }}" }
jobs:
  say:
    runs-on: ubuntu-latest
    permissions: { contents: read }
    outputs: { said: "\${{ steps.say.outputs.said }}" }
    steps:
      - id: say
        run: |
          echo "said=$NAME $LOUD $TIMES" >> "$GITHUB_OUTPUT"
          echo "file is $FILE, run is $RUN, secret has \${#KEY} characters, other is '$OTHER'"
        env:
          NAME: \${{ inputs.name }}
          LOUD: \${{ inputs.loud }}
          TIMES: \${{ inputs.times }}
          KEY: \${{ secrets.key }}
          OTHER: \${{ secrets.OTHER }}
          FILE: \${{ job.workflow_repository }}/\${{ job.workflow_file_path }}@\${{ job.workflow_sha }}
          RUN: \${{ github.workflow_ref }}
`

async function call(caller: (sha: string) => string, callee = CALLEE) {
  const ours = await fixtureRepository({ '.github/workflows/say.yml': callee })
  const repository = await fixtureRepository({ '.github/workflows/ci.yml': caller(ours.head) })
  const runner = actionsRunner()
  const fake = fakeRun(repository, {
    secrets: { MAIN: 'main-secret', OTHER: 'other-secret' },
    gitDirOf: (owner, name) => (owner === 'own' && name === 'tools' ? ours.gitDir : null),
  })
  const running = runner.run(fake.request)
  return { running, runner, fake, sha: ours.head }
}

const caller = (sha: string, more = 'permissions: { contents: read }') => `
on: workflow_dispatch
jobs:
  call:
    ${more}
    uses: own/tools/.github/workflows/say.yml@${sha}
    with: { name: "\${{ github.repository }}", loud: true }
    secrets: { key: "\${{ secrets.MAIN }}" }
  after:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - run: echo "heard $SAID"
        env: { SAID: "\${{ needs.call.outputs.said }}" }
`

describe('a called workflow', () => {
  test('gets inputs of their type and only the secrets passed; its outputs come back; job.* names its own file, github.* the caller', async () => {
    const { running, runner, sha } = await call(caller)
    expect((await running).conclusion).toBe('success')
    const log = runner.records.flatMap((record) => record.log).join('\n')
    expect(log).toContain(`file is own/tools/.github/workflows/say.yml@${sha}, run is acme/shop/.github/workflows/ci.yml@refs/heads/main`)
    expect(log).toContain("secret has 11 characters, other is ''")
    expect(log).toContain('heard acme/shop true 1')
    expect(runner.records.map((record) => record.name)).toStrictEqual(['call / say', 'after'])
  })

  test('inherits secrets only when told to', async () => {
    const { running, runner } = await call((sha) => caller(sha).replace('secrets: { key: "${{ secrets.MAIN }}" }', 'secrets: inherit'))
    await running
    expect(runner.records[0]?.log.join('\n')).toContain("other is '***'")
  })

  test.each([
    ['more permissions than its caller has', caller('SHA', 'permissions: {}'), 'permission', 'contents: read'],
    ['a call by branch', caller('main'), 'not-pinned', 'main'],
    ['an input it does not have', caller('SHA').replace('loud: true', 'colour: red'), 'unknown-input', 'colour'],
    ['a required input that is not given', caller('SHA').replace('name: "${{ github.repository }}", ', ''), 'bad-input', 'name'],
    ['a secret it does not have', caller('SHA').replace('secrets: { key', 'secrets: { other'), 'unknown-input', 'other'],
    ['a repository that does not exist', caller('SHA').replace('own/tools', 'own/nothing'), 'not-found', 'own/nothing'],
    ['steps beside uses', caller('SHA').replace('    secrets:', '    steps: []\n    secrets:'), 'bad-workflow', 'steps'],
  ])('%s is a startup failure', async (_, text, code, named) => {
    const { running, fake } = await call((sha) => text.replace('SHA', sha))
    await expect(running).rejects.toMatchObject({ code, message: expect.stringContaining(named) as string })
    expect(fake.jobs.size).toBe(0)
  })

  test('id-token: write that the caller does not grant is a startup failure', async () => {
    const { running } = await call(caller, CALLEE.replace('contents: read', 'contents: read, id-token: write'))
    await expect(running).rejects.toMatchObject({ code: 'permission', message: expect.stringContaining('id-token: write') as string })
  })

  test('an input of the wrong type fails the run', async () => {
    const { running } = await call((sha) => caller(sha).replace('loud: true', 'loud: "${{ github.sha }}"'))
    await expect(running).rejects.toMatchObject({ code: 'bad-input' })
  })
})
