import { expect, test } from 'vitest'
import { GitHubError } from '../../../app/github/error.ts'
import { errorOf, isNotModified } from '../../../app/github/refusal.ts'

const NOW = 1_000_000

function failure(status: number, headers: Record<string, string> = {}, message = 'words'): Error {
  return Object.assign(new Error(message), { status, response: { headers } })
}

test.each([
  [400, 'refused'],
  [401, 'forbidden'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [409, 'refused'],
  [410, 'not-found'],
  [413, 'too-large'],
  [422, 'refused'],
  [429, 'limited'],
  [451, 'refused'],
])('%i is %s, whether it creates or not', (status, code) => {
  for (const creates of [true, false]) expect(errorOf(failure(status), creates, NOW)).toMatchObject({ code, status })
})

test.each([408, 500, 502, 503, 504])('%i leaves a creating call unknown, any other undone', (status) => {
  expect(errorOf(failure(status), true, NOW).code).toBe('unknown')
  expect(errorOf(failure(status), false, NOW).code).toBe('unavailable')
})

test.each([
  ['retry-after', { 'retry-after': '5' }, 'x', NOW + 5000],
  ['a day is cut to an hour', { 'retry-after': '86400' }, 'x', NOW + 3_600_000],
  ['the reset, when nothing remains', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1100' }, 'x', 1_100_000],
  ['a reset in the past is at least a second', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }, 'x', NOW + 1000],
  ['words alone: a minute', {}, 'You have exceeded a secondary rate limit.', NOW + 60_000],
  ['requests remain: no limit', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '1100' }, 'x', null],
  ['nonsense: no limit', { 'retry-after': 'soon' }, 'x', null],
])('403 with %s', (_, headers, message, retryAt) => {
  expect(errorOf(failure(403, headers as Record<string, string>, message), false, NOW).retryAt).toBe(retryAt)
})

test.each([
  ['retry-after', { 'retry-after': '5' }, NOW + 5000],
  ['the reset, when nothing remains', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1100' }, 1_100_000],
  ['nothing: a minute', {}, NOW + 60_000],
])('429 with %s', (_, headers, retryAt) => {
  expect(errorOf(failure(429, headers as Record<string, string>), true, NOW)).toMatchObject({ code: 'limited', retryAt })
})

test('what was already understood stays, and what cannot be is malformed', () => {
  const inner = new GitHubError('too-large', 'x')
  expect(errorOf(Object.assign(new Error('wrapped', { cause: inner }), { status: 500 }), true, NOW)).toBe(inner)
  expect(errorOf(new TypeError('odd'), false, NOW).code).toBe('malformed')
})

test('304 is an answer', () => {
  expect(isNotModified(failure(304))).toBe(true)
  expect(isNotModified(failure(404))).toBe(false)
})
