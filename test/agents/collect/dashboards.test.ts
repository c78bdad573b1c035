import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { collectDashboards } from '../../../agents/collect/dashboards.ts'
import { Dashboards } from '../../../agents/collect/inputs.dashboards.ts'
import type { CollectContext } from '../../../agents/collect/collector.ts'
import { startGrafana } from '../../support/grafana/index.ts'
import { api, contextOf, json, release } from './workspace.ts'

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

/** Stands for a Prometheus and a page of metrics. */
const world: RequestListener = (request, response) => {
  const answers: Record<string, unknown> = {
    '/api/v1/label/__name__/values': { status: 'success', data: ['up', 'http_requests_total', 'up'] },
  }
  if (request.url === '/metrics')
    return void response
      .setHeader('content-type', 'application/openmetrics-text; version=1.0.0')
      .end('a_total{x="1"} 1\na_total{x="2"} 1\nb 2\n# EOF\n')
  const answer = answers[request.url ?? '']
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
}

async function collected(slo: object, hosts: readonly string[], files: Record<string, string> = {}, over: Partial<CollectContext> = {}) {
  const config = { version: 1, release: { base: ['main'] }, conduct: { hosts }, slos: ['slo/*.yaml'], gates: { slo } }
  using repo = release(files, undefined, { '.github/release-conductor.yml': JSON.stringify(config) })
  return await collectDashboards(contextOf({ workspace: repo.path, sha: repo.head, ...over }))
}

const DASHBOARDS = { shop: { title: 'Shop', panels: [] } }

test('dashboards and objectives of the release, a Grafana, and the names a Prometheus knows', async () => {
  const url = await serve(world)
  await using grafana = await startGrafana({ dashboards: DASHBOARDS })
  const files = { 'dashboards/b.json': '{}', 'dashboards/a.json': '{}', 'slo/a.yaml': 'kind: SLO' }
  const hosts = [url, grafana.url].map((each) => new URL(each).host)
  const slo = { metrics: { kind: 'prometheus', url }, dashboards: { grafana: `${grafana.url}/` } }
  const given = await collected(slo, hosts, files, { grafanaToken: grafana.tokenOf('dashboards:read') })
  if ('blocked' in given) throw new Error(given.blocked.why)
  expect(Dashboards.parse(given.value)).toEqual(given.value)
  expect(given.value).toMatchObject({
    files: [{ path: 'dashboards/a.json' }, { path: 'dashboards/b.json' }],
    grafana: { dashboards: [{ uid: 'shop', text: '{"title":"Shop","panels":[],"uid":"shop"}' }], problem: null },
    objectives: [{ path: 'slo/a.yaml' }],
    known: { names: ['http_requests_total', 'up'], problem: null },
  })
  expect(JSON.stringify(given)).not.toContain('glsa_')
  expect([Object.keys(given.value).includes('annotation'), grafana.asked.every(({ token }) => token)]).toEqual([false, true])
  grafana.assertClean()
})

test.each([
  ['no token, where nobody may look', null, /answered 401: it lets nobody look without a token. Set GRAFANA_TOKEN .* with dashboards:read/],
  ['a token that is none', 'glsa_old', /answered 401: it does not know GRAFANA_TOKEN/],
  ['a token that may see no dashboard', [], /it shows no dashboard to GRAFANA_TOKEN, which needs dashboards:read/],
])('%s is a problem that says what is missing', async (_what, token, words) => {
  const url = await serve(world)
  await using grafana = await startGrafana({ dashboards: DASHBOARDS })
  const hosts = [url, grafana.url].map((each) => new URL(each).host)
  const grafanaToken = typeof token === 'object' && token !== null ? grafana.tokenOf(...token) : token
  const given = await collected({ metrics: { kind: 'prometheus', url }, dashboards: { grafana: grafana.url } }, hosts, {}, { grafanaToken })
  expect(given).toMatchObject({ value: { grafana: { dashboards: [], problem: expect.stringMatching(words) as string } } })
})

test('an annotation is named after the release branch, or after the commit when GitHub does not say', async () => {
  const url = await serve(world)
  await using grafana = await startGrafana({ dashboards: DASHBOARDS })
  grafana.anonymous = ['dashboards:read']
  await using github = await api((path) => (path === '/repos/acme/shop/pulls/7' ? json({ head: { ref: 'release/v2.0.0' } }) : json({}, 404)))
  const hosts = [url, grafana.url].map((each) => new URL(each).host)
  const slo = { metrics: { kind: 'prometheus', url }, dashboards: { grafana: grafana.url, annotate: true } }
  const said = { grafana: grafana.url, repository: 'acme/shop' }
  const versions = [{ apiUrl: github.url }, { apiUrl: github.url, pull: 8 }, { apiUrl: github.url, pull: null }, { apiUrl: github.url, token: null }]
  const given = await Promise.all(versions.map((over) => collected(slo, hosts, {}, over)))
  expect(given.map((one) => 'value' in one && one.value.annotation)).toEqual([
    { ...said, pull: 7, version: 'v2.0.0' },
    { ...said, pull: 8, version: null },
    { ...said, pull: null, version: null },
    { ...said, pull: 7, version: null },
  ])
  expect('value' in (given[0] ?? {}) && Dashboards.safeParse(given[0] && 'value' in given[0] ? given[0].value : null).success).toBe(true)
  expect(grafana.asked.some(({ token }) => token)).toBe(false)
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
