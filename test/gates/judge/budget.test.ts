import { expect, test } from 'vitest'
import { attainment, budgetLeft, burnRate, burnsTooFast } from '../../../gates/judge/budget.ts'

const of = (bad: number) => ({ bad, total: 1000 })

test('a budget of one percent', () => {
  expect([0, 5, 10, 20].map((bad) => attainment(of(bad)))).toEqual([1, 0.995, 0.99, 0.98])
  expect([0, 5, 10, 20].map((bad) => burnRate(of(bad), 0.99).toFixed(6))).toEqual(['0.000000', '0.500000', '1.000000', '2.000000'])
  expect([0, 5, 10, 20].map((bad) => budgetLeft(of(bad), 0.99).toFixed(6))).toEqual(['1.000000', '0.500000', '0.000000', '-1.000000'])
})

test.each([
  ['both above', of(21), of(30), true],
  ['the long one at its limit', of(20), of(30), false],
  ['the short one has stopped', of(21), of(0), false],
  ['one above, the other unknown', of(21), null, null],
  ['one below, the other unknown', null, of(1), false],
  ['neither known', null, null, null],
])('%s', (_what, long, short, expected) => {
  expect(burnsTooFast(long, short, { target: 0.98, limit: 1 })).toBe(expected)
})
