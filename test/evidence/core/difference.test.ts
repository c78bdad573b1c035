import { expect, test } from 'vitest'
import { differences } from '../../../evidence/core/difference.ts'

test.each<[string, unknown, unknown]>([
  ['the same leaf', 1, 1],
  ['equal objects in another order', { a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }],
  ['a member that is undefined and one that is absent', { a: undefined }, {}],
])('%s is no difference', (_what, packed, recomputed) => expect(differences(packed, recomputed)).toEqual([]))

test.each<[string, unknown, unknown, string[]]>([
  ['a leaf', { thresholds: { errors: '<=5' } }, { thresholds: { errors: '=0' } }, ['v.thresholds.errors "<=5" "=0"']],
  ['another kind of value', { a: [] }, { a: {} }, ['v.a [] {}']],
  ['null against an object', { a: null }, { a: { b: 1 } }, ['v.a null {"b":1}']],
  ['a member more and one less', { a: 1 }, { b: 2 }, ['v.a 1 (absent)', 'v.b (absent) 2']],
  ['an element more', { a: [1] }, { a: [1, { b: 2 }] }, ['v.a[1] (absent) {"b":2}']],
  ['an element changed', [{ m: 'x' }], [{ m: 'y' }], ['v[0].m "x" "y"']],
  ['the whole value', 'go', 'no_go', ['v "go" "no_go"']],
  ['a key that every object inherits', {}, { toString: 1 }, ['v.toString (absent) 1']],
])('%s is named', (_what, packed, recomputed, expected) => {
  expect(differences(packed, recomputed, 'v').map((one) => `${one.field} ${one.packed} ${one.recomputed}`)).toEqual(expected)
})

test('a hostile value gives a short answer', () => {
  const many = differences(
    Array.from({ length: 5_000 }, (_, at) => at),
    [],
  )
  expect(many).toHaveLength(50)
  const [long] = differences('x'.repeat(10_000), 'y')
  expect(long?.packed).toHaveLength(200)
})
