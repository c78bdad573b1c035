/** nektos/act runs our release train on this machine: every job, condition and hand-over, with our Actions as they are shipped. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildActions } from '../../actions/build.ts'
import { readFolder } from '../../actions/lib/folder.ts'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { verifySignedPack } from '../../evidence/verify/signed-pack.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { CLAIMS, tokenOf } from '../support/actions/handover.ts'
import { rendered } from '../support/actions/rendered.ts'
import { fixtureRepository, type FixtureRepository } from '../support/github/actions/fixture.ts'
import { git } from '../support/github/actions/git.ts'
import { loopback, type Loopback } from '../support/loopback.ts'
import { ended, tool } from '../support/tools.ts'

const ACT = tool('python/bin/act')
const ROOT = join(import.meta.dirname, '../..')
const keys = generateKeyPair()
const CALLER = `on: { workflow_dispatch: { inputs: { pull: { type: string } } } }
jobs:
  train:
    uses: ./.github/workflows/release-train.yml
    with: { pull: "\${{ inputs.pull }}" }
    secrets: { signing-key: "\${{ secrets.SIGNING_KEY }}" }
  deploy:
    needs: train
    if: needs.train.outputs.verdict == 'pass'
    runs-on: ubuntu-24.04
    steps: [{ run: echo deployed }]
`

let root = ''
let repository: FixtureRepository
let server: Loopback

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'act-'))
  await buildActions(join(root, 'conductor'))
  repository = await fixtureRepository({ 'README.md': 'shop\n' }, { Dockerfile: 'FROM node\n' })
  const [base = ''] = repository.commits
  await git(['--git-dir', repository.gitDir, 'update-ref', 'refs/heads/main', base])
  await git(['--git-dir', repository.gitDir, 'update-ref', 'refs/heads/release/v2.0.0', repository.head])
  const pull = {
    number: 7,
    title: 'x',
    body: '',
    labels: [],
    head: { ref: 'release/v2.0.0', sha: repository.head },
    base: { ref: 'main', sha: base },
  }
  server = await loopback(({ path }) => {
    const at = path.split('?')[0] ?? ''
    if (at === '/repos/acme/shop/pulls/7') return { body: pull }
    if (at === '/token')
      return { body: { value: tokenOf({ ...CLAIMS, sha: repository.head, run_id: '1', run_attempt: '1', ref: 'refs/heads/release/v2.0.0' }) } }
    return { status: 404, body: {} }
  })
})
afterAll(async () => {
  await server.close()
  await rm(root, { recursive: true, force: true })
})

/** The release branch with our rendered workflows beside it, as act takes a checkout. */
async function checkout(store: string): Promise<string> {
  const work = await mkdtemp(join(root, 'work-'))
  await git(['clone', '--quiet', '--branch', 'release/v2.0.0', repository.gitDir, work])
  await git(['-C', work, 'remote', 'set-url', 'origin', 'https://github.com/acme/shop'])
  const folder = join(work, '.github/workflows')
  await mkdir(folder, { recursive: true })
  for (const file of ['conduct.yml', 'release-train.yml']) {
    const text = await readFile(join(ROOT, '.github/workflows', file), 'utf8')
    await writeFile(join(folder, file), rendered(text, { gitDir: repository.gitDir, conductor: join(root, 'conductor'), store }))
  }
  await writeFile(join(folder, 'train.yml'), CALLER)
  return work
}

describe.skipIf(ACT === null)('act (skipped where it is not installed)', () => {
  test('proves phase by phase, decides, and deploys nothing that is not proven', async () => {
    const store = join(root, 'store')
    const work = await checkout(store)
    const environment = {
      GITHUB_API_URL: server.url,
      GITHUB_REPOSITORY_ID: '4242',
      GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/train.yml@refs/heads/release/v2.0.0',
      RUNNER_ENVIRONMENT: 'github-hosted',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/token?`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'a-token',
    }
    await writeFile(join(root, 'secrets'), `SIGNING_KEY=${JSON.stringify(keys.privateKeyPem)}\n`)
    const args = [
      'workflow_dispatch',
      '--platform',
      'ubuntu-24.04=-self-hosted',
      '--workflows',
      '.github/workflows/train.yml',
      '--input',
      'pull=7',
      '--secret-file',
      join(root, 'secrets'),
      '--secret',
      'GITHUB_TOKEN=job-token',
    ]
    const { out } = await ended(ACT ?? '', [...args, ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`])], {
      cwd: work,
      env: { HOME: root },
    })
    expect((await readdir(store)).filter((name) => !name.endsWith('.zip')).toSorted()).toEqual([
      'rc-P0-1',
      'rc-P1-1',
      'rc-unsigned-P0-1',
      'rc-unsigned-P1-1',
    ])
    const trust = trustOf({ keys: [{ id: 'jobs', publicKeyPem: keys.publicKeyPem }] })
    for (const phase of ['P0', 'P1']) {
      const { believed, rejected } = verifySignedPack({
        files: await readFolder(join(store, `rc-${phase}-1`)),
        trust,
        expect: { repositoryId: 4242, sha: repository.head },
      })
      expect([rejected, believed.length > 2]).toEqual([[], true])
    }
    // There is no config on the base: every gate says no, and the deploy job is left out.
    expect(out).toContain('config.absent')
    expect(out).not.toContain('deployed')
  })
})
