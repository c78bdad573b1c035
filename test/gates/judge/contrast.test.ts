import { expect, test } from 'vitest'
import { countContrast, rankContrast } from '../../../gates/judge/contrast.ts'

test('a count is compared with its share of what both had', () => {
  expect(countContrast({ n: 100, k: 3 }, { n: 100, k: 3 })).toEqual({ d: 0, v: 1.5, lean: 0 })
  const { d, v, lean } = countContrast({ n: 100, k: 4 }, { n: 900, k: 6 })
  expect([d, v, lean].map((each) => Number(each.toFixed(6)))).toEqual([3, 0.9, 0.8])
})

test('ranks: nothing differs, all slower, ties half', () => {
  expect(rankContrast([5, 5, 5], [5, 5, 5]).d).toBeCloseTo(0, 12)
  // Five against five, all of them slower: the largest the rank sum can be, 25 pairs of a half.
  expect(rankContrast([0, 5], [5, 0])).toMatchObject({ d: 1.25 })
  expect(rankContrast([5, 0], [0, 5])).toMatchObject({ d: -1.25 })
  expect(rankContrast([0, 0], [5, 5])).toEqual({ d: 0, v: 0, lean: 0 })
})

test('the variance of the rank sum is that of every way to draw it', () => {
  // All 20 ways to choose three of six requests that lie in three buckets of two.
  const buckets = [0, 0, 1, 1, 2, 2]
  const found: number[] = []
  for (let mask = 0; mask < 64; mask++) {
    const [one, other] = [
      [0, 0, 0],
      [0, 0, 0],
    ]
    for (const [at, bucket] of buckets.entries()) {
      const arm = (mask >> at) & 1 ? one : other
      arm[bucket] = (arm[bucket] ?? 0) + 1
    }
    if (one.reduce((sum, value) => sum + value, 0) === 3) found.push(rankContrast(one, other).d)
  }
  expect(found.length).toBe(20)
  const variance = found.reduce((sum, d) => sum + d * d, 0) / found.length
  expect(rankContrast([1, 1, 1], [1, 1, 1]).v).toBeCloseTo(variance, 12)
})
