import { matchPattern } from 'codeowners-utils'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ownerFindings, ownerLines, ownerPattern } from '../../../agents/developer-experience/lint-marshal.owners.ts'

/** The examples of GitHub's documentation, with what it says of them. */
test.each([
  ['*', 'a/b.ts', true],
  ['*.js', 'a/b/c.js', true],
  ['*.js', 'a/b/c.jsx', false],
  ['/build/logs/', 'build/logs/a/b.log', true],
  ['/build/logs/', 'x/build/logs/a', false],
  ['docs/*', 'docs/getting-started.md', true],
  ['docs/*', 'docs/build-app/troubleshooting.md', false],
  ['docs/*', 'x/docs/a.md', false],
  ['apps/', 'x/apps/y/z', true],
  ['apps/', 'apps', false],
  ['/docs/', 'docs/a/b', true],
  ['/apps/github', 'apps/github/x', true],
  ['/apps/github', 'apps/github', true],
  ['**/logs', 'deeply/nested/logs/x', true],
  ['**/logs', 'logs/x', true],
  ['/a/**/z', 'a/z', true],
  ['/a/**/z', 'a/b/c/z', true],
  ['/a/**', 'a/b/c', true],
  ['/a/**', 'a', false],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['a.c', 'abc', false],
  ['a\\ b', 'a b', true],
])('%s on %s: %s', (pattern, path, matches) => {
  expect(ownerPattern(pattern)?.test(path)).toBe(matches)
})

test.each(['!a', '[ab].ts', '/', '*'.repeat(20)])('GitHub cannot use %s', (pattern) => {
  expect(ownerPattern(pattern)).toBeNull()
})

test('agrees with a gitignore matcher, apart from a star at the end of a path', () => {
  const part = fc.constantFrom('a', 'b', 'a*', '*b', '*', '**', 'a.b')
  const pattern = fc
    .tuple(fc.constantFrom('', '/'), fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '/'))
    .map(([root, parts, end]) => `${root}${parts.join('/')}${end}`)
  const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'a.b', 'axb'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(pattern, path, (pattern, path) => {
      fc.pre(!/\*\*\/?$|\*\*\/\*\*|.\/\*\/?$|^\/\*\/?$/.test(pattern))
      expect([pattern, path, ownerPattern(pattern)?.test(path)]).toEqual([pattern, path, matchPattern(path, pattern)])
    }),
    { numRuns: 2000 },
  )
})

test('comments, escapes, and lines in order', () => {
  expect(ownerLines('# all\n* @a @b # us\r\n\n\\#odd @c\n/x\n')).toEqual([
    { line: 2, pattern: '*', owners: ['@a', '@b'] },
    { line: 4, pattern: '\\#odd', owners: ['@c'] },
    { line: 5, pattern: '/x', owners: [] },
  ])
})

const file = (text: string) => ({ file: { path: 'CODEOWNERS', text }, problems: [] })

test('the last matching line decides, also when it takes ownership away', () => {
  expect(ownerFindings(file('* @a\n/x/\n/x/y @b\n'), ['x/y', 'x/z', 'q'])).toMatchObject({
    unowned: 1,
    findings: [{ rule: 'owners.path-unowned', path: 'x/z' }],
  })
})

test('no file, lines that do nothing, and what GitHub says', () => {
  expect(ownerFindings({ file: null, problems: [] }, ['a'])).toMatchObject({ unowned: 1, findings: [{ rule: 'owners.absent' }] })
  expect(ownerFindings(file('* @a\n!x @b\n'), ['a']).findings).toMatchObject([{ rule: 'owners.invalid-line', line: 2 }])
  const problem = (kind: string) => ({ ...file('* @a\n'), problems: [{ line: 1, column: 3, kind, message: 'm' }] })
  expect(ownerFindings(problem('Unknown owner'), ['a']).findings).toMatchObject([{ rule: 'owners.unknown', line: 1 }])
  expect(ownerFindings(problem('Invalid pattern'), ['a']).findings).toMatchObject([{ rule: 'owners.invalid-line', line: 1 }])
})

test('many unowned paths are counted, and named up to a limit', () => {
  const { findings, unowned } = ownerFindings(
    file('/x @a\n'),
    Array.from({ length: 1000 }, (_none, index) => `p${index}`),
  )
  expect([unowned, findings.length]).toEqual([1000, 51])
  expect(findings.at(-1)?.message).toContain('950')
})
