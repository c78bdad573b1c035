import { expect, test } from 'vitest'
import { collision, isSafePath } from '../../../evidence/core/path.ts'

test.each(['a', 'a/b.json', 'ci/commit_lint.json', '.github/x', 'inputs/0a', 'A-1_2/..b'])('%s is safe', (path) => {
  expect(isSafePath(path)).toBe(true)
})

test.each([
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  './a',
  'a/..',
  '../a',
  'a/../b',
  'a/.',
  'a.',
  'a\\b',
  'C:a',
  'a b',
  'a\0',
  'é',
  'con',
  'a/NUL.txt',
  'com1',
  'lpt9.x',
  'x'.repeat(301),
])('%j is not safe', (path) => {
  expect(isSafePath(path)).toBe(false)
})

test('what one file system cannot hold is found', () => {
  expect(collision(['a', 'b/c', 'b/d'])).toBeUndefined()
  expect(collision(['a/B', 'A/b'])).toEqual(['a/B', 'A/b'])
  expect(collision(['a', 'a/b'])).toEqual(['a', 'a/b'])
  expect(collision(['a/b', 'A'])).toEqual(['a/b', 'A'])
})
