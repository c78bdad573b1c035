import { expect, test } from 'vitest'
import { prometheusCounts, scrapeCounts } from '../../../../app/rollout/metrics/counts.ts'
import { PrometheusSource } from '../../../../app/rollout/metrics/prometheus.ts'
import { ScrapeSource } from '../../../../app/rollout/metrics/scrape.ts'

const CODE = { label: 'code', op: '=~', value: '5..' }
const TRACK = { label: 'track', op: '=', value: 'canary' }

test('a page counts what the operator named, of the series that were chosen', () => {
  const source = ScrapeSource.parse({
    canary: { url: 'http://127.0.0.1:1/' },
    stable: { url: 'http://127.0.0.1:2/' },
    requests: 'http_requests_total',
    errors: { metric: 'http_requests_total', label: 'code', matches: '5..' },
    latency: { metric: 'http_request_duration_seconds' },
    where: { track: 'canary' },
  })
  expect(scrapeCounts(source)).toEqual({
    requests: [{ metric: 'http_requests_total', matchers: [TRACK] }],
    errors: [{ metric: 'http_requests_total', matchers: [TRACK, CODE] }],
    latency: { counted: [{ metric: 'http_request_duration_seconds', matchers: [TRACK] }], unit: 's' },
  })
  const { latency: _none, ...untimed } = source
  expect(scrapeCounts(untimed).latency).toBeNull()
})

const arm = (track: string) => ({
  requests: `sum(http_requests_total{track="${track}"})`,
  errors: `sum(http_requests_total{track="${track}",code=~"5.."}) or vector(0)`,
  latency: `sum by (le) (took_bucket{track="${track}"})`,
})

test('a Prometheus counts what its queries select', () => {
  const given = { url: 'http://127.0.0.1:9090', interval: '5s', canary: arm('canary'), stable: arm('stable'), latency_unit: 'ms' }
  expect(prometheusCounts(PrometheusSource.parse(given))).toEqual({
    requests: [{ metric: 'http_requests_total', matchers: [TRACK] }],
    errors: [{ metric: 'http_requests_total', matchers: [TRACK, CODE] }],
    latency: { counted: [{ metric: 'took', matchers: [TRACK] }], unit: 'ms' },
  })
})
