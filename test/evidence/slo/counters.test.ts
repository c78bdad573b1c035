import { expect, test } from 'vitest'
import { counterQuery, over, valueQuery, type CounterQuery } from '../../../evidence/slo/counters.ts'

function read(text: string): CounterQuery {
  const found = counterQuery(text)
  if ('problem' in found) throw new Error(found.problem)
  return found.query
}

test.each([
  ['sum(a_total)', 'sum(increase(a_total[1h]))'],
  ['a_total{x="1"}', 'increase(a_total{x="1"}[1h])'],
  ['sum(a_total{code=~"5.."}) or vector(0)', 'sum(increase(a_total{code=~"5.."}[1h])) or vector(0)'],
  ['sum(a) - (sum(b) - sum(c{d!="e"}))', 'sum(increase(a[1h])) - (sum(increase(b[1h])) - sum(increase(c{d!="e"}[1h])))'],
])('%s over an hour', (text, expected) => {
  expect(over(read(text), 'increase', '1h')).toBe(expected)
})

test('terms have their sign, their metric and their matchers', () => {
  const { zero, terms } = read(`sum(a{b="c",d!='e"',f=~"g|h",i!~"j"}) - (sum(k) - l) or vector(0.0)`)
  expect(zero).toBe(true)
  expect(terms.map(({ sign, metric, summed }) => [sign, metric, summed])).toEqual([
    [1, 'a', true],
    [-1, 'k', true],
    [1, 'l', false],
  ])
  expect(terms[0]?.matchers).toEqual([
    { label: 'b', op: '=', value: 'c' },
    { label: 'd', op: '!=', value: 'e"' },
    { label: 'f', op: '=~', value: 'g|h' },
    { label: 'i', op: '!~', value: 'j' },
  ])
})

test.each([
  ['', 'a PromQL query'],
  ['sum(', 'cannot be read from character'],
  ['sum by (job) (a)', 'without by or without'],
  ['avg(a)', 'a sum of a counter'],
  ['sum(rate(a[5m]))', 'a counter inside the sum'],
  ['rate(a[5m])', 'rates and windows are made by us'],
  ['sum(a) / sum(b)', 'added or subtracted'],
  ['sum(a) > 3', 'added or subtracted'],
  ['sum(a) or sum(b)', 'added or subtracted'],
  ['vector(0) or sum(a)', 'added or subtracted'],
  ['sum({job="x"})', 'names its metric'],
  ['sum(a{b=~"("})', 'a regular expression'],
  ['sum(a offset 5m)', 'a counter inside the sum'],
  [Array.from({ length: 9 }, () => 'sum(a)').join(' + '), 'at most 8'],
])('%j is none', (text, words) => {
  expect(counterQuery(text)).toEqual({ problem: expect.stringContaining(words) as string })
})

test.each([
  ['histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))', ['x_bucket']],
  ['max(a) / max(b) + max(a)', ['a', 'b']],
])('%s is a value', (text, selectors) => {
  expect(valueQuery(text)).toEqual({ query: { text, selectors } })
})

test.each(['a > 1', 'a and b', '1', 'a offset 5m', 'max_over_time(a[1h:1m])', 'a ='])('%s is none', (text) => {
  expect(valueQuery(text)).toHaveProperty('problem')
})
