/** The runner behind the double of GitHub: the sample adopter's workflows call ours, over the double's own API. */
import { mkdir, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildActions } from '../../../actions/build.ts'
import { readArtifact } from '../../../evidence/pack/artifact.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { verifySignedPack } from '../../../evidence/verify/signed-pack.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { buildHistory } from '../../shop/history.ts'
import { git } from '../../support/github/actions/git.ts'
import { actionsRunner } from '../../support/github/actions/runner.ts'
import { startGitHub } from '../../support/github/index.ts'

/** Our repository as a release commit holds it: with its actions built. */
async function ourRelease(root: string): Promise<{ dir: string; sha: string }> {
  const dir = join(root, 'ours')
  await mkdir(dir)
  await buildActions(dir)
  await git(['init', '--quiet', '--initial-branch=main', dir])
  await git(['-C', dir, 'add', '--all', '--force'])
  await git(['-C', dir, '-c', 'user.name=Release', '-c', 'user.email=release@example.com', 'commit', '--quiet', '-m', 'build: release'])
  return { dir, sha: (await git(['-C', dir, 'rev-parse', 'HEAD'])).trim() }
}

test('the adopter dispatches a phase; what comes out is believed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'double-'))
  const keys = generateKeyPair()
  const ours = await ourRelease(root)
  const shop = await buildHistory({ dir: join(root, 'shop'), trustKeyPem: keys.publicKeyPem, conductorSha: ours.sha, errors: 0 })
  const runner = actionsRunner()
  await using github = await startGitHub({ dir: join(root, 'github'), runner })
  github.addUser({ login: 'dev' })
  github.addOrganization({ login: 'acme', members: ['dev'], teams: { 'release-approvers': ['dev'], sre: ['dev'], maintainers: ['dev'] } })
  github.addOrganization({ login: 'release-conductor', members: ['dev'], teams: {} })
  await github.addRepository({ owner: 'release-conductor', name: 'release-conductor', from: ours.dir })
  await github.addRepository({
    owner: 'acme',
    name: 'shop',
    from: shop.workDir,
    collaborators: { dev: 'write' },
    secrets: { RELEASE_CONDUCTOR_SIGNING_KEY: keys.privateKeyPem },
  })
  const dev = github.as('dev')
  const pull = await dev.openPull('acme/shop', { head: shop.release.branch, base: 'main', title: 'feat: shop v2.0.0', body: 'A release.' })
  await dev.dispatch('acme/shop', 'release-conductor.yml', shop.release.branch, { phase: 'P0', pull: String(pull.number), key: 'k1' })
  await github.settled()

  const log = runner.records.flatMap((record) => record.log).join('\n')
  const runs = (await dev.request('GET', '/repos/acme/shop/actions/runs?event=workflow_dispatch')).data as {
    workflow_runs: { id: number; display_title: string; conclusion: string }[]
  }
  expect({ run: runs.workflow_runs[0], log }).toMatchObject({ run: { display_title: 'release-conductor P0 k1', conclusion: 'success' } })
  const listed = (await dev.request('GET', `/repos/acme/shop/actions/runs/${runs.workflow_runs[0]?.id}/artifacts`)).data as {
    artifacts: { name: string; digest: string }[]
  }
  expect(listed.artifacts.map((artifact) => artifact.name).toSorted()).toStrictEqual(['rc-P0-1', 'rc-unsigned-P0-1'])

  const state = github.world.repositories.find((one) => one.name === 'shop')
  const stored = state?.runs.flatMap((run) => run.artifacts).find((artifact) => artifact.name === 'rc-P0-1')
  expect(stored).toBeDefined()
  const files = readArtifact(await readFile(stored?.path ?? ''))
  const trust = trustOf({ keys: [{ id: 'demo', publicKeyPem: keys.publicKeyPem }] })
  const { believed, rejected } = verifySignedPack({ files, trust, expect: { sha: shop.release.sha } })
  expect(rejected).toStrictEqual([])
  expect(believed.flatMap((one) => (one.kind === 'agent-response' ? [[one.predicate.topic, one.predicate.response.result]] : []))).toStrictEqual(
    expect.arrayContaining([
      ['commits', 'ok'],
      ['images', 'ok'],
      ['supply-chain', 'ok'],
    ]),
  )
  github.assertClean()
})
