import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { collectObjectives } from '../../../agents/collect/objectives.ts'
import { Objectives } from '../../../agents/collect/inputs.objectives.ts'
import { planted } from '../../../agents/observability/slo-librarian.faults.ts'
import { contextOf, release } from './workspace.ts'

const CONFIG = '.github/release-conductor.yml'
const SLO = planted[0]?.inputs.objectives.files[0]?.text ?? ''
const NOW = 1_768_478_400_000

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

function config(metrics: object | null, hosts: readonly string[], slos = ['slo/*.yaml']): string {
  const gates = metrics === null ? '' : `gates: { slo: { metrics: ${JSON.stringify(metrics)} } }\n`
  return `version: 1\nrelease: { base: [main] }\nslos: ${JSON.stringify(slos)}\nconduct: { hosts: ${JSON.stringify(hosts)} }\n${gates}`
}

async function collected(configText: string, head: Record<string, string> = {}, before: Record<string, string> = { 'slo/shop.yaml': SLO }) {
  using repo = release(head, undefined, { [CONFIG]: configText, ...before })
  return await collectObjectives(contextOf({ workspace: repo.path, sha: repo.head, now: NOW }))
}

/** A server of the Prometheus HTTP API: the time of a scrape, and a number for everything else. */
function prometheus(value: (query: string) => string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    const query = url.searchParams.get('query') ?? ''
    response.setHeader('content-type', 'application/json')
    response.setHeader('date', new Date(NOW).toUTCString())
    if (url.pathname === '/api/v1/query_range') {
      const values = [Number(url.searchParams.get('start')), NOW / 1000].map((at) => [at, '10'])
      return void response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values }] } }))
    }
    const text = query.startsWith('max(timestamp(') ? String(NOW / 1000 - 7) : value(query)
    const result = text === '' ? [] : [{ metric: {}, value: [NOW / 1000, text] }]
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
  }
}

test('a Prometheus is asked about every window of the objectives of the base, and the files of both commits are kept', async () => {
  const url = await serve(prometheus((query) => (query.includes('code=~') ? '3' : '5000')))
  const given = await collected(config({ kind: 'prometheus', url }, [new URL(url).host]), { 'slo/more.yaml': 'kind: [' })
  if ('blocked' in given) throw new Error(given.blocked.why)
  const { value } = given
  expect(Objectives.parse(value)).toEqual(value)
  expect(value.files.map(({ path }) => path)).toEqual(['slo/more.yaml', 'slo/shop.yaml'])
  expect(value.before.map(({ path }) => path)).toEqual(['slo/shop.yaml'])
  expect(value.source).toEqual({ kind: 'prometheus', hosts: [new URL(url).host], watched_ms: null })
  const windows = ['1h', '30m', '3d', '5m', '6h', 'budget']
  expect(
    value.readings
      .filter(({ part, value: of }) => part === 'bad' && of === 3)
      .map(({ window }) => window)
      .toSorted(),
  ).toEqual(windows)
  expect(
    value.readings
      .filter(({ part, value: of }) => part === 'total' && of === 5000)
      .map(({ window }) => window)
      .toSorted(),
  ).toEqual(windows)
  expect(value.readings.filter(({ part }) => part === 'fresh')).toMatchObject([
    { value: 7, query: 'max(timestamp(http_requests_total))' },
    { value: 7, query: 'max(timestamp(http_requests_total{code!=""}))' },
  ])
  expect(value.readings.find(({ window }) => window === 'budget')?.query).toContain('[2592000s]')
  expect(value.courses[0]?.points.at(-1)).toMatchObject({ to: NOW, bad: 10, total: 10 })
})

test.each([
  ['absent', (query: string) => (query.includes('increase') ? '' : '1')],
  ['not-a-number', () => 'NaN'],
  ['not-a-number', () => '+Inf'],
])('what it cannot say is recorded as %s', async (code, value) => {
  const url = await serve(prometheus(value))
  const given = await collected(config({ kind: 'prometheus', url }, [new URL(url).host]))
  const readings = 'value' in given ? given.value.readings.filter(({ part }) => part !== 'fresh') : []
  expect(readings).toHaveLength(12)
  expect([...new Set(readings.map(({ value: of, problem }) => `${of} ${problem?.code}`))]).toEqual([`null ${code}`])
})

