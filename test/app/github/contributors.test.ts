import { expect, test } from 'vitest'
import type { Commit } from '../../../app/github/answers.ts'
import { contributorsOf } from '../../../app/github/contributors.ts'

const commit = (message: string, author: number | null, committer: number | null): Commit => ({
  sha: 'a'.repeat(40),
  commit: { message, author: { email: 'Dev@Example.com' }, committer: { email: 'bot@example.com' } },
  author: author === null ? null : { id: author },
  committer: committer === null ? {} : { id: committer },
})

test('authors, committers and the author of the pull request, each once', () => {
  expect(contributorsOf([commit('x', 5, 6), commit('y', 6, 5)], 1)).toEqual({ ids: [1, 5, 6], unattributed: 0 })
  expect(contributorsOf([], 0)).toEqual({ ids: [], unattributed: 0 })
})

test('a commit with anybody unknown is unattributed, once', () => {
  expect(contributorsOf([commit('x', null, 6), commit('x', 5, null), commit('x', null, null)], 1)).toEqual({ ids: [1, 5, 6], unattributed: 3 })
})

test('co-authors are known by their private address, or by an address seen on the commit', () => {
  const message = 'x\n\nCo-authored-by: A <12+a@users.noreply.github.com>\r\nco-authored-by: Dev <dev@example.com>'
  expect(contributorsOf([commit(message, 5, 6)], 1)).toEqual({ ids: [1, 5, 6, 12], unattributed: 0 })
})

test.each([
  'Co-authored-by: B <b@example.com>',
  'Co-authored-by: nobody',
  'Co-authored-by: C <0+c@users.noreply.github.com>',
  'Co-authored-by: D <12+d@users.noreply.github.com.evil.example>',
])('%s belongs to nobody we know', (line) => {
  expect(contributorsOf([commit(`x\n\n${line}`, 5, 6)], 1).unattributed).toBe(1)
})
