import { expect, test } from 'vitest'
import { histogramIn, valueOf } from '../../../../agents/collect/metrics/query-answer.ts'

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

const bucket = (le: string, value: string, secondsAgo = 0) => ({ metric: { le }, value: [AT / 1000 - secondsAgo, value] })
const whole = (buckets: readonly (readonly [number, string, string, string])[], count: string, secondsAgo = 0) => [
  { metric: {}, histogram: [AT / 1000 - secondsAgo, { count, sum: '1', buckets }] },
]

test('classic buckets, and a native histogram', () => {
  expect(histogramIn(answer([bucket('0.1', '3'), bucket('+Inf', '5')]), ASKED, 's')).toEqual({ le: [100], count: [3], total: 5 })
  const native = histogramIn(answer(whole([[0, '0.0625', '0.125', '3'] as const, [3, '-0.001', '0.001', '1'] as const], '4')), ASKED, 's')
  expect(native?.total).toBe(4)
  expect(native?.count[native.le.indexOf(125)]).toBe(4)
  expect(native?.count[native.le.indexOf(62.5)]).toBe(1)
  expect(histogramIn(answer([]), ASKED, 's')).toBeNull()
  expect(histogramIn(answer(whole([], '0')), ASKED, 'ms')?.total).toBe(0)
})

test.each([
  ['several', answer([...whole([], '0'), ...whole([], '0')])],
  ['malformed', answer(one('1'))],
  ['malformed', answer([...whole([], '0'), bucket('1', '1')].toReversed())],
  ['stale', answer([bucket('1', '1', 31), bucket('+Inf', '1')])],
  ['stale', answer(whole([], '0', 31))],
  ['absent', answer([bucket('1', '1')])],
  ['inconsistent', answer([bucket('1', '2'), bucket('+Inf', '1')])],
  ['not-a-number', answer([bucket('1', 'NaN'), bucket('+Inf', '1')])],
  ['not-a-number', answer(whole([[0, '0.1', 'x', '1'] as const], '1'))],
  ['partial', answer([bucket('1', '1')], { warnings: ['w'] })],
  ['malformed', answer(Array.from({ length: 1001 }, (_, at) => bucket(String(at), '1')))],
])('no histogram, %s: %s', (code, text) => {
  expect(() => histogramIn(text, ASKED, 's')).toThrow(expect.objectContaining({ code }))
})
