import { expect, test } from 'vitest'
import type { Commit } from '../../../app/github/answers.ts'
import { contributorsOf as of, isVerified } from '../../../app/github/contributors.ts'
import type { Pushes } from '../../../app/github/pushes.ts'

const NOBODY: Pushes = { ids: [], isWhole: true }
const contributorsOf = (commits: readonly Commit[], author: number, pushes: Pushes | null = NOBODY) => of(commits, author, pushes)

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

const signed = (one: Commit, verified = true): Commit => ({ ...one, commit: { ...one.commit, verification: { verified } } })

test('whoever pushed takes part, under whatever names', () => {
  expect(contributorsOf([commit('x', 5, 5)], 1, { ids: [9, 5], isWhole: true })).toEqual({ ids: [1, 5, 9], unattributed: 0 })
})

test("when not everybody who pushed is known, each commit that nobody signed may be anybody's", () => {
  const commits = [commit('x', 5, 5), signed(commit('y', 5, 5)), signed(commit('z', 5, 5), false)]
  expect(contributorsOf(commits, 1, { ids: [9], isWhole: false })).toEqual({ ids: [1, 5, 9], unattributed: 2 })
  expect(commits.map(isVerified)).toEqual([false, true, false])
  expect(contributorsOf([signed(commit('y', 5, 5)), signed(commit('y', null, 5))], 1, null)).toEqual({ ids: [1, 5], unattributed: 1 })
})
