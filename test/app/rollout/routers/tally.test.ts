import { expect, test } from 'vitest'
import { parseOpenMetrics } from '../../../../app/rollout/metrics/openmetrics.ts'
import { tally } from '../../../../app/rollout/routers/tally.ts'

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
    ['proxy_weight_percent', {}, 10],
  ])
})
