import { expect, test } from 'vitest'
import { facts } from '../../../app/github/facts.ts'
import { client } from '../../../app/github/octokit.ts'
import { pushesOf } from '../../../app/github/pushes.ts'
import { git } from '../../support/github/world/git.ts'
import { openRelease, REPO, stage, type Stage } from '../../double/stage.ts'
import { codeOf, REPOSITORY, SHA, scripted } from './scripted.ts'

const HEAD = { ref: 'release/v2.0.0', sha: SHA }
const REF = `refs/heads/${HEAD.ref}`
const PATH = '/repos/acme/shop/activity'
const moved = (id: number | null, after = SHA, over: object = {}) => ({
  after,
  ref: REF,
  activity_type: 'push',
  actor: id === null ? null : { id },
  ...over,
})

async function asked(...pages: readonly (readonly unknown[])[]) {
  await using github = await scripted(({ path, query }) => {
    if (path !== PATH || query.get('ref') !== REF) return { status: 404, body: {} }
    const at = Number(query.get('after') ?? 0)
    const next = `${github.url}${PATH}?ref=${encodeURIComponent(REF)}&after=${at + 1}`
    return { body: pages[at] ?? [], ...(at + 1 < pages.length && { headers: { link: `<${next}>; rel="next"` } }) }
  })
  return await pushesOf(github.client, REPOSITORY, HEAD)
}

test('everybody who moved the branch, each once, on every page', async () => {
  expect(await asked([moved(5), moved(6, 'b'.repeat(40))], [moved(5, 'c'.repeat(40)), moved(7, 'd'.repeat(40))])).toEqual({
    ids: [5, 6, 7],
    isWhole: true,
  })
})

test.each<[string, readonly unknown[], readonly number[]]>([
  ['is none', [], []],
  ['lags behind the head', [moved(5, 'b'.repeat(40))], [5]],
  ['has an account that is gone', [moved(5), moved(null, 'b'.repeat(40))], [5]],
  ['is of another branch', [moved(5, SHA, { ref: `${REF}-x` })], []],
])('a list that %s is not whole', async (_what, list, ids) => {
  expect(await asked(list)).toEqual({ ids, isWhole: false })
})

test('who deleted the branch brought nothing', async () => {
  expect(await asked([moved(9, '0'.repeat(40), { activity_type: 'branch_deletion' }), moved(5)])).toEqual({ ids: [5], isWhole: true })
})

test('a refusal, and an answer of another form, are thrown', async () => {
  await using refused = await scripted(() => ({ status: 403, body: { message: 'Resource not accessible by integration' } }))
  expect(await codeOf(pushesOf(refused.client, REPOSITORY, HEAD))).toBe('forbidden')
  await using strange = await scripted(() => ({ body: [{ ref: REF }] }))
  expect(await codeOf(pushesOf(strange.client, REPOSITORY, HEAD))).toBe('malformed')
})

async function taken(on: Stage, pull: number) {
  const { app, apiUrl } = on.github
  const github = client({ appId: app.id, privateKey: app.privateKey, baseUrl: apiUrl })
  const repository = { id: on.github.repository(REPO).id, owner: 'acme', name: 'shop', installationId: app.installationId }
  return await facts(github).contributors(repository, pull)
}

const idOf = (on: Stage, login: string): number => on.github.world.accounts.get(login)?.id ?? 0

test("who pushes a commit under another's e-mail address has a part in it", async () => {
  await using on = await stage()
  const { number } = await openRelease(on)
  expect((await taken(on, number)).ids).toEqual([idOf(on, 'dev')])
  await on.commit('src/main.ts', 'export const version = 3\n', 'fix: as if dev had written it')
  await on.github.as('boss').push(REPO, { dir: on.work, ref: 'release/v2.0.0' })
  const { ids, unattributed } = await taken(on, number)
  expect([ids.includes(idOf(on, 'boss')), unattributed]).toEqual([true, 0])
  on.github.assertClean()
})

test('a base that the App merges in brings neither its authors nor who pushed to it', async () => {
  await using on = await stage()
  const { number, head } = await openRelease(on)
  await git(on.work, ['checkout', '--quiet', 'main'])
  const boss = ['-c', 'user.name=boss', '-c', 'user.email=boss@acme.example']
  await git(on.work, [...boss, 'commit', '--quiet', '--allow-empty', '-m', 'fix: on the base'])
  await on.github.as('boss').push(REPO, { dir: on.work, ref: 'main' })
  const base = `/repos/${REPO}/git`
  const token = await on.token()
  const { data: commit } = await on.call(token, 'GET', `${base}/commits/${head}`)
  const { data: main } = await on.call(token, 'GET', `${base}/ref/heads/main`)
  const parents = [head, (main as { object: { sha: string } }).object.sha]
  const tree = (commit as { tree: { sha: string } }).tree.sha
  const { data: merge } = await on.call(token, 'POST', `${base}/commits`, { message: 'chore: merge main', tree, parents })
  await on.call(token, 'PATCH', `${base}/refs/heads/release/v2.0.0`, { sha: (merge as { sha: string }).sha })
  const { ids, unattributed } = await taken(on, number)
  expect([...ids]).toEqual([idOf(on, 'dev'), idOf(on, `${on.github.app.slug}[bot]`)].toSorted((a, b) => a - b))
  expect([unattributed, parents[1] === (await git(on.work, ['rev-parse', 'main']))]).toEqual([0, true])
  on.github.assertClean()
})

test('the double lists by cursors, newest first, and keeps what a branch had when it is gone', async () => {
  await using on = await stage()
  const { head } = await openRelease(on)
  const ref = 'release/v2.0.0'
  await on.call(await on.token(), 'DELETE', `/repos/${REPO}/git/refs/heads/${ref}`)
  const first = await on.call(await on.token(), 'GET', `/repos/${REPO}/activity?ref=${ref}&per_page=1`)
  expect(first.data).toMatchObject([{ activity_type: 'branch_deletion', before: head }])
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
  const second = await on.call(await on.token(), 'GET', next)
  expect(second.data).toMatchObject([{ activity_type: 'branch_creation', after: head, actor: { login: 'dev' } }])
  expect(second.headers.get('link')).toBeNull()
  on.github.assertClean()
})
