import { expect, test } from 'vitest'
import type { Column } from '../../../evidence/chart/intervals.ts'
import { knownSoFar, wilson } from '../../../evidence/chart/so-far.ts'

const column = (to: number, requests: number, errors: number): Column => ({ from: to - 1, to, rate: 1, share: null, requests, errors, latency: null })

/** By R: prop.test(x, n, correct = FALSE). */
test.each([
  [5, 50, 0.043475, 0.2136002],
  [0, 100, 0, 0.0369935],
  [100, 100, 0.9630065, 1],
])('%i of %i lies between %d and %d', (errors, requests, low, high) => {
  const found = wilson(errors, requests)
  expect(found.low).toBeCloseTo(low, 5)
  expect(found.high).toBeCloseTo(high, 5)
})

test('each column adds to what is known, from when the traffic had moved, and narrows it', () => {
  const known = knownSoFar([[column(10, 100, 50), column(20, 100, 1)], [column(30, 300, 3)]], 10)
  expect(known.map(({ at }) => at)).toEqual([20, 30])
  expect(known[0]).toEqual({ at: 20, ...wilson(1, 100) })
  expect(known[1]).toEqual({ at: 30, ...wilson(4, 400) })
})

test('before the first request nothing is known', () => {
  expect(knownSoFar([[column(10, 0, 0)]], 0)).toEqual([])
  expect(knownSoFar([], 0)).toEqual([])
})
