import { expect, test } from 'vitest'
import { collectTrend } from '../../../agents/collect/trend.ts'
import { contextOf, release } from './workspace.ts'

async function collected(files: Record<string, string>, head: Record<string, string> = {}) {
  const config = { version: 1, release: { base: ['main'] }, gates: { perf: { trend: 'load/trend.json' } } }
  using repo = release(head, undefined, { '.github/release-conductor.yml': JSON.stringify(config), ...files })
  return await collectTrend(contextOf({ workspace: repo.path, sha: repo.head }))
}

test('what the releases before measured is that of the base branch, if there is any', async () => {
  expect(await collected({ 'load/trend.json': 'old' }, { 'load/trend.json': 'new' })).toMatchObject({
    value: { path: 'load/trend.json', file: { text: 'old' } },
  })
  expect(await collected({}, { 'load/trend.json': 'new' })).toMatchObject({ value: { file: null } })
})
