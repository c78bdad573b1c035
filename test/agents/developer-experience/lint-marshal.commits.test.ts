import config from '@commitlint/config-conventional'
import lint from '@commitlint/lint'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { commitFindings } from '../../../agents/developer-experience/lint-marshal.commits.ts'

function commit(subject: string, body = '', parents = ['a'.repeat(40)]) {
  return { sha: 'b'.repeat(40), parents, author: { name: 'Developer', email: 'developer@example.com' }, subject, body }
}

test.each([
  ['feat: add a thing', []],
  ['fix(cart)!: mend it', []],
  ['oops: a thing', ['commit.type-enum']],
  ['Feat: a thing', ['commit.type-case', 'commit.type-enum']],
  ['add a thing', ['commit.subject-empty', 'commit.type-empty']],
  ['feat: Add a thing.', ['commit.subject-case', 'commit.subject-full-stop']],
  [`feat: ${'a'.repeat(100)}`, ['commit.header-max-length']],
  ['fixup! feat: a thing', ['commit.subject-empty', 'commit.type-empty']],
  ['', ['commit.subject-empty']],
])('%s', (subject, rules) => {
  expect(commitFindings(commit(subject)).map((finding) => finding.rule)).toEqual(rules)
})

test('a merge is not linted, a body is', () => {
  expect(commitFindings(commit("Merge branch 'main'", '', ['a'.repeat(40), 'c'.repeat(40)]))).toEqual([])
  expect(commitFindings(commit('feat: a', 'x'.repeat(101))).map((finding) => finding.rule)).toEqual(['commit.body-max-line-length'])
})

test('agrees with commitlint itself, asked in its own way', async () => {
  const word = fc.constantFrom('feat', 'fix', 'oops', 'Feat', '', 'add', 'Thing', 'a.', '(cart)', '!', ': ', ':', ' ')
  const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(''))
  await fc.assert(
    fc.asyncProperty(line, line, async (subject, body) => {
      fc.pre(subject.trim() !== '' && !/^\s|\s$/.test(subject))
      const raw = body === '' ? subject : `${subject}\n\n${body}`
      const parserOpts = { headerPattern: /^(\w*)(?:\(([^()]*)\))?!?: (.*)$/ }
      const theirs = await lint(raw, config.rules, { defaultIgnores: false, parserOpts })
      const expected = [...theirs.errors, ...theirs.warnings].map((problem) => `commit.${problem.name}`)
      expect(
        commitFindings(commit(subject, body))
          .map((finding) => finding.rule)
          .toSorted(),
      ).toEqual(expected.toSorted())
    }),
    { numRuns: 300 },
  )
})
