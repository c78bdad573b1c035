import { describe, expect, test } from 'vitest'
import { BENCHMARKS } from './index.ts'
import { EXIT, exitOf, holds, median, ratioOf, tableOf, type Row } from './row.ts'

const row = (of: Partial<Row> = {}): Row => ({
  benchmark: 'pack',
  what: 'wall',
  unit: 's',
  ours: 1.4,
  peer: { name: 'zip', value: 4 },
  limit: 0.35,
  ...of,
})

test('the ratio is ours over theirs', () => {
  expect(ratioOf(row({ ours: 1 }))).toBe(0.25)
  expect(ratioOf(row({ peer: null }))).toBeNull()
})

describe('a limit', () => {
  test.each([
    ['of a ratio, reached', row(), true],
    ['of a ratio, missed', row({ ours: 1.41 }), false],
    ['of a figure, reached', row({ peer: null, ours: 200, limit: 200 }), true],
    ['of a figure, missed', row({ peer: null, ours: 200.1, limit: 200 }), false],
    ['at least, reached', row({ peer: null, ours: 30, limit: 30, least: true }), true],
    ['at least, missed', row({ peer: null, ours: 29, limit: 30, least: true }), false],
    ['of what never ends', row({ peer: null, ours: Infinity, limit: 30 }), false],
    ['of a peer that never ends', row({ peer: { name: 'zip', value: Infinity } }), true],
    ['none', row({ ours: 1e9, limit: null }), true],
    ['nothing measured', row({ ours: Number.NaN }), false],
    ['no time of the peer', row({ peer: { name: 'zip', value: 0 } }), false],
  ])('%s', (_, of, answer) => {
    expect(holds(of)).toBe(answer)
  })
})

test('exit: 0 when all hold, 1 when one is missed, 5 when a tool is absent or nothing was measured', () => {
  expect(exitOf([row()], [])).toBe(EXIT.ok)
  expect(exitOf([row(), row({ ours: 4 })], [])).toBe(EXIT.missed)
  expect(exitOf([row()], ['zip'])).toBe(EXIT.absent)
  expect(exitOf([row({ ours: 4 })], ['zip'])).toBe(EXIT.missed)
  expect(exitOf([], [])).toBe(EXIT.absent)
  expect([EXIT.ok, EXIT.missed, EXIT.absent]).toEqual([0, 1, 5])
})

test('the median is the one in the middle, or between the two', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('the table names both figures, the ratio, the limit and the answer', () => {
  const text = tableOf([
    row(),
    row({ what: 'processor', ours: 2, limit: null }),
    row({ what: 'peak memory', unit: 'MB', ours: 250, peer: null, limit: 200 }),
    row({ what: 'it shows', unit: '%', ours: 43, peer: null, limit: 30, least: true }),
    row({ what: 'time', unit: 'min', ours: Infinity, peer: null, limit: 2.5 }),
  ])
  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['benchmark', 'what', 'ours', 'theirs', 'ratio', 'limit', 'ok', 'against'],
    ['pack', 'wall', '1.400 s', '4.000 s', '0.35', '0.35', 'yes', 'zip'],
    ['pack', 'processor', '2.000 s', '4.000 s', '0.50', 'zip'],
    ['pack', 'peak memory', '250.0 MB', '200.0 MB', 'NO'],
    ['pack', 'it shows', '43.00 %', 'at least 30.00 %', 'yes'],
    ['pack', 'time', 'never', '2.50 min', 'NO'],
  ])
})

test('every benchmark says what it is and what it needs', () => {
  expect(new Set(BENCHMARKS.map(({ name }) => name)).size).toBe(BENCHMARKS.length)
  for (const { name, what, rounds, tools } of BENCHMARKS) {
    expect(what).not.toBe('')
    // Calls and faults are counted, and the same in every round.
    expect(rounds).toBeGreaterThan(name === 'planning' || name === 'specialists' ? 0 : 2)
    for (const install of Object.values(tools)) expect(install).not.toBe('')
  }
})
