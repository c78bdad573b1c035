import { expect, test } from 'vitest'
import { matches, versionOf } from '../../../app/release/open.ts'
import { HEAD } from '../../support/release.ts'

test.each<[string, number, string | null]>([
  ['release/v2.0.0', 7, 'v2.0.0'],
  ['release/v2.0.0-rc.1', 7, 'v2.0.0-rc.1'],
  ['release/2.0.0', 7, null],
  ['release/v2.0', 7, null],
  ['release/v2.0.0/fix', 7, null],
  ['release/', 7, null],
  ['hotfix/v2.0.0', 7, null],
  ['release/v2.0.0', 8, null],
  ['release/v2.0.0', 0, null],
])('%s of repository %i is %s', (ref, repositoryId, version) => {
  expect(versionOf({ head: { ref, sha: HEAD, repositoryId } }, 7)).toBe(version)
})

test.each<[string, string, boolean]>([
  ['main', 'main', true],
  ['main', 'main2', false],
  ['main', 'xmain', false],
  ['support/*', 'support/1.x', true],
  ['support/*', 'support/1/x', false],
  ['support/*', 'support', false],
  ['*', 'main', true],
  ['*', 'a/b', false],
  ['v1.x', 'v1ax', false],
  ['a+(b)', 'a+(b)', true],
  ['*.x', '1.x', true],
])('%s matches %s: %s', (pattern, branch, expected) => {
  expect(matches(pattern, branch)).toBe(expected)
})
