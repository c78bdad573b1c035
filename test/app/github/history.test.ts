/** What a release is planned from, against the double of GitHub, and how many questions it costs. */
import { expect, test } from 'vitest'
import { history } from '../../../app/github/history.ts'
import { planning } from '../../support/planning.ts'
import { codeOf } from './scripted.ts'

test('tags, branches, the tree, a file of the default branch, issues by label', async () => {
  await using of = await planning()
  const port = history(of.client)
  expect(await port.tags(of.repository)).toEqual(['v1.0.0', 'v2.0.0'])
  await of.github.as('dev').push('acme/shop', { dir: of.work, ref: 'main' })
  of.git('branch', 'release-lines/1.0')
  await of.push('release-lines/1.0')
  expect(await port.branches(of.repository, 'release-lines/')).toEqual(['release-lines/1.0'])
  const commit = of.git('rev-parse', 'main')
  const at = (path: string): string => of.git('rev-parse', `main:${path}`)
  expect(await port.tree(of.repository, commit)).toEqual({
    tree: at(''),
    entries: [
      { name: '.github', mode: '040000', sha: at('.github') },
      { name: 'CHANGELOG.md', mode: '100644', sha: at('CHANGELOG.md') },
      { name: 'package.json', mode: '100644', sha: at('package.json') },
    ],
  })
  expect((await port.tree(of.repository, at('.github'))).entries).toEqual([
    { name: 'release-conductor.yml', mode: '100644', sha: at('.github/release-conductor.yml') },
  ])
  expect(await port.ofDefault(of.repository, 'package.json', 1000)).toContain('"version": "1.0.0"')
  expect(await port.ofDefault(of.repository, 'absent.json', 1000)).toBeNull()
  expect(await codeOf(port.ofDefault(of.repository, 'package.json', 10))).toBe('too-large')
  await of.github.as('dev').request('POST', '/repos/acme/shop/issues', { title: 'Slow', labels: ['known-issue'] })
  await of.github.as('dev').request('POST', '/repos/acme/shop/issues', { title: 'Other' })
  expect(await port.issues(of.repository, 'known-issue')).toEqual([{ number: 1, title: 'Slow' }])
  of.github.assertClean()
})

test('what is new since a tag, over pages; or at all', async () => {
  await using of = await planning()
  const port = history(of.client)
  const none = await port.since(of.repository, 'v2.0.0', 'main')
  expect(none).toEqual({ commit: of.git('rev-parse', 'main'), commits: [], from: null, paths: [], cut: false })
  for (let number = 1; number <= 101; number++) of.git('commit', '-q', '--allow-empty', '-m', `fix: ${number}`)
  of.commit('db/a.sql', 'x\n', 'feat: last')
  await of.push('main')
  of.asked()
  const since = await port.since(of.repository, 'v2.0.0', 'main')
  expect(of.asked()).toEqual(['GET /compare/v2.0.0...main', 'GET /compare/v2.0.0...main'])
  expect([since.commits.length, since.commits[0]?.message, since.commits.at(-1)?.message]).toEqual([102, 'feat: last', 'fix: 1'])
  expect([since.commit, since.paths, since.cut]).toEqual([of.git('rev-parse', 'main'), ['db/a.sql'], false])
  const all = await port.since(of.repository, null, 'main')
  expect([all.commit, all.commits.length, all.cut]).toEqual([since.commit, 105, false])
  expect(await codeOf(port.since(of.repository, 'v9.9.9', 'main'))).toBe('not-found')
})

test('merged pull requests are looked for only as far back as the commits go', async () => {
  await using of = await planning()
  const port = history(of.client)
  const dev = of.github.as('dev')
  const shas: string[] = []
  for (const name of ['one', 'two']) {
    of.git('checkout', '-qb', name, 'main')
    of.commit(`${name}.txt`, name, `work on ${name}`)
    await of.push(name)
    const pull = await dev.openPull('acme/shop', { head: name, base: 'main', title: `feat: ${name}`, body: '' })
    const { data } = await dev.request('PUT', `/repos/acme/shop/pulls/${pull.number}/merge`, {
      merge_method: 'squash',
      commit_title: `feat: ${name}`,
    })
    shas.push((data as { sha: string }).sha)
    of.git('checkout', '-q', 'main')
    of.git('fetch', '-q', of.github.repository('acme/shop').gitDir, 'main')
    of.git('reset', '-q', '--hard', 'FETCH_HEAD')
  }
  of.asked()
  const found = await port.merged(of.repository, 'main', { commits: new Set([shas[1] ?? '']), from: '2020-01-01T00:00:00Z' })
  expect(found).toEqual([{ number: 2, title: 'feat: two', mergeCommit: shas[1] }])
  expect(await port.merged(of.repository, 'main', { commits: new Set(['f'.repeat(40)]), from: '2020-01-01T00:00:00Z' })).toEqual([])
  expect(of.asked().length).toBe(2)
})
