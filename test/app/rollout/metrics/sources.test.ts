import { expect, test } from 'vitest'
import { measuredBy, metricsSources } from '../../../../app/rollout/metrics/sources.ts'
import { endpoint, GOOD } from '../../../agents/collect/metrics/hostile.ts'

const errors = { metric: 'r_total', label: 'code', matches: '5..' }

test('which source tells latency', () => {
  const page = { canary: { url: 'http://127.0.0.1/' }, stable: { url: 'http://127.0.0.1/' }, requests: 'r_total', errors }
  const asked = { requests: 'a', errors: 'e_total' }
  const timed = { ...asked, latency: 'sum by (le) (d_bucket)' }
  const api = { url: 'http://127.0.0.1/', interval: '1s', headers: {}, token: null }
  expect(
    measuredBy({
      a: { kind: 'openmetrics', source: page },
      b: { kind: 'openmetrics', source: { ...page, latency: { metric: 'd', unit: 's' } } },
      c: { kind: 'prometheus', source: { ...api, canary: asked, stable: asked } },
      d: { kind: 'prometheus', source: { ...api, canary: timed, stable: timed } },
    }),
  ).toMatchObject({ a: { latency: false }, b: { latency: true }, c: { latency: false }, d: { latency: true } })
})

test('each name is asked in its own manner, and a name nobody gave is a note', async () => {
  const page = await endpoint((_, response) => response.end(GOOD))
  const api = await endpoint((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams.get('query') ?? ''
    const value: [number, string] = [Date.now() / 1000, query.startsWith('max') ? String(Date.now() / 1000) : query.includes('e_total') ? '1' : '3']
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value }] } }))
  })
  const port = metricsSources(
    {
      pages: { kind: 'openmetrics', source: { canary: { url: page }, stable: { url: page }, requests: 'r_total', errors } },
      api: {
        kind: 'prometheus',
        source: {
          url: new URL(api).origin,
          interval: '1s',
          headers: {},
          token: null,
          canary: { requests: 'a', errors: 'e_total' },
          stable: { requests: 'b', errors: 'e_total' },
        },
      },
    },
    { now: () => Date.now() },
  )
  expect(await port.sample('pages')).toMatchObject({ canary: { requests: 100, errors: 10 }, stable: { requests: 100, errors: 10 }, note: '' })
  expect(await port.sample('api')).toMatchObject({ canary: { requests: 3, errors: 1 }, stable: { requests: 3, errors: 1 }, note: '' })
  for (const name of ['other', '__proto__', 'constructor'])
    expect(await port.sample(name)).toMatchObject({ canary: null, stable: null, note: expect.stringContaining(name) as string })
})
