import { expect, test } from 'vitest'
import type { Count } from '../../../gates/judge/contrast.ts'
import { counts } from '../../../gates/judge/counts.ts'
import { Dispersion, leastDispersion, likelyDispersion } from '../../../gates/judge/dispersion.ts'
import { Draws } from '../../bench/judge/random.ts'

function watched(of: (draws: Draws, tick: number) => Count | null, ticks = 2000): Dispersion<Count> {
  const draws = new Draws(7)
  const dispersion = new Dispersion<Count>(counts)
  for (let tick = 0; tick < ticks; tick++) dispersion.add(of(draws, tick))
  return dispersion
}

test('independent errors have none, even while their rate drifts', () => {
  expect(leastDispersion([watched((draws) => ({ n: 500, k: draws.binomial(500, 0.01) }))], 1)).toBe(1)
  expect(leastDispersion([watched((draws, tick) => ({ n: 500, k: draws.binomial(500, 0.001 + tick / 40_000) }))], 1)).toBeLessThan(1.15)
})

test('clusters have their squared mean over their mean', () => {
  const dispersion = watched((draws) => {
    let k = 0
    for (let left = draws.poisson(0.5); left > 0; left--) k += draws.geometric(5)
    return { n: 500, k }
  })
  // Geometric of mean m: (2 m - 1).
  expect(leastDispersion([dispersion], 0)).toBeGreaterThan(7.5)
  expect(leastDispersion([dispersion], 0)).toBeLessThan(11)
})

test('bursts that last longer than a tick are seen on the longer scale', () => {
  const dispersion = watched((draws, tick) => ({ n: 500, k: draws.binomial(500, Math.floor(tick / 6) % 2 === 0 ? 0.002 : 0.02) }))
  expect(leastDispersion([dispersion], 1)).toBeGreaterThan(4)
})

test('a hole is no pair, and little knowledge is told as little', () => {
  const holed = watched((_draws, tick) => (tick % 2 === 0 ? { n: 100, k: 9 * (tick % 4) } : null), 50)
  expect(leastDispersion([holed], 0)).toBe(1)
  const few = watched((draws) => ({ n: 500, k: draws.binomial(500, 0.01) }), 3)
  const many = watched((draws) => ({ n: 500, k: draws.binomial(500, 0.01) }), 3000)
  expect(likelyDispersion([few])).toBeGreaterThan(1.3)
  expect(likelyDispersion([many])).toBeLessThan(1.2)
})
