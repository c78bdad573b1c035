import { describe, expect, test } from 'vitest'
import { actionsRunner } from '../../support/github/actions/runner.ts'
import { fakeRun, fixtureRepository } from '../../support/github/actions/fixture.ts'

const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1'
const UPLOAD = 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f'
const DOWNLOAD = 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c'
const NODE = 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020'

async function run(steps: string, files: Record<string, string> = {}, tamper = false) {
  const workflow = `on: workflow_dispatch\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`
  const repository = await fixtureRepository({ 'a.txt': 'old' }, { '.github/workflows/ci.yml': workflow, 'a.txt': 'new\n', ...files })
  const fake = fakeRun(repository)
  const request = { ...fake.request, onJob: fake.request.onJob }
  const runner = actionsRunner()
  if (tamper) {
    const put = request.putArtifact
    request.putArtifact = async (of) => {
      const stored = await put(of)
      fake.tamper(of.name, Buffer.from('other bytes'))
      return stored
    }
  }
  const result = await runner.run(request)
  return { result, fake, repository, log: runner.records.flatMap((record) => record.log).join('\n') }
}

const upload = (mode: string) => `      - { uses: ${UPLOAD}, with: { name: pack, path: nothing, if-no-files-found: ${mode} } }\n`

describe('checkout', () => {
  test('one commit by default, all history on request, no credentials left', async () => {
    const { log, repository } = await run(`
      - { uses: ${CHECKOUT}, with: { persist-credentials: false, path: shallow } }
      - { uses: ${CHECKOUT}, with: { persist-credentials: false, path: deep, fetch-depth: 0 } }
      - run: |
          echo "shallow $(git -C shallow rev-list --count HEAD) deep $(git -C deep rev-list --count HEAD)"
          echo "at $(git -C deep rev-parse HEAD) main $(git -C deep rev-parse origin/main)"
          cat shallow/a.txt
          grep -r token shallow/.git/config deep/.git/config || echo no-token
`)
    expect(log).toContain('shallow 1 deep 2')
    expect(log).toContain(`at ${repository.head} main ${repository.head}`)
    expect(log).toContain('\nnew')
    expect(log).toContain('no-token')
  })

  test('a path outside the workspace is refused', async () => {
    const { result, log } = await run(`      - { uses: ${CHECKOUT}, with: { persist-credentials: false, path: ../out } }\n`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('outside the workspace')
  })
})

describe('artifacts', () => {
  const MAKE = `
      - run: mkdir -p out/deep && echo one > out/one.txt && echo two > out/deep/two.txt && echo hidden > out/.env
      - { id: up, uses: ${UPLOAD}, with: { name: pack, path: out, if-no-files-found: error } }
`
  test('go up and come back by id; hidden files stay behind', async () => {
    const { log, result } = await run(`${MAKE}
      - { uses: ${DOWNLOAD}, with: { artifact-ids: "\${{ steps.up.outputs.artifact-id }}", path: back } }
      - { uses: ${DOWNLOAD}, with: { name: pack, path: raw, skip-decompress: true } }
      - run: |
          cat back/one.txt back/deep/two.txt && ls -A back
          echo "digest $(sha256sum raw/* | cut -d' ' -f1) $DIGEST"
        env: { DIGEST: "\${{ steps.up.outputs.artifact-digest }}" }
`)
    expect(result.conclusion).toBe('success')
    expect(log).toContain('one\ntwo\n')
    expect(log).not.toMatch(/^\.env$/m)
    expect(log).toMatch(/^digest ([0-9a-f]{64}) \1$/m)
  })

  test('changed on the way, the download fails', async () => {
    const { result, log } = await run(`${MAKE}      - { uses: ${DOWNLOAD}, with: { name: pack } }\n`, {}, true)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('was recorded')
  })

  test('no files is an error, a warning or nothing, as asked', async () => {
    expect((await run(upload('error'))).result.conclusion).toBe('failure')
    expect((await run(upload('warn'))).log).toContain('warning: no files were found')
    const quiet = await run(upload('ignore'))
    expect(quiet.log).not.toContain('no files')
    expect(quiet.fake.artifacts.size).toBe(0)
  })
})

describe('setup-node', () => {
  test('takes the version that is here and refuses another one', async () => {
    const [major] = process.versions.node.split('.')
    expect((await run(`      - { uses: ${NODE}, with: { node-version: '${major}' } }\n`)).result.conclusion).toBe('success')
    const { log, result } = await run(`      - { uses: ${NODE}, with: { node-version: 18.x } }\n`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('node 18.x is asked for')
  })
})

describe('a Node action of the repository', () => {
  const ACTION = `name: Local\ndescription: x\ninputs:\n  who-is: { description: x, default: "\${{ github.actor }}" }\nruns: { using: node24, main: main.mjs }\n`
  const MAIN = `import { appendFileSync } from 'node:fs'\nappendFileSync(process.env.GITHUB_OUTPUT, 'said=' + process.env['INPUT_WHO-IS'] + '\\n')\n`
  test('gets its inputs with their defaults and gives outputs', async () => {
    const { log } = await run(
      `
      - { uses: ${CHECKOUT}, with: { persist-credentials: false } }
      - { id: local, uses: ./local }
      - run: echo "said $SAID"
        env: { SAID: "\${{ steps.local.outputs.said }}" }
      - { uses: ./local, with: { colour: red } }
`,
      { 'local/action.yml': ACTION, 'local/main.mjs': MAIN },
    )
    expect(log).toContain('said conductor[bot]')
    expect(log).toContain('has no input colour')
  })
})
