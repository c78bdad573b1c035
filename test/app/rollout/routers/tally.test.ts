import { expect, test } from 'vitest'
import { parseOpenMetrics } from '../../../../agents/collect/metrics/openmetrics.ts'
import { routedIn, tally } from '../../../../app/rollout/routers/tally.ts'

test('what was counted can be read back', () => {
  const counts = tally()
  counts.add('canary', 502)
  counts.add('canary', 502)
  counts.add('stable', 200)
  const { series, ended } = parseOpenMetrics(counts.text(10))
  expect(ended).toBe(true)
  expect(series.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])).toEqual([
    ['proxy_requests_total', { arm: 'canary', code: '502' }, 2],
    ['proxy_requests_total', { arm: 'stable', code: '200' }, 1],
    ['proxy_sticky', {}, 0],
    ['proxy_weight_percent', {}, 10],
  ])
})

test('what was counted is read again, from the first request on', () => {
  const counts = tally()
  expect(routedIn(counts.text(0))).toEqual({ canary: 0, stable: 0 })
  counts.add('canary', 200)
  counts.add('canary', 502)
  counts.add('stable', 200)
  expect(routedIn(counts.text(10))).toEqual({ canary: 2, stable: 1 })
})

test('what is open is told, and where clients stay with their version nobody says which share of the requests that is', () => {
  const counts = tally(true)
  counts.add('canary', 200)
  const { series } = parseOpenMetrics(counts.text(10, { canary: 1, stable: 2 }))
  expect(series.filter(({ name }) => name === 'proxy_open_requests').map(({ value }) => value)).toEqual([1, 2])
  expect(routedIn(counts.text(10))).toBeNull()
})

test.each([
  ['nothing', ''],
  ['another text', 'http_requests_total 3\n# EOF\n'],
  ['one cut off', tally().text(10).slice(0, -6)],
  ['no metrics', '<html>'],
])('%s is malformed', (_, text) => {
  expect(() => routedIn(text)).toThrow(expect.objectContaining({ name: 'RouterError', code: 'malformed' }))
})
