import { expect, test } from 'vitest'
import { collectPolicy } from '../../../agents/collect/policy.ts'
import { contextOf, release, workspace } from './workspace.ts'

test('the config of the base branch, whatever the head says', async () => {
  using repo = release({ '.github/release-conductor.yml': 'version: 1\nevil: true\n' })
  expect(await collectPolicy(contextOf({ workspace: repo.path, sha: repo.head }))).toEqual({
    value: { base: repo.base, path: '.github/release-conductor.yml', text: 'version: 1\n' },
  })
})

test('blocked when the base has none, or it is not text', async () => {
  using repo = workspace()
  repo.commit('chore: a', { a: '1' })
  expect(await collectPolicy(contextOf({ workspace: repo.path }))).toMatchObject({ blocked: { next: expect.stringContaining('init') } })
  repo.commit('chore: b', { '.github/release-conductor.yml': Buffer.from([0xff]) })
  expect(await collectPolicy(contextOf({ workspace: repo.path }))).toMatchObject({ blocked: { why: expect.stringContaining('UTF-8') } })
})
