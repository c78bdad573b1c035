import { expect, test } from 'vitest'
import { GitHubError, isGitHubError } from '../../../app/github/error.ts'

test('a code, and what belongs to it', () => {
  const cause = new Error('why')
  const error = new GitHubError('limited', 'wait', { status: 403, retryAt: 5, cause })
  expect(error).toMatchObject({ name: 'GitHubError', code: 'limited', status: 403, retryAt: 5, cause })
  expect(new GitHubError('refused', 'no')).toMatchObject({ status: null, retryAt: null })
})

test('narrowing by code', () => {
  const error = new GitHubError('not-found', 'x')
  expect(isGitHubError(error)).toBe(true)
  expect(isGitHubError(error, 'limited', 'not-found')).toBe(true)
  expect(isGitHubError(error, 'limited')).toBe(false)
  expect(isGitHubError(new Error('x'))).toBe(false)
})
