import { expect, test } from 'vitest'
import { matches } from '../../../app/planning/pattern.ts'

test.each<[string, string, boolean]>([
  ['main', 'main', true],
  ['main', 'main2', false],
  ['main', 'xmain', false],
  ['support/*', 'support/1.x', true],
  ['support/*', 'support/1/x', false],
  ['support/*', 'support', false],
  ['*', 'main', true],
  ['*', 'a/b', false],
  ['v1.x', 'v1ax', false],
  ['a+(b)', 'a+(b)', true],
  ['*.x', '1.x', true],
])('%s matches %s: %s', (pattern, branch, expected) => {
  expect(matches(pattern, branch)).toBe(expected)
})
