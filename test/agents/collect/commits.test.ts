import { expect, test } from 'vitest'
import { collectCommits } from '../../../agents/collect/commits.ts'
import { contextOf, release } from './workspace.ts'

test('commits and paths of the release, and nothing of the base', async () => {
  using repo = release({ 'docs/ä.md': 'x' }, 'feat(cart): keep it\n\nBecause.\n\nRefs: #1')
  repo.git('checkout', '-q', 'main')
  repo.commit('chore: elsewhere', { other: '1' })
  repo.git('checkout', '-q', 'release/v2.0.0')
  repo.git('merge', '-q', '--no-edit', 'main')
  const head = repo.git('rev-parse', 'HEAD')
  const collected = await collectCommits(contextOf({ workspace: repo.path, sha: head }))
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  const { commits, paths, base } = collected.value
  expect(base).toBe(repo.git('rev-parse', 'main'))
  expect(commits.map((commit) => commit.parents.length)).toEqual([2, 1])
  expect(commits[1]).toMatchObject({ sha: repo.head, author: { name: 'Developer' }, subject: 'feat(cart): keep it', body: 'Because.\n\nRefs: #1' })
  expect(paths).toEqual(['docs/ä.md', 'src/cart.ts'])
})

test('a head that equals its base has no commits', async () => {
  using repo = release()
  const collected = await collectCommits(contextOf({ workspace: repo.path, sha: repo.base }))
  expect(collected).toMatchObject({ value: { commits: [], paths: [] } })
})

test('after the merge they are compared with the base as it was just before it, however it went on since', async () => {
  using repo = release({ 'docs/ä.md': 'x' })
  const before = await collectCommits(contextOf({ workspace: repo.path, sha: repo.head }))
  repo.git('checkout', '-q', 'main')
  const last = repo.commit('chore: meanwhile', { other: '1' })
  repo.git('merge', '-q', '--no-ff', '--no-edit', repo.head)
  for (const _later of [1, 2]) {
    const merged = await collectCommits(contextOf({ workspace: repo.path, sha: repo.head }))
    expect(merged).toEqual({ value: { ...('value' in before ? before.value : null), base: last } })
    repo.git('checkout', '-q', '-b', `next-${_later}`)
    repo.commit('feat: next', { [`next-${_later}`]: '1' })
    repo.git('checkout', '-q', 'main')
    repo.git('merge', '-q', '--no-ff', '--no-edit', `next-${_later}`)
  }
})

test('after a fast-forward nobody knows what was before, and nothing is counted', async () => {
  using repo = release()
  repo.git('checkout', '-q', 'main')
  repo.git('merge', '-q', '--ff-only', repo.head)
  repo.commit('feat: next', { next: '1' })
  expect(await collectCommits(contextOf({ workspace: repo.path, sha: repo.head }))).toMatchObject({ value: { commits: [] } })
})

test('a deleted file is a changed path', async () => {
  using repo = release()
  repo.git('rm', '-q', 'README.md')
  const head = repo.commit('chore: drop', {})
  const collected = await collectCommits(contextOf({ workspace: repo.path, sha: head }))
  expect(collected).toMatchObject({ value: { paths: ['README.md', 'src/cart.ts'] } })
})
