import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { collectDashboards } from '../../../agents/collect/dashboards.ts'
import { Dashboards } from '../../../agents/collect/inputs.dashboards.ts'
import { contextOf, release } from './workspace.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Stands for a Prometheus, a Grafana (labelled: a double of its search and dashboard answers) and a page of metrics. */
const world: RequestListener = (request, response) => {
  const answers: Record<string, unknown> = {
    '/api/v1/label/__name__/values': { status: 'success', data: ['up', 'http_requests_total', 'up'] },
    '/api/search?type=dash-db&limit=200': [{ uid: 'shop', title: 'Shop' }],
    '/api/dashboards/uid/shop': { meta: {}, dashboard: { title: 'Shop', panels: [] } },
  }
  if (request.url === '/metrics')
    return void response
      .setHeader('content-type', 'application/openmetrics-text; version=1.0.0')
      .end('a_total{x="1"} 1\na_total{x="2"} 1\nb 2\n# EOF\n')
  const answer = answers[request.url ?? '']
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
}

async function collected(slo: object, hosts: readonly string[], files: Record<string, string> = {}) {
  const config = { version: 1, release: { base: ['main'] }, conduct: { hosts }, slos: ['slo/*.yaml'], gates: { slo } }
  using repo = release(files, undefined, { '.github/release-conductor.yml': JSON.stringify(config) })
  return await collectDashboards(contextOf({ workspace: repo.path, sha: repo.head }))
}

test('dashboards and objectives of the release, a Grafana, and the names a Prometheus knows', async () => {
  const url = await serve(world)
  const files = { 'dashboards/b.json': '{}', 'dashboards/a.json': '{}', 'slo/a.yaml': 'kind: SLO' }
  const given = await collected({ metrics: { kind: 'prometheus', url }, dashboards: { grafana: url } }, [new URL(url).host], files)
  if ('blocked' in given) throw new Error(given.blocked.why)
  expect(Dashboards.parse(given.value)).toEqual(given.value)
  expect(given.value).toMatchObject({
    files: [{ path: 'dashboards/a.json' }, { path: 'dashboards/b.json' }],
    grafana: { dashboards: [{ uid: 'shop', text: '{"title":"Shop","panels":[]}' }], problem: null },
    objectives: [{ path: 'slo/a.yaml' }],
    known: { names: ['http_requests_total', 'up'], problem: null },
  })
})

test('pages of the service tell their names; what cannot be asked is a problem', async () => {
  const url = await serve(world)
  const pages = await collected({ metrics: { kind: 'openmetrics', urls: [`${url}/metrics`] } }, [new URL(url).host], { 'dashboards/a.json': '{}' })
  expect(pages).toMatchObject({ value: { grafana: null, known: { names: ['a_total', 'b'] } } })
  const away = await collected({ metrics: { kind: 'prometheus', url: `${url}/none` }, dashboards: { grafana: `${url}/none` } }, [new URL(url).host])
  expect(away).toMatchObject({
    value: { grafana: { dashboards: [], problem: expect.stringContaining('404') }, known: { names: [], problem: expect.stringContaining('404') } },
  })
})

test.each([
  ['no metrics source', {}, [], 'gates.slo.metrics'],
  ['a host that is not listed', { metrics: { kind: 'prometheus', url: 'http://127.0.0.1:1' } }, [], 'conduct.hosts'],
  [
    'a Grafana that is not listed',
    { metrics: { kind: 'prometheus', url: 'http://127.0.0.1:1' }, dashboards: { grafana: 'http://127.0.0.1:2' } },
    ['127.0.0.1:1'],
    '127.0.0.1:2',
  ],
  ['no dashboard', { metrics: { kind: 'prometheus', url: 'http://127.0.0.1:1' } }, ['127.0.0.1:1'], 'slo.dashboards'],
])('it says what would give it: %s', async (_what, slo, hosts, words) => {
  const given = await collected(slo, hosts)
  expect('blocked' in given && `${given.blocked.why} ${given.blocked.next}`).toContain(words)
})
