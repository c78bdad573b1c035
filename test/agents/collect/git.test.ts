import { expect, test } from 'vitest'
import { baseCommit, blobText, git, headCommit, tree } from '../../../agents/collect/git.ts'
import { workspace } from './workspace.ts'

test('the fetched base branch wins over a local one, and a missing one is named', async () => {
  using repo = workspace()
  const first = repo.commit('chore: a', { a: '1' })
  const second = repo.commit('chore: b', { b: '2' })
  expect(await baseCommit(repo.path, 'main')).toBe(second)
  repo.git('update-ref', 'refs/remotes/origin/main', first)
  expect(await baseCommit(repo.path, 'main')).toBe(first)
  await expect(baseCommit(repo.path, 'none')).rejects.toMatchObject({ code: 'commit-absent', message: expect.stringContaining('none') })
})

test('a head that is not in the checkout, or is an option or a branch name, is absent', async () => {
  using repo = workspace()
  const sha = repo.commit('chore: a', { a: '1' })
  expect(await headCommit(repo.path, sha)).toBe(sha)
  for (const bad of ['0'.repeat(40), 'main', '--all', `${sha}^{tree}`])
    await expect(headCommit(repo.path, bad)).rejects.toMatchObject({ code: 'commit-absent' })
})

test('odd names come through whole, and text is told from bytes', async () => {
  using repo = workspace()
  const sha = repo.commit('chore: a', { 'ä b\n"c"': 'text', bin: Buffer.from([0xff, 0xfe]), nul: 'a\0b' })
  const entries = await tree(repo.path, sha)
  expect(entries.map((entry) => entry.path).toSorted()).toEqual(['bin', 'nul', 'ä b\n"c"'])
  const texts = new Map(await Promise.all(entries.map(async (entry) => [entry.path, await blobText(repo.path, entry.object, 100)] as const)))
  expect(Object.fromEntries(texts)).toEqual({ 'ä b\n"c"': 'text', bin: null, nul: null })
})

test('more output than allowed is refused, and a failure says what Git said', async () => {
  using repo = workspace()
  repo.commit('chore: a', { a: 'x'.repeat(5000) })
  await expect(git(repo.path, ['cat-file', 'blob', 'HEAD:a'], 100)).rejects.toMatchObject({ code: 'too-large' })
  await expect(git(repo.path, ['cat-file', 'blob', 'HEAD:none'], 100)).rejects.toMatchObject({
    code: 'git-failed',
    next: expect.stringContaining('fetch-depth'),
  })
})
