import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RouterError } from '../../../../app/rollout/routers/router.ts'
import { MAX_WEIGHT, movesTo, percentOf, weightsFor } from '../../../../app/rollout/routers/haproxy-weights.ts'

test.each([
  [10, 1, 1, 28, 252],
  [10, 2, 2, 28, 252],
  [50, 1, 1, 256, 256],
  [50, 2, 3, 255, 170],
  [10, 1, 9, 256, 256],
  [1, 1, 1, 2, 198],
  [99, 1, 1, 198, 2],
  [33, 1, 1, 99, 201],
  [0, 3, 1, 0, 256],
  [100, 3, 1, 256, 0],
])('percent %i, servers %i and %i: weights %i and %i', (percent, canary, stable, one, other) => {
  expect(weightsFor(percent, { canary, stable })).toEqual({ canary: one, stable: other })
})

function nearestOff(percent: number, canary: number, stable: number): number {
  let nearest = Number.POSITIVE_INFINITY
  for (let one = 1; one <= MAX_WEIGHT; one++)
    for (let other = 1; other <= MAX_WEIGHT; other++) {
      const off = Math.abs((100 * canary * one) / (canary * one + stable * other) - percent)
      if (off < nearest) nearest = off
    }
  return nearest
}

/** null: refused. */
function offOf(percent: number, canary: number, stable: number): number | null {
  try {
    const { canary: one, stable: other } = weightsFor(percent, { canary, stable })
    return Math.abs((100 * canary * one) / (canary * one + stable * other) - percent)
  } catch (error) {
    return error instanceof RouterError ? null : Number.NaN
  }
}

test('no whole weights come nearer, and what is more than half a percent point away is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (percent, canary, stable) => {
      const possible = nearestOff(percent, canary, stable)
      const off = offOf(percent, canary, stable)
      expect(off === null).toBe(possible > 0.5)
      expect(off ?? possible).toBeCloseTo(possible, 9)
    }),
    { seed: 8, numRuns: 150 },
  )
})

test.each([
  [1, 4, 1, 'the nearest share is 1.54 %', 'at most 3 canary servers, or at least 2 stable servers'],
  [1, 10, 1, 'the nearest share is 3.76 %', 'at most 3 canary servers, or at least 3 stable servers'],
  [99, 1, 10, 'the nearest share is 96.24 %', 'at most 3 stable servers, or at least 3 canary servers'],
])('percent %i, servers %i and %i: refused, and what would do is told', (percent, canary, stable, share, advice) => {
  const set = () => weightsFor(percent, { canary, stable })
  expect(set).toThrow(expect.objectContaining({ name: 'RouterError', code: 'refused' }))
  expect(set).toThrow(share)
  expect(set).toThrow(advice)
})

test.each([
  [0, 256, 0],
  [1, 2559, 1],
  [28, 252, 10],
  [2559, 1, 99],
  [1, 0, 100],
  [1, 2, 33],
])('weights %i and %i are percent %i', (canary, others, percent) => {
  expect(percentOf(canary, others)).toBe(percent)
})

const weights = (min: number) => fc.array(fc.integer({ min, max: MAX_WEIGHT }), { minLength: 1, maxLength: 3 })

test('after every single move somebody has weight, and the canary never more than before or after all of them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), weights(0), weights(0), (percent, canary, stable) => {
      fc.pre([...canary, ...stable].some((weight) => weight > 0))
      const wanted = weightsFor(percent, { canary: canary.length, stable: stable.length })
      const now = {
        canary: new Map(canary.map((weight, index) => [`c${index}`, weight])),
        stable: new Map(stable.map((weight, index) => [`s${index}`, weight])),
      }
      const state = new Map([...now.canary, ...now.stable])
      const total = (group: string) => [...state].reduce((sum, [name, weight]) => sum + (name.startsWith(group) ? weight : 0), 0)
      const share = () => total('c') / (total('c') + total('s'))
      const before = share()
      const seen: number[] = []
      for (const { server, weight } of movesTo(wanted, now)) {
        state.set(server, weight)
        expect(total('')).toBeGreaterThan(0)
        seen.push(share())
      }
      expect([...state].every(([name, weight]) => weight === (name.startsWith('c') ? wanted.canary : wanted.stable))).toBe(true)
      expect(Math.max(0, ...seen)).toBeLessThanOrEqual(Math.max(before, share()) + 1e-12)
    }),
    { seed: 8, numRuns: 2000 },
  )
})

test('what stands already is not moved', () => {
  expect(movesTo({ canary: 28, stable: 252 }, { canary: new Map([['c', 28]]), stable: new Map([['s', 252]]) })).toEqual([])
})
