import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectContext, type LookInputs } from '../../../actions/lib/look.ts'
import { FACTS } from '../../support/actions/handover.ts'
import { loopback, type Loopback } from '../../support/loopback.ts'

let api: Loopback

beforeAll(async () => {
  const answers: Record<string, object> = {
    '/repos/acme/shop': { default_branch: 'trunk' },
    '/repos/acme/shop/pulls/7': { base: { ref: 'hotfix/v1' } },
  }
  api = await loopback(({ path }) => (answers[path] === undefined ? { status: 404, body: {} } : { body: answers[path] }))
})
afterAll(async () => {
  await api.close()
})

const look = (over: Partial<LookInputs> = {}) =>
  collectContext({ pull: '7', token: 't', workspace: 'repository', facts: { ...FACTS, apiUrl: api.url, workspace: '/work' }, now: 5, ...over })

test('the base is that of the pull request, else the default branch', async () => {
  expect(await look()).toMatchObject({ base: 'hotfix/v1', pull: 7, workspace: '/work/repository', sha: FACTS.sha, now: 5 })
  expect(await look({ pull: null })).toMatchObject({ base: 'trunk', pull: null })
})

test.each([
  ['a pull request that is no number', { pull: '7; rm' }, 'bad-input'],
  ['one that GitHub does not know', { pull: '8' }, 'environment'],
  ['no token', { token: null }, 'environment'],
])('%s is told', async (_what, over, code) => {
  await expect(look(over)).rejects.toMatchObject({ code })
})
