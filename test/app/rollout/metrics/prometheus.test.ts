import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { prometheus, PrometheusSource, type PrometheusOptions } from '../../../../app/rollout/metrics/prometheus.ts'
import { window } from '../../../../app/rollout/metrics/window.ts'
import { endpoint, HOSTILE } from '../../../agents/collect/metrics/hostile.ts'

const NOW = Date.parse('2026-03-01T12:00:00.250Z')
const SECONDS = NOW / 1000
const CAPS = { maxBytes: 100_000, timeoutMs: 300 }
const ERRORS = 'sum(r_total{track="canary",code=~"5.."})'
const QUERIES = {
  canary: { requests: 'sum(r_total{track="canary"})', errors: ERRORS },
  stable: { requests: 'sum(r_total{track="stable"})', errors: 'sum(r_total{track="stable",code=~"5.."})' },
}
const ZERO = { ...QUERIES, canary: { ...QUERIES.canary, errors: `${ERRORS} or vector(0)` } }

const one = (value: string, at = SECONDS) => [{ metric: {}, value: [at, value] }]
const vector = (result: unknown, more: object = {}) => JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more })

function answered(response: ServerResponse, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', date: new Date(NOW).toUTCString(), ...headers }).end(text)
}

const asked = (request: IncomingMessage) => new URL(request.url ?? '', 'http://x').searchParams.get('query') ?? ''

/** What a server that scraped both versions a second ago says. */
function healthy(query: string): string {
  if (query.startsWith('max(timestamp(')) return vector(one(String(SECONDS - 1)))
  return vector(one(query.includes('code') ? '7' : '100'))
}

/** A server that answers what `listener` says wherever it is asked about `about`, and well elsewhere. */
async function serverFor(about: (query: string) => boolean, listener: RequestListener): Promise<string> {
  const url = await endpoint((request, response) =>
    about(asked(request)) ? listener(request, response) : answered(response, healthy(asked(request))),
  )
  return new URL(url).origin
}

function port(url: string, more: Partial<PrometheusOptions> = {}) {
  return prometheus(new Map([['prod', { url, interval: '15s', headers: {}, token: null, ...QUERIES, ...more }]]), { now: () => NOW }, CAPS)
}

const says =
  (text: string, headers?: Record<string, string>): RequestListener =>
  (_, response) =>
    answered(response, text, headers)

test('both versions as of one moment, with the headers and the token the operator gave', async () => {
  const seen: IncomingMessage[] = []
  const url = await endpoint((request, response) => {
    seen.push(request)
    answered(response, healthy(asked(request)))
  })
  const sample = await port(`${new URL(url).origin}/prometheus/`, { token: 'secret', headers: { 'X-Scope-OrgID': 'acme' } }).sample('prod')
  expect(sample).toEqual({ at: NOW, canary: { requests: 100, errors: 7 }, stable: { requests: 100, errors: 7 }, note: '' })
  expect(seen.map((request) => request.headers)).toEqual(
    Array.from({ length: 9 }, () =>
      expect.objectContaining({ authorization: 'Bearer secret', 'x-scope-orgid': 'acme', 'accept-encoding': 'identity' }),
    ),
  )
  const targets = seen.map((request) => new URL(request.url ?? '', 'http://x')).filter(({ pathname }) => !pathname.endsWith('query_exemplars'))
  expect(new Set(targets.map((target) => `${target.pathname} ${target.searchParams.get('time')}`))).toEqual(
    new Set([`/prometheus/api/v1/query ${SECONDS.toFixed(3)}`]),
  )
  expect(seen.map(asked).filter((query) => query.includes('canary'))).toEqual(
    expect.arrayContaining([
      QUERIES.canary.requests,
      ERRORS,
      'max(timestamp(r_total{track="canary"}))',
      'max(timestamp(r_total{track="canary",code=~"5.."}))',
    ]),
  )
})

const exemplars = (id: string) => [{ seriesLabels: {}, exemplars: [{ labels: { trace_id: id }, value: '1', timestamp: SECONDS }] }]

const looked = async (status: number) => {
  const queries: string[] = []
  const url = await endpoint((request, response) => {
    if (request.url?.startsWith('/api/v1/query_exemplars') !== true) return answered(response, healthy(asked(request)))
    queries.push(asked(request))
    const headers = { 'content-type': 'application/json', date: new Date(NOW).toUTCString() }
    return response.writeHead(status, headers).end(JSON.stringify({ status: 'success', data: exemplars('4bf9') }))
  })
  return { queries, sample: await port(new URL(url).origin).sample('prod') }
}

test('traces of the canary that the server keeps as exemplars come with the look; a server that keeps none is as good', async () => {
  expect(await looked(200)).toMatchObject({ queries: [ERRORS], sample: { traces: ['4bf9'], note: '' } })
  const { sample } = await looked(404)
  expect([sample.note, sample.traces]).toEqual(['', undefined])
  expect(sample.canary).toEqual({ requests: 100, errors: 7 })
})

