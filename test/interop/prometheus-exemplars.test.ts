/** Traces of requests that failed, as a real Prometheus keeps them of an OpenMetrics page. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { prometheus } from '../../app/rollout/metrics/prometheus.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { tool } from '../support/tools.ts'

const PROMETHEUS = tool('prometheus')
const ID = '4bf92f3577b34da6a3ce929d0e0e4736'

const page = createServer((_, response) => {
  const text = [
    '# TYPE http_requests counter',
    'http_requests_total{code="200"} 100 # {trace_id="fine"} 1',
    `http_requests_total{code="503"} 3 # {trace_id="${ID}"} 1`,
    '# EOF',
    '',
  ]
  response.writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' }).end(text.join('\n'))
})

const arm = (track: string) => ({
  requests: `sum(http_requests_total{track="${track}"})`,
  errors: `sum(http_requests_total{track="${track}",code=~"5.."}) or vector(0)`,
})

describe.skipIf(PROMETHEUS === null)('exemplars from Prometheus (skipped where it is absent)', () => {
  let server: Awaited<ReturnType<typeof startPrometheus>> | null = null

  beforeAll(async () => {
    page.listen(0, '127.0.0.1')
    await once(page, 'listening')
    const target = `127.0.0.1:${(page.address() as AddressInfo).port}`
    server = await startPrometheus(PROMETHEUS ?? '', [
      { track: 'canary', target },
      { track: 'stable', target },
    ])
  })

  afterAll(async () => {
    await server?.stop()
    page.closeAllConnections()
    page.close()
  })

  test('the trace of what failed comes with the look, and not that of what did not', async () => {
    const source = { url: server?.url ?? '', interval: '2s', headers: {}, token: null, canary: arm('canary'), stable: arm('stable') }
    const port = prometheus(new Map([['prod', source]]), { now: () => Date.now() })
    await vi.waitFor(async () => expect(await port.sample('prod')).toMatchObject({ canary: { requests: 103, errors: 3 }, traces: [ID] }), {
      timeout: 30_000,
      interval: 500,
    })
  })
})
