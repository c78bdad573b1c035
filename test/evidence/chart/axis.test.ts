import { expect, test } from 'vitest'
import { amount, clock, instants, percent, span, ticksUpTo } from '../../../evidence/chart/axis.ts'

test.each<[number, number[]]>([
  [0.016, [0, 0.005, 0.01, 0.015, 0.02]],
  [0.3, [0, 0.1, 0.2, 0.3]],
  [1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [437, [0, 100, 200, 300, 400, 500]],
  [2_000, [0, 500, 1_000, 1_500, 2_000]],
])('up to %d', (most, expected) => expect(ticksUpTo(most)).toEqual(expected))

test('any height has at most seven ticks, the last not below it', () => {
  for (let most = 1e-5; most < 1e7; most *= 1.37) {
    const ticks = ticksUpTo(most)
    expect(ticks.length).toBeLessThanOrEqual(7)
    expect(ticks.at(-1) ?? 0).toBeGreaterThanOrEqual(most * (1 - 1e-9))
  }
})

test('instants are round and inside', () => {
  const from = Date.parse('2026-11-25T12:00:03.000Z')
  expect(instants(from, from + 130_000, 9).map((at) => clock(at, true))).toEqual([
    '12:00:15',
    '12:00:30',
    '12:00:45',
    '12:01:00',
    '12:01:15',
    '12:01:30',
    '12:01:45',
    '12:02:00',
  ])
  expect(instants(from, from + 7 * 86_400_000, 9).length).toBeLessThanOrEqual(9)
  expect(instants(from, from + 900 * 86_400_000, 9).length).toBeLessThanOrEqual(10)
  expect(clock(Date.parse('2026-11-26T00:00:00.000Z'), false)).toBe('11-26')
})

test('words', () => {
  expect([0, 0.0004, 0.01, 0.0268, 0.3, 1].map(percent)).toEqual(['0 %', '0.04 %', '1 %', '2.7 %', '30 %', '100 %'])
  expect([0, 0.5, 9.96, 12.4, 1_250, 1_234_567].map(amount)).toEqual(['0', '0.5', '10.0', '12', '1 250', '1 234 567'])
  expect([14_000, 60_000, 125_000, 3_600_000, 5_400_000].map(span)).toEqual(['14 s', '1 min', '2 min 5 s', '1 h', '1 h 30 min'])
})