test('without a token none is sent', async () => {
  let sent: string | undefined = 'none yet'
  const url = await endpoint((request, response) => {
    sent = request.headers.authorization
    answered(response, healthy(asked(request)))
  })
  expect((await port(new URL(url).origin).sample('prod')).note).toBe('')
  expect(sent).toBeUndefined()
})

const html = '<html><body>Please sign in</body></html>'
const BAD: readonly (readonly [string, string, RequestListener])[] = [
  ...HOSTILE,
  [
    'a claim of 2 GB',
    'too-large',
    (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': 2 ** 31 })
        .write(vector(one('1')).padEnd(CAPS.maxBytes + 1)),
  ],
  [
    'a 500 with a good answer',
    'refused',
    (_, response) => void response.writeHead(500, { 'content-type': 'application/json' }).end(vector(one('5'))),
  ],
  ['HTML', 'malformed', says(html, { 'content-type': 'text/html' })],
  ['HTML that says it is JSON', 'malformed', says(html)],
  ['an answer of another type', 'malformed', says(vector(one('5')), { 'content-type': 'text/plain' })],
  ['an answer without a type', 'malformed', (_, response) => response.end(vector(one('5')))],
  ['nothing', 'malformed', says('')],
  ['half of an answer', 'malformed', says(vector(one('5')).slice(0, -9))],
  ['another API', 'malformed', says('{"result":[1,2]}')],
  ['a scalar', 'malformed', says(JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [SECONDS, '5'] } }))],
  [
    'a matrix',
    'malformed',
    says(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values: [[SECONDS, '5']] }] } })),
  ],
  ['a vector of nothing', 'malformed', says(vector(null))],
  ['a native histogram', 'malformed', says(vector([{ metric: {}, histogram: [SECONDS, {}] }]))],
  ['a number that is no string', 'malformed', says(vector([{ metric: {}, value: [SECONDS, 5] }]))],
  ['deep', 'malformed', says('['.repeat(90_000))],
  ['an error', 'refused', says('{"status":"error","errorType":"execution","error":"x"}')],
  ['an error with a value', 'refused', says(vector(one('5'), { status: 'error' }))],
  ['a partial response of Thanos', 'partial', says(vector(one('5'), { warnings: ['partial response: store is down'] }))],
  ['an info', 'partial', says(vector(one('5'), { infos: ['PromQL info: ignored histograms'] }))],
  ['a partial response of VictoriaMetrics', 'partial', says(vector(one('5'), { isPartial: true }))],
  ['an empty partial response', 'partial', says(vector([], { warnings: ['x'] }))],
  ['empty', 'absent', says(vector([]))],
  ['two series', 'several', says(vector([...one('5'), ...one('6')]))],
  ...['NaN', '+Inf', '-Inf', 'Inf', '-1', '', '0x10', '1e999', ' 5', 'null'].map(
    (value) => [JSON.stringify(value), 'not-a-number', says(vector(one(value)))] as const,
  ),
  ['a value of long ago', 'stale', says(vector(one('5', SECONDS - 31)))],
  ['a value of later', 'inconsistent', says(vector(one('5', SECONDS + 31)))],
  ['of another time', 'inconsistent', says(vector(one('5')), { date: new Date(NOW - 40_000).toUTCString() })],
]

test.each(BAD)('a count of requests that is %s is no data, not zero, and stable is read', async (_, code, listener) => {
  const url = await serverFor((query) => query === QUERIES.canary.requests, listener)
  const sample = await port(url).sample('prod')
  expect(sample).toMatchObject({ canary: null, stable: { requests: 100, errors: 7 } })
  expect(sample.note).toMatch(new RegExp(`^canary: ${code}: .`))
})

test.each(BAD)('a count of errors that is %s is no data, not zero, even where absence is', async (_, code, listener) => {
  const url = await serverFor((query) => query === ZERO.canary.errors, listener)
  const sample = await port(url, ZERO).sample('prod')
  expect(sample).toMatchObject({ canary: null, stable: { requests: 100, errors: 7 } })
  expect(sample.note).toMatch(new RegExp(`^canary: ${code}: .`))
})

test.each(BAD)('a time of the last scrape that is %s is no data', async (_, code, listener) => {
  const url = await serverFor((query) => query === 'max(timestamp(r_total{track="canary"}))', listener)
  const sample = await port(url).sample('prod')
  expect(sample).toMatchObject({ canary: null, stable: { requests: 100, errors: 7 } })
  expect(sample.note).toMatch(new RegExp(`^canary: (?:${code}|stale): .`))
})

