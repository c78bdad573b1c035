import { expect, test } from 'vitest'
import { parseOpenMetrics } from '../../../../agents/collect/metrics/openmetrics.ts'
import { totals, type CounterNames } from '../../../../app/rollout/metrics/totals.ts'

const SAME: CounterNames = { requests: 'r_total', errors: { metric: 'r_total', label: 'code', matches: '5..' } }
const OTHER: CounterNames = { requests: 'r_total', errors: { metric: 'e_total', label: 'kind', matches: 'server|timeout' } }
const read = (text: string, names = SAME) => totals(parseOpenMetrics(text).series, names)

test('all series of the metric add up, errors are those whose label matches as a whole', () => {
  expect(
    read(
      'r_total{code="200"} 90\nr_total{code="500",path="/"} 4\nr_total{code="500",path="/x"} 5\nr_total{code="5000"} 1\nother_total{code="500"} 9',
    ),
  ).toEqual({ requests: 100, errors: 9 })
})

test('no error yet is zero when every request carries its code', () => {
  expect(read('r_total{code="200"} 90')).toEqual({ requests: 90, errors: 0 })
})

test('errors in a family of their own', () => {
  expect(read('r_total 90\ne_total{kind="server"} 1\ne_total{kind="timeout"} 2\ne_total{kind="client"} 50', OTHER)).toEqual({
    requests: 90,
    errors: 3,
  })
  expect(read('r_total 90\ne_total{kind="client"} 50', OTHER)).toEqual({ requests: 90, errors: 0 })
})

test('only series with the wanted labels count', () => {
  const text = 'r_total{code="200",version="v2"} 10\nr_total{code="500",version="v1"} 7'
  expect(read(text, { ...SAME, where: { version: 'v2' } })).toEqual({ requests: 10, errors: 0 })
  expect(() => read(text, { ...SAME, where: { version: 'v3' } })).toThrow(expect.objectContaining({ code: 'absent' }))
})

test.each<[string, string, string, CounterNames]>([
  ['nothing at all', '', 'absent', SAME],
  ['another metric', 'x_total{code="200"} 1', 'absent', SAME],
  ['requests without a code', 'r_total 90', 'absent', SAME],
  ['one series without a code', 'r_total{code="200"} 1\nr_total 90', 'absent', SAME],
  ['no error family', 'r_total 90', 'absent', OTHER],
  ['an error family without the label', 'r_total 90\ne_total 1', 'absent', OTHER],
  ['NaN', 'r_total{code="200"} NaN', 'not-a-number', SAME],
  ['infinity', 'r_total{code="200"} +Inf', 'not-a-number', SAME],
  ['a negative total', 'r_total{code="200"} -1', 'not-a-number', SAME],
  ['a sum past every number', 'r_total{code="200"} 1.7e308\nr_total{code="500"} 1.7e308', 'not-a-number', SAME],
  ['NaN among errors that do not match', 'r_total 9\ne_total{kind="client"} NaN', 'not-a-number', OTHER],
  ['the same series twice', 'r_total{code="200"} 1\nr_total{code="200"} 2', 'inconsistent', SAME],
  ['the same series twice, labels swapped', 'r_total{a="1",code="200"} 1\nr_total{code="200",a="1"} 2', 'inconsistent', SAME],
  ['more errors than requests', 'r_total 1\ne_total{kind="server"} 2', 'inconsistent', OTHER],
])('%s is no reading', (_, text, code, names) => {
  expect(() => read(text, names)).toThrow(expect.objectContaining({ name: 'MetricsError', code }))
})
