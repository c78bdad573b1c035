/** How long requests took, as a real Prometheus tells it: classic buckets of one version, a native histogram of the other. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { prometheus } from '../../app/rollout/metrics/prometheus.ts'
import type { Sample } from '../../app/release/ports.ts'
import { nativeHistogram, NATIVE_TYPE } from '../support/native-histogram.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { tool } from '../support/tools.ts'

const PROMETHEUS = tool('prometheus')
const PAGE = [
  '# TYPE http_requests_total counter',
  'http_requests_total{code="200"} 100',
  '# TYPE d histogram',
  'd_bucket{path="/",le="0.1"} 50',
  'd_bucket{path="/",le="0.25"} 58',
  'd_bucket{path="/",le="+Inf"} 60',
  'd_sum{path="/"} 5',
  'd_count{path="/"} 60',
  'd_bucket{path="/x",le="0.1"} 30',
  'd_bucket{path="/x",le="0.25"} 39',
  'd_bucket{path="/x",le="+Inf"} 40',
  'd_sum{path="/x"} 4',
  'd_count{path="/x"} 40',
  '',
].join('\n')

/** Buckets (2^-4, 2^-3.875], and so on, of schema 3. */
const NATIVE = { schema: 3, from: -31, counts: [10, 20, 40, 20, 10] }

/** One page as text, one as protobuf for whoever takes it. */
const classic = createServer((_, response) => void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(PAGE))
const native = createServer(
  (request, response) =>
    void (request.url === '/counts'
      ? response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(PAGE)
      : response.writeHead(200, { 'content-type': NATIVE_TYPE }).end(nativeHistogram('n', NATIVE))),
)

async function open(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function arm(track: string, latency: string) {
  return {
    requests: `sum(http_requests_total{track="${track}"})`,
    errors: `sum(http_requests_total{track="${track}",code=~"5.."}) or vector(0)`,
    latency,
  }
}

describe.skipIf(PROMETHEUS === null)('latency from Prometheus (skipped where it is absent)', () => {
  let server: Awaited<ReturnType<typeof startPrometheus>> | null = null

  beforeAll(async () => {
    const [text, binary] = await Promise.all([open(classic), open(native)])
    server = await startPrometheus(PROMETHEUS ?? '', [
      { track: 'canary', target: text },
      { track: 'stable', target: binary },
      { track: 'counts', target: binary, path: '/counts' },
    ])
  })

  afterAll(async () => {
    await server?.stop()
    for (const each of [classic, native]) {
      each.closeAllConnections()
      each.close()
    }
  })

  function sample(canary = 'sum by (le) (d_bucket{track="canary"})', stable = 'sum(n{track="stable"})'): Promise<Sample> {
    const source = {
      url: server?.url ?? '',
      interval: '2s',
      headers: {},
      token: null,
      canary: arm('canary', canary),
      stable: { ...arm('counts', stable) },
    }
    return prometheus(new Map([['prod', source]]), { now: () => Date.now() }).sample('prod')
  }

  test('classic buckets of all routes, and a native histogram', async () => {
    const seen = await vi.waitFor(
      async () => {
        const found = await sample()
        expect(found.note).toBe('')
        return found
      },
      { timeout: 30_000, interval: 300 },
    )
    expect(seen.canary).toEqual({ requests: 100, errors: 0, latency: { le: [100, 250], count: [80, 97], total: 100 } })
    const latency = seen.stable?.latency ?? null
    expect(latency?.total).toBe(100)
    const at = (bound: number): number => latency?.count[latency.le.findIndex((le) => Math.abs(le - bound) < 1e-6)] ?? Number.NaN
    // Bucket -31 ends at 2^-3.875 s, and a bound of ours lies at each quarter of a power of two.
    expect([at(62.5), at(1000 * 2 ** -3.75), at(1000 * 2 ** -3.5), at(1000 * 2 ** -3.25)]).toEqual([0, 30, 90, 100])
  })

  test('a route alone, and what is no histogram', async () => {
    expect((await sample('sum by (le) (d_bucket{track="canary",path="/x"})')).canary?.latency).toEqual({ le: [100, 250], count: [30, 39], total: 40 })
    expect(await sample('sum(d_bucket{track="canary"})')).toMatchObject({
      canary: { requests: 100, latency: null },
      note: expect.stringMatching(/^canary: latency: malformed/) as string,
    })
    expect(await sample('sum by (le) (no_such_bucket)')).toMatchObject({ canary: { latency: null } })
  })
})
