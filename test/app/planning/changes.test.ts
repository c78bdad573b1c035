import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesOf, withoutNumber } from '../../../app/planning/changes.ts'
import { historyOf, sha, straight } from './history.ts'

test('each conventional commit is a change, oldest first, with the pull request its squash names', () => {
  const changes = changesOf(historyOf(straight('feat(cart): keep it (#12)', 'fix: count again\n\nBody.', 'Say hello')))
  expect(changes).toEqual([
    { type: 'feat', scope: 'cart', subject: 'keep it', breaking: null, sha: sha(1), pull: 12 },
    { type: 'fix', scope: null, subject: 'count again', breaking: null, sha: sha(2), pull: null },
    { type: null, scope: null, subject: 'Say hello', breaking: null, sha: sha(3), pull: null },
  ])
})

test.each([
  ['feat!: drop v1', ''],
  ['feat(api)!: drop v1', ''],
  ['feat: drop v1\n\nBREAKING CHANGE: clients must ask v2', 'clients must ask v2'],
  ['fix: drop v1\n\nBREAKING-CHANGE: clients must ask v2', 'clients must ask v2'],
  ['feat: say what is a breaking change', null],
])('%j breaks: %j', (message, breaking) => {
  expect(changesOf(historyOf(straight(message)))[0]?.breaking).toBe(breaking)
})

test('our own release commits are no change', () => {
  expect(changesOf(historyOf(straight('chore(release): v1.0.0', 'chore(release): v1.1.0 (#4)')))).toEqual([])
})

const revert = (number: number, of: string) => `Revert "${of}"\n\nThis reverts commit ${sha(number)}.`

test('a revert takes its change away, and a revert of the revert brings it back', () => {
  const once = straight('feat: a', 'fix: b', revert(1, 'feat: a'))
  expect(changesOf(historyOf(once)).map(({ subject }) => subject)).toEqual(['b'])
  const twice = straight('feat: a', 'fix: b', revert(1, 'feat: a'), revert(3, 'Revert'))
  expect(changesOf(historyOf(twice)).map(({ subject }) => subject)).toEqual(['a', 'b'])
  // Of an earlier release: it is a change of its own.
  expect(changesOf(historyOf(straight(revert(0, 'feat: old')))).map(({ subject }) => subject)).toEqual(['Revert "feat: old"'])
})

/** main: 1 - 4(merge of 2,3) - 7(merge of 5,6), where 6 merged main into its branch. */
const MERGED = [
  { sha: sha(7), message: 'Merge pull request #9 from acme/b\n\nfix: b', parents: [sha(4), sha(6)] },
  { sha: sha(6), message: "Merge branch 'main' into b", parents: [sha(5), sha(4)] },
  { sha: sha(4), message: 'Bring it', parents: [sha(1), sha(3)] },
  { sha: sha(5), message: 'try b', parents: [sha(1)] },
  { sha: sha(3), message: 'fix: a, second', parents: [sha(2)] },
  { sha: sha(2), message: 'feat: a', parents: [sha(1)] },
  { sha: sha(1), message: 'fix: direct', parents: [sha(0)] },
]

test('commits are told under the pull request that brought them, whatever it merged in between', () => {
  const pulls = [
    { number: 8, title: 'feat: the title is not needed', mergeCommit: sha(4) },
    { number: 9, title: 'fix(b): as the title says', mergeCommit: sha(7) },
  ]
  const changes = changesOf(historyOf(MERGED, { pulls })).map(({ subject, pull }) => [subject, pull])
  expect(changes).toEqual([
    ['direct', null],
    ['a', 8],
    ['a, second', 8],
    ['as the title says', 9],
  ])
  // Without the pull requests the merge's own words say number and title; the other stays unknown.
  expect(changesOf(historyOf(MERGED)).map(({ subject, pull }) => [subject, pull])).toEqual([
    ['direct', null],
    ['a', null],
    ['a, second', null],
    ['b', 9],
  ])
  expect(withoutNumber(MERGED)).toEqual([sha(4), sha(1)])
})

test('any message is read, and no commit is told twice', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 10 }), (messages) => {
      const changes = changesOf(historyOf(straight(...messages)))
      expect(new Set(changes.map((change) => change.sha)).size).toBe(changes.length)
    }),
  )
})
