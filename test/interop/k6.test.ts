/** A real k6 puts a real server under load: what is healthy passes, and each thing that is wrong with server or script is found. */
import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { collectLoad } from '../../agents/collect/load.ts'
import type { K6 } from '../../agents/collect/load/k6-call.ts'
import { findK6 } from '../../agents/collect/load/k6-call.ts'
import { perfEngineer } from '../../agents/performance/perf-engineer.ts'
import { quantile } from '../../agents/performance/perf-engineer.compare.ts'
import { PerfPolicy } from '../../evidence/model/config/perf.ts'
import { contextOf, release } from '../agents/collect/workspace.ts'
import { tool } from '../support/tools.ts'

const FOUND = tool('k6')
const CONFIG = '.github/release-conductor.yml'
const PATH = 'load/release.js'
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/adopt.md'), 'utf8')
const DOCUMENTED = /^```js test load\/release\.js\n([\s\S]*?)^```$/m.exec(DOCUMENT)?.[1] ?? ''

const OPEN = `timeUnit: '1s', preAllocatedVUs: 300, maxVUs: 400`
const SCENARIOS = `
  warm_up: { executor: 'per-vu-iterations', vus: 2, iterations: 5 },
  load: { executor: 'constant-arrival-rate', startTime: '1s', rate: 150, duration: '2s', ${OPEN} },
  spike: { executor: 'ramping-arrival-rate', startTime: '4s', startRate: 150, stages: [{ target: 300, duration: '1s' }], ${OPEN} },`

const script = ({ scenarios = SCENARIOS, more = '', body = 'http.get(`${__ENV.RC_TARGET}/products`)' } = {}) =>
  `import http from 'k6/http'\nexport const options = { scenarios: {${scenarios}}, ${more} }\nexport default function () { ${body} }\n`

interface Service {
  readonly url: string
  /** The commit that it says it runs. */
  sha: string
}

