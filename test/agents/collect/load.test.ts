import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { PerfPolicy } from '../../../evidence/model/config/perf.ts'
import { Load } from '../../../agents/collect/inputs.load.ts'
import { collectLoad, planOf } from '../../../agents/collect/load.ts'
import { quantile } from '../../../agents/performance/perf-engineer.compare.ts'
import { contextOf, release } from './workspace.ts'

const CONFIG = '.github/release-conductor.yml'

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

const QUICK = { rate: 100, for: '1s', warm_up: '100ms', spike: { times: 2, for: '1s' }, users: [1, 2, 4], step: '600ms' }

function config(perf: object, hosts: readonly string[]): string {
  return JSON.stringify({ version: 1, release: { base: ['main'] }, conduct: { hosts }, gates: { perf } })
}

async function collected(url: string | null, perf: object = {}, { hosts, before = {} }: { hosts?: string[]; before?: Record<string, string> } = {}) {
  const text = config({ ...QUICK, ...(url !== null && { target: url }), ...perf }, hosts ?? (url === null ? [] : [new URL(url).host]))
  using repo = release({}, undefined, { [CONFIG]: text, ...before })
  const given = await collectLoad(contextOf({ workspace: repo.path, sha: repo.head }))
  return { given, head: repo.head }
}

/** @param answer status after so many milliseconds */
function service(
  answer: (nth: number, path: string, method: string) => { readonly code?: number; readonly ms?: number },
  sha = 'unknown',
): RequestListener {
  let nth = 0
  return (request, response) => {
    if (request.url === '/healthz') return void response.end(JSON.stringify({ ok: true, sha }))
    const { code = 200, ms = 2 } = answer((nth += 1), request.url ?? '', request.method ?? '')
    setTimeout(() => response.writeHead(code, code === 302 ? { location: 'http://169.254.169.254/' } : {}).end('x'), ms)
  }
}

test('the load leaves when it is due, the steps ask as soon as they are answered, and all of it fits the schema', async () => {
  const asked: Record<string, number> = {}
  const url = await serve(
    service((_nth, path, method) => {
      asked[`${method} ${path}`] = (asked[`${method} ${path}`] ?? 0) + 1
      return { code: method === 'POST' ? 201 : 200, ms: 5 }
    }, 'c'.repeat(40)),
  )
  const requests = [
    { path: '/products', weight: 3 },
    { method: 'POST', path: '/orders', body: { product: 1 }, status: 201 },
  ]
  const { given } = await collected(url, { requests })
  if ('blocked' in given) throw new Error(given.blocked.why)
  const { value } = given
  expect(Load.parse(value)).toEqual(value)
  expect(value).toMatchObject({ failure: null, commits: { before: 'c'.repeat(40), after: 'c'.repeat(40) }, baseline: null })
  expect(value.runs).toMatchObject([
    { kind: 'load', rate: 100, due: 100, dropped: 0, failed: 0, bad: 0, statuses: { 200: 75, 201: 25 } },
    { kind: 'spike', rate: 200, due: 200, dropped: 0, failed: 0, bad: 0 },
  ])
  const [one, , four] = value.steps.map(({ slices }) => slices.reduce((sum, { answered }) => sum + answered, 0))
  expect(one).toBeGreaterThan(30)
  expect(four).toBeGreaterThan((one ?? 0) * 2)
  expect((asked['GET /products'] ?? 0) / (asked['POST /orders'] ?? 1)).toBeCloseTo(3, 0)
})

test('a stall is charged to everybody who was due in it: a client that waits with it sees one slow request', async () => {
  const { given } = await collected(await serve(stalling()), { users: [1] })
  const [run] = 'value' in given ? given.value.runs : []
  const slow = (run?.latency.count ?? []).reduce((sum, count, at) => ((run?.latency.le[at] ?? 0) > 100 ? sum + count : sum), 0)
  expect(run).toMatchObject({ due: 100, dropped: 0, failed: 0 })
  expect(slow).toBeGreaterThan(20)
  expect(quantile(run?.latency ?? { le: [], count: [] }, 0.9)).toBeGreaterThan(100)
})

/** Stands still for 400 ms, once, for all. */
function stalling(): RequestListener {
  let until = 0
  return service((nth) => {
    if (nth === 40) until = Date.now() + 400
    return { ms: Math.max(1, until - Date.now()) }
  })
}

test('what cannot be sent because too many wait is counted, and so is what is answered otherwise', async () => {
  const slow = await collected(await serve(service(() => ({ ms: 500 }))), { in_flight: 10, users: [1] })
  const run = 'value' in slow.given ? slow.given.value.runs[0] : undefined
  expect(run?.dropped).toBeGreaterThan(50)
  expect((run?.dropped ?? 0) + (run?.latency.count ?? []).reduce((sum, one) => sum + one, 0)).toBe(run?.due)
  const bad = await collected(await serve(service((nth) => ({ code: nth % 2 === 0 ? 500 : 302 }))), { users: [1] })
  expect('value' in bad.given && bad.given.value.runs[0]).toMatchObject({ due: 100, bad: 100, statuses: { 302: 50, 500: 50 } })
  expect('value' in bad.given && bad.given.value.steps[0]?.bad).toBeGreaterThan(0)
})

