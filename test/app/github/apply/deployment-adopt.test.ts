import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { githubEffects } from '../../../../app/github/apply/index.ts'
import { facts } from '../../../../app/github/facts.ts'
import { client } from '../../../../app/github/octokit.ts'
import { startGitHub } from '../../../support/github/index.ts'
import type { Outcome } from '../../../../app/release/ports.ts'
import { REPOSITORY, scripted, SHA, type Said } from '../scripted.ts'

const ROOT = '/repos/acme/shop/deployments'
const of = (id: number, environment = 'prod'): object => ({ id, sha: SHA, environment, url: `https://github.test/${id}`, payload: {} })
const linked = (address: string | null): object => ({ id: 1, state: 'success', description: '', log_url: address, target_url: null })

/** @param said by path */
async function adopted(said: Readonly<Record<string, Said>>, deployment: number | null): Promise<{ outcome: Outcome; asked: readonly string[] }> {
  await using github = await scripted(({ path }) => said[path] ?? { status: 404, body: { message: 'Not Found' } })
  const effect = { kind: 'deployment.adopt', key: 'k', run: 9, environment: 'prod', deployment } as const
  const outcome = await githubEffects(github.client).perform(REPOSITORY, effect)
  return { outcome, asked: github.asked.map(({ method, path }) => `${method} ${path}`) }
}

test('the deployment we were told of is asked about alone, and nothing is written (T51)', async () => {
  const { outcome, asked } = await adopted({ [`${ROOT}/6`]: { body: of(6) } }, 6)
  expect(outcome).toEqual({ id: 6, url: 'https://github.test/6', data: { sha: SHA } })
  expect(asked).toEqual([`GET ${ROOT}/6`])
})

test('one that is gone, or of another environment, is none', async () => {
  expect((await adopted({}, 6)).outcome).toEqual({ id: null })
  expect((await adopted({ [`${ROOT}/6`]: { body: of(6, 'stage') } }, 6)).outcome).toEqual({ id: null })
})

test('untold, it is the newest whose statuses link to the run, and to no run whose number begins alike', async () => {
  const statuses = (id: number, address: string | null): Readonly<Record<string, Said>> => ({
    [`${ROOT}/${id}/statuses`]: { body: [linked(address)] },
  })
  const run = 'https://github.com/acme/shop/actions/runs'
  const said = {
    [ROOT]: { body: [of(8), of(7), of(6), of(5)] },
    ...statuses(8, `${run}/91/job/1`),
    ...statuses(7, null),
    ...statuses(6, `${run}/9/job/31`),
    ...statuses(5, `${run}/9`),
  }
  expect((await adopted(said, null)).outcome).toMatchObject({ id: 6 })
  expect((await adopted({ ...said, ...statuses(6, `${run}/19/job/1`) }, null)).outcome).toMatchObject({ id: 5 })
  expect((await adopted({ [ROOT]: { body: [of(8)] }, ...statuses(8, null) }, null)).outcome).toEqual({ id: null })
})

const WORKFLOW = `name: deploy
on: { workflow_dispatch: { inputs: { key: { type: string, required: true } } } }
jobs: { one: { runs-on: ubuntu-latest, steps: [{ run: echo one }] } }
`

test('on GitHub: the job that waits at our environment has a deployment, and stays the only one, with our status on it (T51)', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'adopt-'))
  const work = join(dir, 'work')
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...words], { encoding: 'utf8' })
  execFileSync('git', ['init', '-q', '-b', 'main', work])
  mkdirSync(join(work, '.github/workflows'), { recursive: true })
  writeFileSync(join(work, '.github/workflows/deploy.yml'), WORKFLOW)
  git('add', '.')
  git('commit', '-qm', 'feat: first')
  const github = await startGitHub({ dir: join(dir, 'github') })
  github.addUser({ login: 'dev', email: 'dev@example.com' })
  github.addOrganization({ login: 'acme', members: [], teams: {} })
  const { id } = await github.addRepository({ owner: 'acme', name: 'shop', from: work, collaborators: { dev: 'write' } })
  const repository = { id, owner: 'acme', name: 'shop', installationId: github.app.installationId }
  const hands = client({ appId: github.app.id, privateKey: github.app.privateKey, baseUrl: github.apiUrl, backoffMs: [5, 5] })
  const effects = githubEffects(hands)
  github.protectEnvironment('acme/shop', 'stage', { free: true })
  github.protectEnvironment('acme/shop', 'prod')
  const guarded = await Promise.all(['prod', 'stage', 'nowhere'].map(async (environment) => facts(hands).guarded(repository, environment)))
  expect(guarded).toEqual([true, false, false])

  const started = await effects.perform(repository, {
    kind: 'workflow.dispatch',
    key: 'k',
    workflow: 'deploy.yml',
    ref: 'main',
    inputs: { key: 'k' },
  })
  const run = started.id ?? 0
  const { deployment } = await github.reachEnvironment('acme/shop', run, 'prod')
  const adopt = { kind: 'deployment.adopt', key: 'a', run, environment: 'prod' } as const
  expect(await effects.perform(repository, { ...adopt, deployment: null })).toEqual({ id: null })
  expect(await effects.perform(repository, { ...adopt, deployment: deployment.id })).toMatchObject({ id: deployment.id })
  await effects.perform(repository, { kind: 'deployment.review', key: 'r', run, environment: 'prod', state: 'approved', comment: 'ours' })
  expect(await effects.perform(repository, { ...adopt, deployment: null })).toMatchObject({ id: deployment.id })
  await effects.perform(repository, { kind: 'deployment.status', key: 's', deployment: deployment.id, state: 'success', description: 'judged' })
  expect(github.repository('acme/shop').deployments.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([['in_progress', 'success']])
  await github.settled()
  github.assertClean()
  await github.stop()
  rmSync(dir, { recursive: true, force: true })
}, 60_000)
