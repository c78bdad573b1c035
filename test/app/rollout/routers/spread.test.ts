import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { spread } from '../../../../app/rollout/routers/spread.ts'

function places(percent: number, count: number, seed?: number): number[] {
  const arms = spread(percent, seed)
  return Array.from({ length: count }, (_, index) => (arms.next() ? index : -1)).filter((index) => index >= 0)
}

test('every hundred requests hold exactly the percentage, whatever it is', () => {
  for (let percent = 0; percent <= 100; percent += 1) {
    const taken = places(percent, 500)
    for (let hundred = 0; hundred < 5; hundred += 1) {
      expect(taken.filter((index) => Math.floor(index / 100) === hundred).length).toBe(percent)
    }
  }
})

test('at any moment the canary is at most one request away from its share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 400 }), fc.integer(), (percent, count, seed) => {
      expect(Math.abs(places(percent, count, seed).length - (percent * count) / 100)).toBeLessThanOrEqual(1)
    }),
  )
})

test('traffic with a beat of ten reaches the canary with every kind of request', () => {
  const kinds = new Set(places(10, 1000).map((index) => index % 10))
  expect(kinds.size).toBe(10)
})

test('the same seed draws the same places', () => {
  expect(places(10, 300, 7)).toEqual(places(10, 300, 7))
  expect(places(10, 300, 7)).not.toEqual(places(10, 300, 8))
})
