import { expect, test } from 'vitest'
import { counts } from '../../../gates/judge/counts.ts'
import { logMean, logSum, Mixture, unstarted } from '../../../gates/judge/mixture.ts'
import { ranks, Shape } from '../../../gates/judge/ranks.ts'
import { Draws } from '../../bench/judge/random.ts'

test('logs of means and sums do not overflow', () => {
  expect(logMean([1000, 1000])).toBe(1000)
  expect(logMean([Math.log(1), Math.log(3)])).toBeCloseTo(Math.log(2), 12)
  expect(
    logSum([
      { weight: 0.5, log: 800 },
      { weight: 0.5, log: -800 },
    ]),
  ).toBeCloseTo(800 + Math.log(0.5), 12)
  expect(
    logSum([
      { weight: 0, log: 800 },
      { weight: 1, log: 1 },
    ]),
  ).toBe(1)
})

test('dispersion divides the whole past, a block adds no more than the cap, and ticks of one block share it', () => {
  const mixture = new Mixture(1)
  for (const [term, anew] of [
    [3, true],
    [3, false],
    [1, true],
    [-8, true],
  ] as const)
    mixture.add([term], anew)
  expect(mixture.log(1, 100)).toBe(-1)
  expect(mixture.log(2, 100)).toBe(-0.5)
  expect(mixture.log(1, 2)).toBe(2 + 1 - 8)
})

test('what is older than it keeps still counts', () => {
  const mixture = new Mixture(1)
  for (let at = 0; at < 9000; at++) mixture.add([0.001], true)
  expect(mixture.log(1, 100)).toBeCloseTo(9, 6)
})

test('evidence from later starts outweighs a past that spoke against it, and the weights of all starts are one', () => {
  const mixture = new Mixture(1)
  for (let at = 0; at < 60; at++) mixture.add([-1], true)
  for (let at = 0; at < 12; at++) mixture.add([1], true)
  const starts = mixture.starts(1, 100)
  expect(starts.map(({ log }) => log)).toEqual([-48, -42, -36, -30, -24, -18, -12, -6, 0, 6, 12, 6])
  expect(starts.map(({ weight }) => weight).slice(0, 3)).toEqual([0.95, 0.05 / 2, 0.05 / 6])
  expect(starts.reduce((sum, { weight }) => sum + weight, unstarted(starts))).toBeCloseTo(1, 12)
  expect(mixture.starts(2, 0.25)[10]?.log).toBe(3)
})

test('starts stay where they were when the oldest blocks are folded', () => {
  const mixture = new Mixture(1)
  for (let at = 0; at < 4500; at++) mixture.add([0.001], true)
  const starts = mixture.starts(1, 100)
  expect(starts[0]?.log).toBeCloseTo(4.5, 6)
  const nth = Math.ceil((4500 - 4096) / 6)
  expect(starts.length).toBeLessThan(690)
  expect(starts.at(-1)?.weight).toBeCloseTo(0.05 / (749 * 750), 12)
  expect(starts.some(({ weight }) => Math.abs(weight - 0.05 / ((nth + 1) * (nth + 2))) < 1e-12)).toBe(true)
})

/** The mean over many healthy worlds of evidence after some ticks: at most 1 for a test martingale. */
function meanEvidence(of: (draws: Draws) => readonly number[], alternatives: number): number {
  const worlds = 4000
  let sum = 0
  for (let seed = 1; seed <= worlds; seed++) {
    const draws = new Draws(seed)
    const mixture = new Mixture(alternatives)
    for (let tick = 0; tick < 8; tick++) mixture.add(of(draws), true)
    const starts = mixture.starts(1, Infinity)
    sum += Math.exp(logSum([...starts, { weight: unstarted(starts), log: 0 }]))
  }
  return sum / worlds
}

test.each([
  [1, 0.05],
  [9, 0.05],
  [1, 0.4],
])('evidence for "worse" is worth one on average when nothing differs, errors, 1:%i at %d', (ratio, rate) => {
  const mean = meanEvidence((draws) => {
    // An incident of both: the rate of each tick is anything.
    const now = rate * (0.2 + 0.8 * draws.uniform())
    const [n, m] = [40, 40 * ratio]
    return counts.worse({ n, k: draws.binomial(n, now) }, { n: m, k: draws.binomial(m, now) })
  }, 5)
  expect(mean).toBeGreaterThan(0.02)
  expect(mean).toBeLessThan(1.15)
})

function draw(draws: Draws, n: number, tilt: number): number[] {
  const buckets = Array.from({ length: 6 }, () => 0)
  for (let at = 0; at < n; at++) {
    const bucket = Math.min(5, Math.floor(6 * draws.uniform() ** tilt))
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  return buckets
}

test.each([1, 9])('and latency, 1:%i', (ratio) => {
  const kind = ranks(new Shape())
  const mean = meanEvidence((draws) => {
    const tilt = 0.5 + 2 * draws.uniform()
    return kind.worse(draw(draws, 30, tilt), draw(draws, 30 * ratio, tilt))
  }, 5)
  expect(mean).toBeGreaterThan(0.02)
  expect(mean).toBeLessThan(1.15)
})

test.each([0.0, 0.3])('evidence for "below the ratio" is worth one on average at just that ratio (tail %d)', (tail) => {
  const mean = meanEvidence((draws) => {
    const rate = 0.01 + tail * 0.03 * draws.uniform()
    return counts.below({ n: 200, k: draws.binomial(200, 2 * rate) }, { n: 200, k: draws.binomial(200, rate) }, 2)
  }, 4)
  expect(mean).toBeLessThan(1.15)
})
