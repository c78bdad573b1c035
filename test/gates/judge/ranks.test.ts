import { expect, test } from 'vitest'
import { Shape } from '../../../gates/judge/ranks.ts'
import { normalCdf } from '../../bench/judge/world.ts'

const LE = [25, 40, 55, 70, 80, 90, 100, 110, 125, 140, 160, 185, 215, 250, 300, 400, 500, 700, 1000, 2500]

/** A million requests of a lognormal: median 100 ms, sigma 0.6. */
function lognormal(): Shape {
  const shape = new Shape()
  const cdf = [...LE.map((bound) => normalCdf(Math.log(bound / 100) / 0.6)), 1]
  shape.add(
    LE,
    cdf.map((upTo, at) => Math.round(1e6 * (upTo - (cdf[at - 1] ?? 0)))),
  )
  return shape
}

test('a ratio of latencies becomes a shift as the law has it, and back', () => {
  const shape = lognormal()
  for (const ratio of [0.8, 1, 1.1, 1.25, 2]) {
    const exact = normalCdf(Math.log(ratio) / (0.6 * Math.SQRT2)) - 0.5
    expect(shape.shift(ratio)).toBeCloseTo(exact, 2)
    expect(shape.ratio(exact)).toBeGreaterThan(ratio * 0.97)
    expect(shape.ratio(exact)).toBeLessThan(ratio * 1.03)
  }
  expect(shape.median()).toBeCloseTo(100, 0)
  expect(shape.beyond()[15]).toBeCloseTo(1 - normalCdf(Math.log(4) / 0.6), 3)
})

test('nothing seen, nothing said; other bounds begin anew', () => {
  const shape = new Shape()
  expect([shape.median(), shape.shift(2), shape.beyond()]).toEqual([null, 0, []])
  shape.add([10, 20], [5, 5, 0])
  shape.add([15, 30], [0, 8, 0])
  expect(shape.median()).toBeGreaterThan(15)
})
