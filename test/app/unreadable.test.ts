import { expect, test } from 'vitest'
import { GitHubError } from '../../app/github/error.ts'
import { ReleaseError } from '../../app/release/error.ts'
import { isUnreadable, unreadable } from '../../app/unreadable.ts'

test('each failure doubles the time it is left alone, up to an hour, and what is read again begins anew', () => {
  const repositories = unreadable()
  expect(Array.from({ length: 13 }, () => repositories.failed('7', 0) / 1_000)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600])
  expect([repositories.rests('7', 3_599_999), repositories.rests('7', 3_600_000), repositories.rests('8', 0)]).toEqual([true, false, false])
  repositories.heard('7')
  expect(repositories.rests('7', 0)).toBe(false)
  expect(repositories.failed('7', 0)).toBe(2_000)
})

test.each<[unknown, boolean]>([
  [new GitHubError('not-found', 'x'), true],
  [new GitHubError('forbidden', 'x'), true],
  [new GitHubError('limited', 'x'), false],
  [new GitHubError('unavailable', 'x'), false],
  [new ReleaseError('pull-gone', 'x'), true],
  [new Error('x'), false],
])('%s', (error, is) => {
  expect(isUnreadable(error)).toBe(is)
})
