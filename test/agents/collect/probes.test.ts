import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Probes } from '../../../agents/collect/inputs.probes.ts'
import { collectProbes } from '../../../agents/collect/probes.ts'
import { contextOf, release } from './workspace.ts'

const CATALOGUE = `version: 1
journeys:
  - name: buy
    steps:
      - { path: /products, contains: [tea, coffee] }
      - { method: POST, path: /orders, body: { product: 1 }, status: 201 }
  - name: leave
    steps: [{ path: /away }, { path: /never }]
`

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

async function collected(
  url: string | null,
  {
    hosts,
    before = {},
    head = {},
    probes = {},
    named = true,
  }: { hosts?: string[]; before?: Record<string, string>; head?: Record<string, string>; probes?: object; named?: boolean } = {},
) {
  const config = {
    version: 1,
    release: { base: ['main'] },
    conduct: { hosts: hosts ?? (url === null ? [] : [new URL(url).host]) },
    ...(named && { golden_paths: 'slo/golden_paths.yaml' }),
    gates: { slo: { probes: { ...(url !== null && { target: url }), ...probes } } },
  }
  using repo = release(head, undefined, { '.github/release-conductor.yml': JSON.stringify(config), 'slo/golden_paths.yaml': CATALOGUE, ...before })
  return await collectProbes(contextOf({ workspace: repo.path, sha: repo.head }))
}

test('each step is asked in its turn with one trace a journey; a redirect is seen and never followed', async () => {
  const asked: { readonly call: string; readonly trace: string; readonly body: string }[] = []
  const url = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push({ call: `${request.method} ${request.url}`, trace: String(request.headers['traceparent']), body: Buffer.concat(chunks).toString() })
      if (request.url === '/away') response.writeHead(302, { location: 'http://elsewhere.example/in' }).end()
      else response.writeHead(request.method === 'POST' ? 201 : 200).end('tea and cake')
    })
  })
  const given = await collected(url, { head: { 'slo/golden_paths.yaml': 'version: 7\n' } })
  if ('blocked' in given) throw new Error(given.blocked.why)
  expect(Probes.parse(given.value)).toEqual(given.value)
  expect(asked.map(({ call, body }) => `${call} ${body}`.trim())).toEqual(['GET /products', 'POST /orders {"product":1}', 'GET /away'])
  const ids = asked.map(({ trace }) => /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(trace)?.[1])
  expect(ids).toEqual([given.value.traces['buy'], given.value.traces['buy'], given.value.traces['leave']])
  expect(given.value.answers).toMatchObject([
    { journey: 'buy', step: 0, status: 200, missing: ['coffee'], elsewhere: null },
    { journey: 'buy', step: 1, status: 201, missing: [] },
    { journey: 'leave', step: 0, status: 302, elsewhere: 'elsewhere.example' },
    { journey: 'leave', step: 1, status: null, why: 'the step before failed' },
  ])
})

test('a service that is away answers nothing, and the OpenAPI document is that of the release', async () => {
  const given = await collected('http://127.0.0.1:1', { probes: { openapi: 'api.yaml' }, before: { 'api.yaml': 'old' }, head: { 'api.yaml': 'new' } })
  expect(given).toMatchObject({
    value: {
      openapi: { text: 'new' },
      answers: [{ status: null, why: 'there was no whole answer' }, { why: 'the step before failed' }, { status: null }, {}],
    },
  })
})

test('a catalogue that cannot be read is kept as it is, and nothing is asked', async () => {
  const given = await collected('http://127.0.0.1:1', { before: { 'slo/golden_paths.yaml': 'version: 2\n' } })
  expect(given).toMatchObject({ value: { catalogue: { text: 'version: 2\n' }, answers: [] } })
})

test.each([
  ['no catalogue', 'http://127.0.0.1:1', { named: false }, '`golden_paths` of the config'],
  ['no service', null, {}, 'gates.slo.probes.target'],
  ['a host that is not listed', 'http://127.0.0.1:1', { hosts: [] }, 'conduct.hosts'],
])('without leave nothing is asked: %s', async (_what, url, of, words) => {
  const given = await collected(url, of)
  expect('blocked' in given && `${given.blocked.why} ${given.blocked.next}`).toContain(words)
})
