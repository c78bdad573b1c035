import { expect, test } from 'vitest'
import { Betting } from '../../../gates/judge/betting.ts'
import { Draws } from '../../bench/judge/random.ts'

test('fair coins bring one on average, whatever the size of the bursts', () => {
  let sum = 0
  for (let seed = 1; seed <= 4000; seed++) {
    const draws = new Draws(seed)
    const betting = new Betting()
    for (let block = 0; block < 8; block++) betting.add((draws.uniform() < 0.5 ? -1 : 1) * draws.geometric(20), 100, 100)
    sum += Math.exp(betting.log())
  }
  expect(sum / 4000).toBeGreaterThan(0.85)
  expect(sum / 4000).toBeLessThan(1.15)
})

test('a canary that is always worse is found, in nine blocks or more', () => {
  const betting = new Betting()
  let blocks = 0
  for (; betting.log() < Math.log(100); blocks++) betting.add(5, 100, 100)
  expect(blocks).toBeGreaterThan(8)
  expect(blocks).toBeLessThan(30)
})

test('arms of different size are not interchangeable: no bet', () => {
  const betting = new Betting()
  for (let block = 0; block < 50; block++) betting.add(5, 100, 900)
  expect(betting.log()).toBe(0)
})
