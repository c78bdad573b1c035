import { expect, test } from 'vitest'
import { collectCodeowners } from '../../../agents/collect/codeowners.ts'
import { api, contextOf, json, release, workspace } from './workspace.ts'

test('the file at the commit, and what GitHub says of it', async () => {
  using repo = release()
  const problem = {
    line: 1,
    column: 3,
    kind: 'Unknown owner',
    message: 'make sure @acme/shop exists',
    path: '.github/CODEOWNERS',
    source: '* @acme/shop',
    suggestion: null,
  }
  await using server = await api(() => json({ errors: [problem] }))
  expect(await collectCodeowners(contextOf({ workspace: repo.path, sha: repo.head, apiUrl: server.url }))).toEqual({
    value: {
      file: { path: '.github/CODEOWNERS', text: '* @acme/shop\n' },
      problems: [{ line: 1, column: 3, kind: 'Unknown owner', message: 'make sure @acme/shop exists' }],
    },
  })
  expect(server.asked.map((one) => one.path)).toEqual([`/repos/acme/shop/codeowners/errors?ref=${repo.head}`])
})

test('a repository without the file has none, and nothing is asked', async () => {
  using repo = workspace()
  const sha = repo.commit('chore: a', { 'sub/CODEOWNERS': '* @a' })
  expect(await collectCodeowners(contextOf({ workspace: repo.path, sha }))).toEqual({ value: { file: null, problems: [] } })
})

test('the first of the three places wins; a link or an unseen file is no answer', async () => {
  using repo = workspace()
  const both = repo.commit('chore: a', { CODEOWNERS: '* @root', 'docs/CODEOWNERS': '* @docs' })
  await using server = await api(() => json({ errors: [] }))
  expect(await collectCodeowners(contextOf({ workspace: repo.path, sha: both, apiUrl: server.url }))).toMatchObject({
    value: { file: { path: 'CODEOWNERS' } },
  })
  const link = repo.commit('chore: b', { '.github/CODEOWNERS': '->../CODEOWNERS' })
  await expect(collectCodeowners(contextOf({ workspace: repo.path, sha: link, apiUrl: server.url }))).rejects.toMatchObject({ code: 'too-large' })
  await using blind = await api(() => json({}, 404))
  expect(await collectCodeowners(contextOf({ workspace: repo.path, sha: both, apiUrl: blind.url }))).toMatchObject({
    blocked: { what: 'CODEOWNERS' },
  })
})