async function codesOf(url: string): Promise<readonly string[]> {
  const given = await collected(config({ kind: 'prometheus', url }, [new URL(url).host]))
  return [...new Set('value' in given ? given.value.readings.flatMap(({ problem }) => problem?.code ?? []) : [])]
}

test('a scrape that is too old is stale, and a server that is away is no data', async () => {
  const old = await serve((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('date', new Date(NOW).toUTCString())
    const of = (request.url ?? '').includes('timestamp') ? String(NOW / 1000 - 31) : '1'
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ value: [NOW / 1000, of] }] } }))
  })
  expect(await codesOf(old)).toEqual(['stale'])
  expect(await codesOf('http://127.0.0.1:1')).toEqual(['unreachable'])
})

/** Counts a hundred good answers and a bad one between two looks. */
function counting(): RequestListener {
  let looks = 0
  return (_request, response) => {
    looks += 1
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0')
    response.end(`http_requests_total{code="200"} ${looks * 100}\nhttp_requests_total{code="500"} ${looks}\n# EOF\n`)
  }
}

test('pages of two instances are watched for the time that was named, and their increments added up', async () => {
  const [one, other] = [await serve(counting()), await serve(counting())]
  const urls = [`${one}/metrics`, `${other}/metrics`]
  const late = SLO.replace('name: availability', 'name: late').replace(
    /ratioMetric:[\s\S]*?(?= {2}timeWindow)/,
    'thresholdMetric: { metricSource: { type: Prometheus, spec: { query: max(x) } } }\n',
  )
  const files = { 'slo/shop.yaml': SLO, 'slo/late.yaml': late.replace('target: 0.999', 'target: 0.999, op: lte, value: 1') }
  const given = await collected(
    config(
      { kind: 'openmetrics', urls, for: '5s' },
      urls.map((url) => new URL(url).host),
    ),
    {},
    files,
  )
  if ('blocked' in given) throw new Error(given.blocked.why)
  const { readings, courses, source } = given.value
  expect(source.watched_ms).toBeGreaterThanOrEqual(5000)
  const points = courses.find(({ slo }) => slo === 'availability')?.points ?? []
  const of = (part: string) => readings.find((reading) => reading.slo === 'availability' && reading.part === part)?.value
  expect(points.length).toBeGreaterThan(1)
  expect([of('bad'), of('total')]).toEqual([2 * points.length, 2 * 101 * points.length])
  expect(new Set(points.map(({ bad, total }) => `${bad} of ${total}`))).toEqual(new Set(['2 of 202']))
  expect(readings.filter(({ slo }) => slo === 'late')).toMatchObject([{ value: null, problem: { code: 'needs-prometheus' } }])
}, 20_000)

test('a page that is not there is no data', async () => {
  const [url, code] = ['http://127.0.0.1:1/metrics', 'unreachable']
  const given = await collected(config({ kind: 'openmetrics', urls: [url], for: '5s' }, [new URL(url).host]))
  expect('value' in given ? given.value.readings : []).toMatchObject([{ value: null, problem: { code } }])
})

const SOURCE = { kind: 'prometheus', url: 'http://127.0.0.1:1' }

test.each([
  ['no SLO files are named', config(SOURCE, ['127.0.0.1:1'], []), {}, 'not_applicable.slo'],
  ['no source is named', config(null, []), {}, '`gates.slo.metrics`'],
  ['the host is not listed', config(SOURCE, ['127.0.0.1:2']), {}, 'does not list 127.0.0.1:1'],
  ['the base has no such file', config(SOURCE, ['127.0.0.1:1'], ['other/*.yaml']), { 'other/a.yaml': SLO }, 'Merge them into the base branch'],
  ['the settings are wrong', config({ kind: 'prometheus', url: 'x' }, []), {}, 'gates.slo'],
])('it is blocked, and says why and what to do, when %s', async (_what, text, head, words) => {
  const given = await collected(text, head)
  if (!('blocked' in given)) throw new Error('it was not blocked')
  const { what, why, next } = given.blocked
  expect(`${what}: ${why}. ${next}`).toContain(words)
})
