import { expect, test } from 'vitest'
import { badShare, questionsOf, selectorsOf } from '../../../evidence/slo/questions.ts'
import type { Slo } from '../../../evidence/slo/registry.ts'

const SLO: Slo = {
  id: 'a',
  name: 'a',
  service: null,
  path: 'slo/a.yaml',
  line: 1,
  target: 0.99,
  window: { duration: '30d', isRolling: true },
  slice: null,
  indicator: { kind: 'ratio', counts: 'bad', part: 'sum(x{code="5"}) or vector(0)', total: 'sum(x)' },
}
const GOOD: Slo = { ...SLO, indicator: { kind: 'ratio', counts: 'good', part: 'sum(x{le="1"})', total: 'sum(y)' } }
const SLICED: Slo = { ...GOOD, slice: { ms: 300_000, target: 0.9 } }
const LATE: Slo = { ...SLO, indicator: { kind: 'threshold', query: 'max(z)', op: 'lte', value: 0.25 } }

const asked = (slo: Slo) => questionsOf(slo, '1h').map(({ part, query }) => [part, query])

test('a ratio is asked for its increments', () => {
  expect(asked(SLO)).toEqual([
    ['bad', 'sum(increase(x{code="5"}[1h])) or vector(0)'],
    ['total', 'sum(increase(x[1h]))'],
  ])
  expect(badShare(SLO, '5m')).toBe('(sum(rate(x{code="5"}[5m])) or vector(0)) / (sum(rate(x[5m])))')
  expect(badShare(GOOD, '5m')).toBe('1 - (sum(rate(x{le="1"}[5m]))) / (sum(rate(y[5m])))')
})

test('time slices are asked for how many were good, of those that were measured', () => {
  const slice = '(((sum(rate(x{le="1"}[300s]))) / (sum(rate(y[300s])))) >= bool 0.9) and ((sum(rate(y[300s]))) > 0)'
  expect(asked(SLICED)).toEqual([
    ['good', `sum_over_time(((${slice}))[1h:300s])`],
    ['total', `count_over_time(((${slice}))[1h:300s])`],
  ])
})

test('a threshold is compared by us, and what is no number is neither good nor bad', () => {
  const known = '((max(z)) <= bool 0.25) and ((max(z)) >= -Inf)'
  expect(asked(LATE)).toEqual([
    ['good', `sum_over_time(((${known}))[1h:60s])`],
    ['total', `count_over_time(((${known}))[1h:60s])`],
  ])
  expect(badShare(LATE, '1h')).toBe(`1 - sum_over_time(((${known}))[1h:60s]) / count_over_time(((${known}))[1h:60s])`)
  expect(asked({ ...LATE, slice: { ms: 600_000, target: 0.8 } })[0]?.[1]).toContain(`avg_over_time((${known})[600s:60s]) >= bool 0.8`)
})

test('selectors, each once', () => {
  expect([SLO, GOOD, LATE].map(selectorsOf)).toEqual([['x{code="5"}', 'x'], ['x{le="1"}', 'y'], ['z']])
})
