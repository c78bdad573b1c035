import { expect, test } from 'vitest'
import { valueOf } from '../../../../agents/collect/metrics/query-answer.ts'

const AT = 1_800_000_000_000
const ASKED = { at: AT, staleMs: 30_000 }

function answer(result: unknown, more: object = {}): string {
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more })
}

const one = (value: string, secondsAgo = 0) => [{ metric: {}, value: [AT / 1000 - secondsAgo, value] }]

test.each([
  ['0', 0],
  ['17', 17],
  ['1.5e3', 1500],
  ['2', 2],
])('%s is %s', (text, expected) => {
  expect(valueOf(answer(one(text)), ASKED)).toBe(expected)
})

test('an empty answer is null, never zero', () => {
  expect(valueOf(answer([]), ASKED)).toBeNull()
})

test.each([
  ['not-a-number', answer(one('NaN'))],
  ['not-a-number', answer(one('+Inf'))],
  ['not-a-number', answer(one('-1'))],
  ['several', answer([...one('1'), ...one('2')])],
  ['stale', answer(one('1', 31))],
  ['inconsistent', answer(one('1', -31))],
  ['partial', answer(one('1'), { warnings: ['one store is away'] })],
  ['partial', answer(one('1'), { infos: ['a rate of a gauge'] })],
  ['partial', answer(one('1'), { isPartial: true })],
  ['refused', JSON.stringify({ status: 'error', error: 'no' })],
  ['malformed', answer([{ metric: {} }])],
  ['malformed', JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '1'] } })],
  ['malformed', 'nothing'],
])('%s: %s', (code, text) => {
  expect(() => valueOf(text, ASKED)).toThrow(expect.objectContaining({ code }))
})
