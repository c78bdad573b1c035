import { expect, test } from 'vitest'
import { versionOf } from '../../../app/release/open.ts'
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