async function serve(
  answer: (nth: number, path: string) => { readonly code?: number; readonly ms?: number; readonly to?: string },
): Promise<Service> {
  let nth = 0
  const service = { url: '', sha: '' }
  const listener: RequestListener = (request, response) => {
    if (request.url === '/healthz') return void response.end(JSON.stringify({ sha: service.sha }))
    const { code = 200, ms = 2, to } = answer((nth += 1), request.url ?? '')
    setTimeout(() => response.writeHead(code, to === undefined ? {} : { location: to }).end('a product'), ms)
  }
  const server = createServer({ keepAlive: true }, listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(service, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

/** So wide that a machine that does other things as well breaks none of them. */
const ROOMY = { limits: { p95: '1s', p99: '5s', errors: 0.05 }, slower: '2x' }

type Answer = Parameters<typeof serve>[0]

const K6_GIVEN: { k6: K6 | null } = { k6: null }
beforeAll(async () => {
  process.env['PATH'] = `${dirname(FOUND ?? '/nowhere/k6')}:${process.env['PATH'] ?? ''}`
  K6_GIVEN.k6 = await findK6()
})

/** @param perf more of the gate's settings @param baseline what the release before measured */
async function conducted(of: {
  readonly answer?: Answer
  readonly text?: string
  readonly perf?: object
  readonly service?: Service
  readonly baseline?: string
}) {
  const { answer = () => ({}), text = script(), perf = {}, baseline } = of
  const service = of.service ?? (await serve(answer))
  const { url } = service
  const settings = { target: url, script: PATH, users: [], ...ROOMY, ...perf }
  const config = JSON.stringify({ version: 1, release: { base: ['main'] }, conduct: { hosts: [new URL(url).host] }, gates: { perf: settings } })
  const before = { [CONFIG]: config, [PATH]: text, ...(baseline !== undefined && { 'perf/baseline.json': baseline }) }
  // The script of the release asks for nothing; it must not matter.
  using repo = release({ [PATH]: script({ scenarios: '', body: '' }) }, undefined, before)
  service.sha = repo.head
  const given = await collectLoad(contextOf({ workspace: repo.path, sha: repo.head }), () => Promise.resolve(K6_GIVEN.k6))
  if ('blocked' in given) throw new Error(given.blocked.why)
  const inputs = { load: given.value, policy: { base: repo.base, path: CONFIG, text: config } }
  const policy = PerfPolicy.parse(settings)
  const report = perfEngineer.assess(inputs, policy)
  const [planned] = perfEngineer.plan?.(inputs, policy) ?? []
  return {
    load: given.value,
    metrics: report.measurements[0]?.metrics ?? {},
    wrong: report.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule),
    next: planned?.kind === 'file.write' ? planned.text : '',
  }
}

describe.skipIf(FOUND === null)('k6 (skipped where it is absent)', () => {
  test('a healthy service passes, and a regression of its tail against that is found', async () => {
    let isSlow = false
    const tailed: Answer = (nth) => ({ ms: isSlow && nth % 20 === 0 ? 500 : 50 })
    const asked = { service: await serve(tailed) }
    const first = await conducted(asked)
    expect(first.load).toMatchObject({ failure: null, script: { version: K6_GIVEN.k6?.version, exit: 0, elsewhere: [] } })
    expect(first.wrong).toEqual([])
    expect(first.metrics['due']).toBeGreaterThanOrEqual(299)
    expect(first.metrics['due']).toBeLessThanOrEqual(302)
    expect(first.metrics['p50_ms']).toBeGreaterThan(45)
    const same = await conducted({ ...asked, baseline: first.next })
    expect(same.wrong).toEqual([])
    expect(same.metrics).toMatchObject({ compared: 1 })
    isSlow = true
    const slower = await conducted({ ...asked, baseline: first.next })
    expect(new Set(slower.wrong)).toEqual(new Set(['load.tail-slower']))
    const other = await conducted({ ...asked, baseline: first.next, text: `${script()}// another one\n` })
    expect(other.wrong).toEqual([])
    expect(other.metrics).toMatchObject({ compared: 0 })
  })

  test('the script of the documents runs as it stands there, and its steps say how much gets done', async () => {
    const quick = DOCUMENTED.replaceAll("'5s'", "'1s'").replaceAll("'30s'", "'5s'").replaceAll("'40s'", "'6s'").replaceAll("'10s'", "'1s'")
    expect(quick).toContain("duration: '5s'")
    const { load, wrong } = await conducted({ answer: () => ({ ms: 40 }), text: quick, perf: { users: [1, 2, 4], step: '2s' } })
    expect(wrong).toEqual([])
    expect(load.script?.scenarios.map(({ name, part }) => [name, part])).toEqual([
      ['load', 'load'],
      ['spike', 'spike'],
      ['warm_up', 'warm-up'],
    ])
    const [one, , four] = load.steps.map(({ slices }) => slices.reduce((sum, { answered }) => sum + answered, 0))
    expect(load.steps.every(({ bad }) => bad === 0)).toBe(true)
    expect(one).toBeGreaterThan(20)
    expect((four ?? 0) / (one ?? 1)).toBeGreaterThan(2)
  })

  test('a slow twentieth is over the limit', async () => {
    const { wrong } = await conducted({ answer: (nth) => ({ ms: nth % 10 === 0 ? 600 : 2 }), perf: { limits: { ...ROOMY.limits, p95: '400ms' } } })
    expect(wrong).toEqual(['load.over-limit'])
  })

  test('errors under load are found, in the load and in the spike', async () => {
    const { load, wrong } = await conducted({ answer: (nth) => ({ code: nth % 5 === 0 ? 500 : 200 }) })
    expect(wrong).toEqual(['load.errors', 'load.errors'])
    expect(load.runs[0]?.bad).toBeGreaterThan(40)
  })

  test('a service that stands still for a second is charged for everybody who was due in it', async () => {
    let until = 0
    const { load, wrong } = await conducted({
      answer: (nth) => {
        if (nth === 100) until = Date.now() + 1000
        return { ms: Math.max(1, until - Date.now()) }
      },
      perf: { limits: { ...ROOMY.limits, p95: '300ms' } },
    })
    expect(wrong).toContain('load.over-limit')
    // Half of the load's two seconds: half of all were due then, and waited up to a second.
    const { latency = { le: [], count: [] }, due = 1 } = load.runs[0] ?? {}
    const waited = latency.count.reduce((sum, count, at) => ((latency.le[at] ?? 0) > 100 ? sum + count : sum), 0)
    expect(waited / due).toBeGreaterThan(0.35)
    expect(quantile(latency, 0.95)).toBeGreaterThan(500)
  })

  test('users that run out are no excuse: what could not be sent is unanswered', async () => {
    const few = SCENARIOS.replaceAll('preAllocatedVUs: 300, maxVUs: 400', 'preAllocatedVUs: 5, maxVUs: 5')
    const { load, wrong } = await conducted({ answer: () => ({ ms: 200 }), text: script({ scenarios: few }) })
    expect(load.runs[0]?.dropped).toBeGreaterThan(200)
    expect(load.runs[0]?.due).toBeGreaterThanOrEqual(299)
    expect(wrong).toContain('load.errors')
  })

  test('what never ends is unanswered, though k6 writes nothing of it', async () => {
    const held = SCENARIOS.replaceAll(OPEN, `${OPEN}, gracefulStop: '0s'`)
    const { load, wrong } = await conducted({ answer: (nth) => ({ ms: nth > 60 ? 60_000 : 2 }), text: script({ scenarios: held }) })
    expect(load.runs[0]?.failed).toBeGreaterThan(200)
    expect(wrong).toContain('load.errors')
  })

  test.each(['constant-vus', 'ramping-vus', 'shared-iterations', 'per-vu-iterations'])('%s is a closed model, and is not run', async (executor) => {
    const settings =
      { 'constant-vus': "vus: 2, duration: '1s'", 'ramping-vus': "stages: [{ target: 2, duration: '1s' }]" }[executor] ?? 'vus: 1, iterations: 9'
    let asked = 0
    const text = script({ scenarios: `${SCENARIOS} users: { executor: '${executor}', ${settings} }` })
    const { wrong, load } = await conducted({ answer: () => ({ ms: (asked += 1) }), text })
    expect(wrong).toEqual(['load.closed-model'])
    expect(load.runs).toEqual([])
    expect(asked).toBe(0)
  })

  test('thresholds of the script that are crossed are found', async () => {
    const { load, wrong } = await conducted({ text: script({ more: "thresholds: { http_req_duration: ['p(95)<0.01'] }" }) })
    expect(wrong).toEqual(['load.thresholds'])
    expect(load.script).toMatchObject({ exit: 99, said: expect.stringContaining('http_req_duration') })
  })

  test.each([
    ['by the script', 200],
    ['by a redirect', 302],
  ])('other addresses are refused, and other hosts are found: %s', async (_what, code) => {
    let reached = 0
    const other = createServer((_request, response) => void response.end(String((reached += 1)))).listen(0, '127.0.0.2')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const away = `http://127.0.0.2:${(other.address() as AddressInfo).port}/`
    const { load, wrong } = await conducted({
      answer: () => ({ code, to: away }),
      ...(code === 200 && { text: script({ body: `http.get('${away}')` }) }),
    })
    expect(wrong).toEqual(expect.arrayContaining(['load.elsewhere', 'load.errors']))
    expect(load.script?.elsewhere).toEqual([new URL(away).host])
    expect(reached).toBe(0)
  })

  test.each([
    ['a module from elsewhere', "import { x } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js'\nexport default function () {}"],
    ['an extension', "import sql from 'k6/x/sql'\nexport default function () {}"],
    ['a file outside of the folder', "const text = open('../README.md')\nexport default function () {}"],
    ['no JavaScript', 'this is no script'],
  ])('what is not in the folder is not to be had: %s', async (_what, text) => {
    const { load, wrong } = await conducted({ text })
    expect(load.failure).toContain('k6 inspect cannot use load/release.js')
    expect(wrong).toContain('load.no-data')
  })

  test('a script that gives up has measured nothing', async () => {
    const text = `import exec from 'k6/execution'\n${script({ body: "http.get(`${__ENV.RC_TARGET}/`); if (exec.scenario.iterationInTest > 50) exec.test.abort('enough')" })}`
    const { load, wrong } = await conducted({ text })
    expect(load.failure).toContain('exit code 108')
    expect(wrong).toContain('load.no-data')
  })

  test('a script sees nothing of the job', async () => {
    process.env['SPECIMEN_TOKEN'] = 'specimen'
    onTestFinished(() => void delete process.env['SPECIMEN_TOKEN'])
    const names: string[] = []
    const text = script({ body: 'http.get(`${__ENV.RC_TARGET}/seen?${Object.keys(__ENV).join(",")}`)' })
    await conducted({ answer: (_nth, path) => (names.push(path), {}), text })
    expect(new Set(names)).toEqual(new Set(['/seen?RC_TARGET']))
  })
})