test('a service that is away, or does not say its commit, is told as it is', async () => {
  const { given } = await collected('http://127.0.0.1:1')
  expect(given).toMatchObject({
    value: { runs: [], steps: [], commits: { before: null, after: null }, failure: expect.stringContaining('could not be reached') },
  })
  const silent = await serve((_request, response) => void response.end('ok'))
  expect((await collected(silent, { users: [1] })).given).toMatchObject({ value: { failure: null, commits: { before: null, after: null } } })
})

test('connections that break are failures', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/healthz') return void response.end('{}')
    request.socket.destroy()
  })
  const { given } = await collected(url, { users: [1] })
  expect('value' in given && given.value.runs[0]).toMatchObject({ due: 100, failed: 100, latency: { le: [], count: [] } })
})

test('the baseline is that of the base branch', async () => {
  const url = await serve(service(() => ({})))
  const { given } = await collected(url, { users: [1], baseline: 'load/last.json' }, { before: { 'load/last.json': '{"a":1}' } })
  expect(given).toMatchObject({ value: { baseline: { path: 'load/last.json', text: '{"a":1}', why: null } } })
})

test.each([
  ['no service', null, {}, undefined, 'gates.perf.target'],
  ['a host that is not listed', 'http://127.0.0.1:1', {}, [], 'conduct.hosts'],
  ['settings that cannot be used', 'http://127.0.0.1:1', { rate: -1 }, undefined, 'gates.perf.rate'],
])('without leave nothing is asked: %s', async (_what, url, perf, hosts, names) => {
  const { given } = await collected(url, perf, hosts === undefined ? {} : { hosts })
  expect('blocked' in given && `${given.blocked.why} ${given.blocked.next}`).toContain(names)
})

test('a link-local address is not asked, whoever lists it', async () => {
  expect((await collected('http://169.254.169.254/')).given).toMatchObject({ value: { runs: [], failure: expect.stringContaining('may be asked') } })
})

test('a script is of the base branch, needs k6, and says so where there is none', async () => {
  const url = 'http://127.0.0.1:1'
  const text = config({ target: url, script: 'load/release.js' }, ['127.0.0.1:1'])
  using repo = release({}, undefined, { [CONFIG]: text })
  const context = contextOf({ workspace: repo.path, sha: repo.head })
  const without = await collectLoad(context, () => Promise.resolve(null))
  expect(without).toMatchObject({ blocked: { why: expect.stringContaining('no program k6'), next: expect.stringContaining('requests') } })
  const nowhere = await collectLoad(context, () => Promise.resolve({ program: '/nowhere/k6', version: '1.8.1' }))
  expect(nowhere).toMatchObject({ blocked: { why: 'main has no regular file load/release.js' } })
})

test('what is asked comes from the config or from a script, never from both', async () => {
  const { given } = await collected('http://127.0.0.1:1', { script: 'load/release.js', requests: [{ path: '/' }] })
  expect('blocked' in given && given.blocked.why).toContain('gates.perf.script')
  expect(PerfPolicy.safeParse({ script: 'release.js' }).success).toBe(false)
  expect(PerfPolicy.safeParse({ script: '../load/release.js' }).success).toBe(false)
})

const plan = (of: object) => planOf(PerfPolicy.parse({ target: 'http://a', ...of }))

test('loads are comparable when they ask the same in the same way', () => {
  expect(plan({ limits: { p95: '1s' } })).toBe(plan({}))
  for (const other of [{ rate: 21 }, { requests: [{ path: '/a' }] }, { target: 'http://b' }, { for: '31s' }, { replicas: { target: 2 } }])
    expect(plan(other)).not.toBe(plan({}))
})

test('loads by k6 are comparable when script, all that lies beside it, and k6 are the same', () => {
  const settings = PerfPolicy.parse({ target: 'http://a', script: 'load/release.js' })
  const driver = (version: string, sha256: string, path = 'load/release.js') =>
    planOf(settings, { k6: { program: 'k6', version }, script: { path, sha256, files: [] } })
  const same = driver('1.8.1', 'a'.repeat(64))
  expect(driver('1.8.1', 'a'.repeat(64))).toBe(same)
  const others = [
    driver('1.8.2', 'a'.repeat(64)),
    driver('1.8.1', 'b'.repeat(64)),
    driver('1.8.1', 'a'.repeat(64), 'load/other.js'),
    planOf(settings),
  ]
  for (const other of others) expect(other).not.toBe(same)
})
