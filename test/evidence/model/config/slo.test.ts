import { expect, test } from 'vitest'
import { SloPolicy } from '../../../../evidence/model/config/slo.ts'

const prometheus = { kind: 'prometheus', url: 'https://prometheus.acme.example/prometheus' }

test('what is not said has its default, from the Workbook', () => {
  expect(SloPolicy.parse({ metrics: prometheus })).toEqual({
    metrics: { ...prometheus, interval: '15s' },
    windows: [
      { long: '1h', short: '5m', burn: 14.4 },
      { long: '6h', short: '30m', burn: 6 },
      { long: '3d', short: '6h', burn: 1 },
    ],
    budget_left: 0,
    min_requests: 100,
    exceptions: [],
    max_age: '3d',
    probes: {},
    dashboards: { files: ['dashboards/*.json'], annotate: false },
    logs: { files: [], fields: ['release', 'env', 'tenant', 'trace_id', 'sha'] },
  })
  expect(SloPolicy.parse({ metrics: { kind: 'openmetrics', urls: ['http://shop:8080/metrics'] } }).metrics).toMatchObject({ for: '30s', burn: 14.4 })
})

test.each([
  [{ metrics: { kind: 'datadog' } }, 'kind: prometheus'],
  [{ metrics: { ...prometheus, url: 'ftp://x' } }, 'http or https'],
  [{ metrics: { ...prometheus, url: 'https://user:secret@x' } }, 'without a password'],
  [{ metrics: { ...prometheus, url: 'https://x/?q=1' } }, 'question mark'],
  [{ metrics: { ...prometheus, token: 'x' } }, ''],
  [{ metrics: { kind: 'openmetrics', urls: [] } }, ''],
  [{ metrics: { kind: 'openmetrics', urls: ['http://x'], for: '1h' } }, 'from 5s to 5m'],
  [{ windows: [] }, ''],
  [{ windows: [{ long: '5m', short: '5m', burn: 1 }] }, 'shorter than the long one'],
  [{ windows: [{ long: '1h', short: '5m', burn: 0 }] }, ''],
  [{ budget_left: 1.1 }, ''],
  [{ min_requests: 0 }, ''],
])('%j is refused', (policy, words) => {
  const read = SloPolicy.safeParse(policy)
  expect(read.success).toBe(false)
  expect(read.error?.message).toContain(words)
})
