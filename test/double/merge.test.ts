import { expect, test } from 'vitest'
import { git } from '../support/github/world/git.ts'
import { openRelease, REPO, stage } from './stage.ts'

const CHECK = 'release-conductor/all_required_gates (main)'
const runs = `/repos/${REPO}/check-runs`

test('required checks, pinned to our App, on the head, newest run', async () => {
  await using on = await stage({
    runner: { run: async (of) => ({ conclusion: 'success', jobs: [{ name: CHECK, status: 'completed', conclusion: of ? 'success' : 'failure' }] }) },
  })
  const { number, head } = await openRelease(on)
  on.github.protect(REPO, 'main', [CHECK])
  const token = await on.token()
  const boss = on.github.as('boss')
  const merge = async (): Promise<[number, string]> => {
    const { status, data } = await boss.request('PUT', `/repos/${REPO}/pulls/${number}/merge`, {})
    return [status, (data as { message: string }).message]
  }
  expect(await merge()).toEqual([405, expect.stringContaining('is expected')])
  await on.github.as('dev').dispatch(REPO, 'conduct.yml', 'release/v2.0.0', { key: 'k' })
  await on.github.settled()
  expect(await merge(), 'a job of the same name').toEqual([405, expect.stringContaining('was not set by the expected GitHub App')])
  await on.call(token, 'POST', runs, { name: CHECK, head_sha: head, conclusion: 'failure' })
  expect(await merge()).toEqual([405, expect.stringContaining('is failing')])
  await on.call(token, 'POST', runs, { name: CHECK, head_sha: head, conclusion: 'neutral' })
  const old = head
  const fresh = await on.commit('more', 'x', 'feat: more')
  await on.github.as('dev').push(REPO, { dir: on.work, ref: 'release/v2.0.0' })
  expect(await merge(), 'a pass on an older head').toEqual([405, expect.stringContaining('is expected')])
  await on.call(token, 'POST', runs, { name: CHECK, head_sha: fresh, conclusion: 'success' })
  expect((await boss.request('PUT', `/repos/${REPO}/pulls/${number}/merge`, { sha: old })).status).toBe(409)
  const merged = await boss.merge(REPO, number, { sha: fresh })
  const { gitDir } = on.github.repository(REPO)
  expect((await git(gitDir, ['rev-list', '--parents', '-1', merged])).split(' ')).toContain(fresh)
  expect(await git(gitDir, ['rev-parse', 'refs/heads/main'])).toBe(merged)
  expect((await boss.request('GET', `/repos/${REPO}/pulls/${number}`)).data).toMatchObject({
    merged: true,
    state: 'closed',
    merge_commit_sha: merged,
    merged_by: { login: 'boss' },
  })
  await on.github.settled()
  const closed = on.heard.filter((one) => one.event === 'pull_request' && one.payload['action'] === 'closed')
  expect(closed.map((one) => one.payload)).toMatchObject([{ pull_request: { merged: true } }])
  on.github.assertClean()
})

test('a conflict, a draft, a rebase and a second pull request of the same branch are refused', async () => {
  await using on = await stage()
  const { number } = await openRelease(on)
  const boss = on.github.as('boss')
  const path = `/repos/${REPO}/pulls/${number}/merge`
  expect((await boss.request('PUT', path, { merge_method: 'rebase' })).status).toBe(405)
  expect((await boss.request('POST', `/repos/${REPO}/pulls`, { head: 'release/v2.0.0', base: 'main', title: 'again' })).status).toBe(422)
  await git(on.work, ['checkout', '--quiet', 'main'])
  await on.commit('src/main.ts', 'export const version = 3\n', 'feat: three')
  await boss.push(REPO, { dir: on.work, ref: 'main' })
  expect((await boss.request('GET', `/repos/${REPO}/pulls/${number}`)).data).toMatchObject({ mergeable: false, mergeable_state: 'dirty' })
  expect((await boss.request('PUT', path, {})).status).toBe(405)
  on.github.assertClean()
})

test('a protected branch is not moved by the refs API', async () => {
  await using on = await stage()
  const { head } = await openRelease(on)
  on.github.protect(REPO, 'main', [CHECK])
  const token = await on.token()
  expect((await on.call(token, 'PATCH', `/repos/${REPO}/git/refs/heads/main`, { sha: head })).status).toBe(422)
  const rules = (await on.call(token, 'GET', `/repos/${REPO}/rules/branches/main`)).data as { type: string; parameters?: object }[]
  expect(rules.map(({ type }) => type)).toEqual(['deletion', 'non_fast_forward', 'pull_request', 'required_status_checks'])
  expect(rules.at(-1)?.parameters).toMatchObject({ required_status_checks: [{ context: CHECK, integration_id: on.github.app.id }] })
})