test('several series are counted in the note, and nothing of an answer is', async () => {
  const series = Array.from({ length: 5 }, (_, at) => ({ metric: { pod: `secret-${at}` }, value: [SECONDS, '1'] }))
  const { note } = await port(await serverFor((query) => query === ERRORS, says(vector(series)))).sample('prod')
  expect(note).toBe('canary: several: The query gives 5 series where one value belongs: sum() it.')
})

test.each([
  [30, { requests: 100, errors: 7 }, ''],
  [30.001, null, 'canary: stale: r_total{track="canary",code=~"5.."} was last scraped 30 s ago.'],
])('a scrape of %s s ago', async (age, canary, note) => {
  const about = 'max(timestamp(r_total{track="canary",code=~"5.."}))'
  const url = await serverFor((query) => query === about, says(vector(one(String(SECONDS - age)))))
  expect(await port(url).sample('prod')).toMatchObject({ canary, note })
})

const never = (query: string) => query.includes('canary') && query.includes('5..') && !query.endsWith('vector(0)')
const canary = (errors: string) => ({ canary: { ...QUERIES.canary, errors } })

test('errors that never happened are zero only where the query says so and the metric has the label', async () => {
  const none = await serverFor(never, says(vector([])))
  expect((await port(none).sample('prod')).note).toMatch(/^canary: absent: /)
  const zero = await endpoint((request, response) => {
    const query = asked(request)
    answered(response, query === ZERO.canary.errors ? vector(one('0')) : never(query) ? vector([]) : healthy(query))
  })
  expect(await port(new URL(zero).origin, ZERO).sample('prod')).toMatchObject({ canary: { requests: 100, errors: 0 }, note: '' })
  const unlabelled = await serverFor((query) => query === 'max(timestamp(r_total{track="canary",code!=""}))', says(vector([])))
  expect(await port(unlabelled, ZERO).sample('prod')).toMatchObject({
    canary: null,
    note: 'canary: absent: Nothing counts r_total{track="canary",code!=""} now.',
  })
})

test('a counter of errors of its own may be absent where the query says that this is zero', async () => {
  const url = await endpoint((request, response) => {
    const query = asked(request)
    answered(response, query === 'max(timestamp(e_total))' ? vector([]) : query.includes('e_total') ? vector(one('0')) : healthy(query))
  })
  const origin = new URL(url).origin
  expect(await port(origin, canary('e_total or vector(0)')).sample('prod')).toMatchObject({ canary: { requests: 100, errors: 0 } })
  expect(await port(origin, canary('e_total')).sample('prod')).toMatchObject({ canary: null, note: 'canary: absent: Nothing counts e_total now.' })
})

test('more errors than requests are no reading', async () => {
  const sample = await port(await serverFor((query) => query === ERRORS, says(vector(one('101'))))).sample('prod')
  expect(sample).toMatchObject({ canary: null, note: 'canary: inconsistent: There are more errors than requests.' })
})

test('an address that must not be asked, nobody there, and a name nobody gave are notes too', async () => {
  expect((await port('http://169.254.169.254').sample('prod')).note).toMatch(/^canary: address: .*; stable: address: /)
  expect((await port('http://127.0.0.1:1').sample('prod')).note).toMatch(/^canary: unreachable: .*; stable: unreachable: /)
  expect(await port('http://127.0.0.1:1').sample('stage')).toMatchObject({
    canary: null,
    stable: null,
    note: expect.stringContaining('stage') as string,
  })
})

test('a server that goes on answering the same is a frozen canary; one that stops answering is no data', async () => {
  let look = 0
  let gone = false
  const url = await endpoint((request, response) => {
    const query = asked(request)
    const at = Number(new URL(request.url ?? '', 'http://x').searchParams.get('time'))
    if (query.startsWith('max(')) return answered(response, vector(one(String(at), at)))
    if (gone && query.includes('canary')) return answered(response, vector([], {}))
    return answered(response, vector(one(query.includes('code') ? '0' : String(query.includes('canary') ? 100 : 100 + look), at)))
  })
  const options = { url: new URL(url).origin, interval: '15s', headers: {}, token: null, ...QUERIES }
  const metrics = prometheus(new Map([['prod', options]]), { now: () => NOW + look * 1000 }, CAPS)
  const samples = []
  for (; look < 8; look += 1) samples.push(await metrics.sample('prod'))
  expect(window(samples, { frozenMs: 5000, silenceMs: 5000 })).toMatchObject({ canary: { state: 'frozen' }, stable: { state: 'ok', requests: 7 } })
  gone = true
  for (; look < 16; look += 1) samples.push(await metrics.sample('prod'))
  expect(window(samples, { frozenMs: 5000, silenceMs: 5000 })).toMatchObject({ canary: { state: 'no_data' }, stable: { state: 'ok', requests: 15 } })
})

