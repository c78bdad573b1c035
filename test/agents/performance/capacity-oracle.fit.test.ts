import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { at, capacityOf, fit, jackknife, knee, meanOf } from '../../../agents/performance/capacity-oracle.fit.ts'

const USERS = [1, 2, 4, 8, 16, 32, 64]
const law = fc.record({
  lambda: fc.double({ min: 1, max: 5000, noNaN: true }),
  alpha: fc.double({ min: 0, max: 0.5, noNaN: true }),
  beta: fc.double({ min: 0, max: 0.02, noNaN: true }),
})

test('a law is found again from what it says', () => {
  fc.assert(
    fc.property(law, (of) => {
      const found = fit(USERS.map((users) => ({ users, throughput: at(of, users) })))
      for (const users of USERS) expect(at(found ?? { lambda: 0, alpha: 0, beta: 0 }, users) / at(of, users)).toBeCloseTo(1, 5)
    }),
  )
})

test('neither contention nor crosstalk is ever below nothing, whatever was measured', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.1, max: 10_000, noNaN: true }), { minLength: 4, maxLength: 7 }), (throughputs) => {
      const found = fit(throughputs.map((throughput, index) => ({ users: USERS[index] ?? 1, throughput })))
      expect(Math.min(found?.lambda ?? 1, found?.alpha ?? 0, found?.beta ?? 0)).toBeGreaterThanOrEqual(0)
    }),
  )
})

test('the knee is where most gets done; without crosstalk there is none', () => {
  const of = { lambda: 50, alpha: 0.05, beta: 0.002 }
  const top = knee(of)
  expect(top).toBeCloseTo(Math.sqrt(0.95 / 0.002), 6)
  expect(at(of, top)).toBeGreaterThan(Math.max(at(of, top - 1), at(of, top + 1)))
  expect(knee({ ...of, beta: 0 })).toBe(Number.POSITIVE_INFINITY)
  expect(capacityOf({ ...of, beta: 0 }, 10)).toEqual({ users: 10, throughput: at({ ...of, beta: 0 }, 10) })
  expect(capacityOf(of, 100).users).toBe(top)
})

/** The published example of the law: Gunther, "How to Quantify Scalability", SPEC SDM91 on 1 to 216 processors. */
test('the published figures of a benchmark give the published law', () => {
  const measured: readonly (readonly [number, number])[] = [
    [1, 64.9],
    [18, 995.9],
    [36, 1652.4],
    [72, 1853.2],
    [108, 1828.9],
    [144, 1775.0],
    [216, 1702.2],
  ]
  const found = fit(measured.map(([users, throughput]) => ({ users, throughput }))) ?? { lambda: 0, alpha: 0, beta: 0 }
  expect(found.alpha).toBeLessThan(0.06)
  expect(found.beta).toBeGreaterThan(0)
  expect(knee(found)).toBeGreaterThan(60)
  expect(knee(found)).toBeLessThan(150)
})

test('nothing, and a single number of users, have no law with three numbers', () => {
  expect(fit([])).toBeNull()
  expect(fit([{ users: 1, throughput: 10 }])).toEqual({ lambda: 10, alpha: 0, beta: 0 })
})

test('an interval holds the truth about as often as it says', () => {
  let state = 11
  const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5
  let held = 0
  for (let round = 0; round < 1000; round++) {
    const { low } = meanOf(Array.from({ length: 5 }, () => 100 + 10 * next()))
    if (low <= 100) held += 1
  }
  expect(held / 1000).toBeGreaterThan(0.93)
  expect(held / 1000).toBeLessThan(0.97)
})

test('one part says nothing about how sure the whole is', () => {
  expect(jackknife(5, [5])).toEqual({ value: 5, low: 0, high: 5 })
  expect(meanOf([])).toEqual({ value: 0, low: 0, high: 0 })
  expect(jackknife(10, [10, 10, 10])).toEqual({ value: 10, low: 10, high: 10 })
})
