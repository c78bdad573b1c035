import { expect, test } from 'vitest'
import { between, percentile, together } from '../../../evidence/chart/percentile.ts'

const totals = (count: readonly number[], total: number, le: readonly number[] = [10, 20, 40]) => ({ le, count, total })

test.each([
  [0.25, 5],
  [0.5, 10],
  [0.6, 15],
  [0.9, 40],
  [0.95, 40],
])('percentile %d lies straight between two bounds: %d ms', (share, ms) => {
  expect(percentile(totals([50, 70, 90], 100), share)).toBeCloseTo(ms, 9)
})

test('what is beyond the last bound is told as that bound, and nothing served has none', () => {
  expect(percentile(totals([0, 0, 0], 100), 0.5)).toBe(40)
  expect(percentile(totals([0, 0, 0], 0), 0.5)).toBeNull()
})

test('an empty bucket in the way is stepped over', () => {
  expect(percentile(totals([50, 50, 100], 100), 0.5)).toBe(10)
  expect(percentile(totals([50, 50, 100], 100), 0.51)).toBeCloseTo(20.4, 9)
})

test('what lies between two totals; other bounds, or a total that fell, are nothing', () => {
  expect(between(totals([1, 2, 3], 4), totals([2, 4, 6], 8))).toEqual(totals([1, 2, 3], 4))
  expect(between(totals([1, 2, 3], 4), totals([2, 4, 6], 8, [1, 2, 3]))).toBeNull()
  expect(between(totals([1, 2, 3], 4), totals([1, 1, 3], 4))).toBeNull()
  expect(between(totals([1, 2, 3], 4), totals([1, 2, 3], 3))).toBeNull()
  expect(together(totals([1, 2, 3], 4), totals([1, 1, 1], 1))).toEqual(totals([2, 3, 4], 5))
  expect(together(totals([1, 2, 3], 4), totals([1], 1, [10]))).toBeNull()
})