const SOURCE = { url: 'http://127.0.0.1:9090', interval: '15s', ...QUERIES }

test.each([
  ['no address', { url: 'prometheus' }, 'url'],
  ['a password in the address', { url: 'http://a:b@127.0.0.1' }, 'url'],
  ['a question in the address', { url: 'http://127.0.0.1/?dedup=1' }, 'url'],
  ['a metadata address', { url: 'http://169.254.169.254' }, 'url'],
  ['an interval of milliseconds', { interval: '500ms' }, 'interval'],
  ['a comparison', { canary: { ...QUERIES.canary, errors: `${ERRORS} > 5` } }, 'canary.errors'],
  ['a rate', { stable: { ...QUERIES.stable, requests: 'sum(rate(r_total[5m]))' } }, 'stable.requests'],
  ['requests out of nothing', { canary: { ...QUERIES.canary, requests: 'sum(r_total) or vector(0)' } }, 'canary.requests'],
  ['the same query for both', { stable: QUERIES.canary }, 'stable.requests'],
  ['a secret header', { headers: { Authorization: 'Bearer x' } }, 'headers.Authorization'],
  ['a header of two lines', { headers: { 'X-A': 'a\r\nb: c' } }, 'headers.X-A'],
  ['more', { more: 1 }, ''],
])('a source with %s is refused when the file is read', (_, wrong, path) => {
  expect(PrometheusSource.safeParse(SOURCE).success).toBe(true)
  const issues = PrometheusSource.safeParse({ ...SOURCE, ...wrong }).error?.issues ?? []
  expect(issues.map((issue) => issue.path.join('.'))).toEqual([path])
})

const TIMED = {
  canary: { ...QUERIES.canary, latency: 'sum by (le) (d_bucket{track="canary"})' },
  stable: { ...QUERIES.stable, latency: 'sum(d{track="stable"})' },
}
const isLatency = (query: string): boolean => query.startsWith('sum by (le)') || query.startsWith('sum(d{')
const buckets = [
  { metric: { le: '0.1' }, value: [SECONDS, '80'] },
  { metric: { le: '+Inf' }, value: [SECONDS, '100'] },
]

test('latency of both versions, classic and native', async () => {
  const histogram = [{ metric: {}, histogram: [SECONDS, { count: '100', sum: '9', buckets: [[0, '0.0625', '0.125', '100']] }] }]
  const url = await serverFor(isLatency, (request, response) => answered(response, vector(asked(request).includes('canary') ? buckets : histogram)))
  const { canary, stable, note } = await port(url, TIMED).sample('prod')
  expect(canary).toEqual({ requests: 100, errors: 7, latency: { le: [100], count: [80], total: 100 } })
  expect(stable?.latency).toMatchObject({ total: 100 })
  expect(note).toBe('')
})

test.each<[string, RegExp, (query: string) => boolean, RequestListener]>([
  ['absent', /absent: there is no answer to sum by/, isLatency, says(vector([]))],
  ['one bucket of it', /absent: the histogram has no bucket le="\+Inf"/, isLatency, says(vector(buckets.slice(0, 1)))],
  ['of a server that stumbles', /refused/, isLatency, (_, response) => response.writeHead(500).end()],
  ['scraped too long ago', /stale: d_bucket/, (query) => query.startsWith('max(timestamp(d_bucket'), says(vector(one(String(SECONDS - 31))))],
])('latency that is %s is null, and says so; the counts stay', async (_, words, about, listener) => {
  const url = await serverFor(
    (query) => isLatency(query) || about(query),
    (request, response) => (about(asked(request)) ? listener(request, response) : answered(response, vector(buckets))),
  )
  const { canary, note } = await port(url, { canary: TIMED.canary, stable: { ...QUERIES.stable, latency: 'sum by (le) (d_bucket)' } }).sample('prod')
  expect(canary).toEqual({ requests: 100, errors: 7, latency: null })
  expect(note).toMatch(/canary: latency: /)
  expect(note).toMatch(words)
})

const sourceWith = (canary: object, stable: object) =>
  PrometheusSource.safeParse({
    url: 'http://127.0.0.1:9090',
    interval: '15s',
    canary: { ...QUERIES.canary, ...canary },
    stable: { ...QUERIES.stable, ...stable },
  })

test('latency is asked of both versions, or of none, and by a query for a histogram', () => {
  expect(sourceWith({ latency: 'sum by (le) (d_bucket)' }, { latency: 'sum(d)' }).success).toBe(true)
  expect(sourceWith({ latency: 'sum by (le) (d_bucket)' }, {}).error?.issues[0]?.message).toBe('latency of both versions, or of none')
  expect(sourceWith({ latency: 'd_bucket' }, { latency: 'sum(d)' }).success).toBe(false)
})
