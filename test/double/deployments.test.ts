import { expect, test } from 'vitest'
import { git } from '../support/github/world/git.ts'
import { openRelease, REPO, stage } from './stage.ts'

const path = `/repos/${REPO}/deployments`
const plain = { auto_merge: false, required_contexts: [], environment: 'stage' }

test("GitHub's defaults: merges the default branch (202), and asks every check (409)", async () => {
  await using on = await stage()
  const { head } = await openRelease(on)
  const token = await on.token()
  await git(on.work, ['checkout', '--quiet', 'main'])
  await on.commit('other', 'x', 'feat: other')
  await on.github.as('boss').push(REPO, { dir: on.work, ref: 'main' })
  expect((await on.call(token, 'POST', path, { ref: 'release/v2.0.0' })).status).toBe(202)
  expect(on.github.repository(REPO).deployments).toHaveLength(0)
  await on.call(token, 'POST', `/repos/${REPO}/check-runs`, { name: 'a', head_sha: head, conclusion: 'neutral' })
  expect((await on.call(token, 'POST', path, { ref: head, auto_merge: false })).status).toBe(409)
  expect((await on.call(token, 'POST', path, { ref: head, ...plain })).status).toBe(201)
  expect((await on.call(token, 'POST', path, { ref: head, ...plain, description: 'x'.repeat(141) })).status).toBe(422)
  on.github.assertClean()
})

test('statuses: 140 characters, older ones of a test environment become inactive without an event', async () => {
  await using on = await stage()
  const { head } = await openRelease(on)
  const token = await on.token()
  const ids: number[] = []
  for (const environment of ['stage', 'stage', 'production', 'production']) {
    const { data } = await on.call(token, 'POST', path, { ref: head, ...plain, environment })
    const { id } = data as { id: number }
    ids.push(id)
    expect((await on.call(token, 'POST', `${path}/${id}/statuses`, { state: 'success', description: 'x'.repeat(141) })).status).toBe(422)
    expect((await on.call(token, 'POST', `${path}/${id}/statuses`, { state: 'success' })).status).toBe(201)
  }
  const last = async (id: number | undefined): Promise<string> =>
    ((await on.call(token, 'GET', `${path}/${id}/statuses`)).data as { state: string }[])[0]?.state ?? ''
  expect([await last(ids[0]), await last(ids[1]), await last(ids[2]), await last(ids[3])]).toEqual(['inactive', 'success', 'success', 'success'])
  await on.github.settled()
  expect(on.heard.filter((one) => one.event === 'deployment_status')).toHaveLength(4)
  expect((await on.call(token, 'GET', `${path}?environment=stage`)).data).toHaveLength(2)
  on.github.assertClean()
})
