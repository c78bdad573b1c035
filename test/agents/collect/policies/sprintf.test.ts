import { expect, test } from 'vitest'
import { formatted } from '../../../../agents/collect/policies/sprintf.ts'

test.each<[string, unknown[], string]>([
  ['%s of %s', ['a', 'b'], 'a of b'],
  ['%d%%', [50], '50%'],
  ['%v, %v, %v, %v', ['a', 7, true, null], 'a, 7, true, null'],
  ['%s', [true], 'true'],
  ['plain', [], 'plain'],
])('%s', (format, values, text) => {
  expect(formatted(format, values)).toBe(text)
})

test.each<[string, unknown, unknown]>([
  ['a number as text', '%s', [1]],
  ['a text as number', '%d', ['1']],
  ['a fraction', '%v', [0.1]],
  ['a large number', '%d', [2 ** 60]],
  ['a list', '%v', [['a']]],
  ['an object', '%v', [{}]],
  ['a width', '%5d', [1]],
  ['another verb', '%q', ['a']],
  ['a verb that is cut off', '%', ['a']],
  ['too few', '%s %s', ['a']],
  ['too many', '%s', ['a', 'b']],
  ['no list', '%s', 'a'],
  ['no text', 7, []],
])('%s needs OPA: an error, and never other words', (_name, format, values) => {
  expect(() => formatted(format, values)).toThrow(/^sprintf/)
})
