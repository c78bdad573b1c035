/** A real Prometheus scrapes two versions of a test's own, and we ask it: what it says is what was counted, and what it cannot know is no data. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { prometheus, type PrometheusOptions } from '../../app/rollout/metrics/prometheus.ts'
import { totalQuery } from '../../agents/collect/metrics/promql.ts'
import { window } from '../../app/rollout/metrics/window.ts'
import type { Sample } from '../../app/release/ports.ts'
import { tool } from '../support/tools.ts'

const PROMETHEUS = tool('prometheus')
const clock = { now: () => Date.now() }
const LIMITS = { frozenMs: 4000, silenceMs: 4000 }

/** One version: it counts, and tells what it counted. A code that was never given is not told. */
class Version {
  readonly counts = new Map<string, number>()
  /** Whether it tells the time of its counts. Prometheus does not mark such a series as stale when it is gone. */
  stamped = false
  private readonly server: Server = createServer((_, response) => {
    const lines = [...this.counts].map(([code, count]) => `http_requests_total{code="${code}"} ${count}${this.stamped ? ` ${Date.now()}` : ''}\n`)
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(`# TYPE http_requests_total counter\n${lines.join('')}`)
  })

  async open(port = 0): Promise<number> {
    this.server.listen(port, '127.0.0.1')
    await once(this.server, 'listening')
    return (this.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve))
  }

  serve(code: string, count: number): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + count)
  }

  get reading() {
    const all = [...this.counts]
    const sum = (some: typeof all) => some.reduce((total, [, count]) => total + count, 0)
    return { requests: sum(all), errors: sum(all.filter(([code]) => code.startsWith('5'))) }
  }
}

const requests = (track: string) => `sum(http_requests_total{track="${track}"})`
const errors = (track: string) => `sum(http_requests_total{track="${track}",code=~"5.."}) or vector(0)`
const arm = (track: string) => ({ requests: requests(track), errors: errors(track) })
const both = (of: (selector: string) => string) => ({
  requests: `sum(${of('http_requests_total{track=~"canary|stable"}')})`,
  errors: `sum(${of('http_requests_total{track=~"canary|stable",code=~"5.."}')}) or vector(0)`,
})
const PLAIN = both((selector) => selector)
const BRIDGED = both((selector) => `last_over_time(${selector}[1m])`)
const above = (metric: string) => `sum(${metric}{track="canary"}) > 1000000`
const target = (track: string, port: number) => ({ targets: [`127.0.0.1:${port}`], labels: { track } })

/** What Prometheus says of itself, past all our care. */
async function answer(url: string, query: string): Promise<unknown> {
  return (await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`)).json()
}

describe.skipIf(PROMETHEUS === null)('Prometheus (skipped where it is absent)', () => {
  const [canary, stable] = [new Version(), new Version()]
  let folder = ''
  let child: ChildProcess | null = null
  let url = ''
  let ports = { canary: 0, stable: 0 }

  async function sample(more: Partial<PrometheusOptions['canary']> = {}): Promise<Sample> {
    const source = { url, interval: '2s', headers: {}, token: null, canary: { ...arm('canary'), ...more }, stable: arm('stable') }
    return prometheus(new Map([['prod', source]]), clock).sample('prod')
  }

  async function configure(): Promise<void> {
    await writeFile(
      join(folder, 'prometheus.json'),
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [{ job_name: 'shop', static_configs: [target('canary', ports.canary), target('stable', ports.stable)] }],
      }),
    )
  }

  /** Looks until the canary and stable are as counted, and keeps every look. */
  async function seen(samples: Sample[]): Promise<void> {
    await vi.waitFor(
      async () => {
        samples.push(await sample())
        expect(samples.at(-1)).toMatchObject({ canary: canary.reading, stable: stable.reading, note: '' })
      },
      { timeout: 30_000, interval: 300 },
    )
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-prometheus-'))
    canary.serve('200', 40)
    stable.serve('200', 360)
    stable.serve('503', 3)
    ports = { canary: await canary.open(), stable: await stable.open() }
    await configure()
    const free = new Version()
    const port = await free.open()
    await free.close()
    url = `http://127.0.0.1:${port}`
    const flags = {
      'config.file': join(folder, 'prometheus.json'),
      'storage.tsdb.path': join(folder, 'data'),
      'web.listen-address': `127.0.0.1:${port}`,
    }
    child = spawn(PROMETHEUS ?? '', [...Object.entries(flags).map(([name, value]) => `--${name}=${value}`), '--log.level=error'], { stdio: 'ignore' })
    await seen([])
  })

  afterAll(async () => {
    if (child !== null && child.exitCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    await Promise.all([canary.close(), stable.close()])
    await rm(folder, { recursive: true, force: true })
  })

  test('errors that never happened are zero where the query says so, and no data where it does not', async () => {
    expect(canary.reading).toEqual({ requests: 40, errors: 0 })
    expect(await sample()).toMatchObject({ canary: canary.reading, stable: { requests: 363, errors: 3 }, note: '' })
    const silent = await sample({ errors: 'sum(http_requests_total{track="canary",code=~"5.."})' })
    expect(silent).toMatchObject({ canary: null, stable: { requests: 363, errors: 3 }, note: expect.stringMatching(/^canary: absent: /) as string })
    const misspelt = await sample({ errors: 'sum(http_requests_total{track="canary",status=~"5.."}) or vector(0)' })
    expect(misspelt).toMatchObject({ canary: null, note: 'canary: absent: Nothing counts http_requests_total{track="canary",status!=""} now.' })
  })

  test('what it remembers of the stable version is read back, from when it was scraped on, and nothing before', async () => {
    const began = Date.now()
    const source = { url, interval: '2s', headers: {}, token: null, canary: arm('canary'), stable: arm('stable') }
    const found = await vi.waitFor(
      async () => {
        const history = await prometheus(new Map([['prod', source]]), clock).history?.('prod', Date.now())
        expect(history?.samples.length).toBeGreaterThanOrEqual(2)
        return history
      },
      { timeout: 40_000, interval: 1_000 },
    )
    expect(found).toMatchObject({ note: '' })
    for (const { canary: other, stable: reading } of found?.samples ?? []) expect([other, reading]).toEqual([null, { requests: 363, errors: 3 }])
    expect(found?.samples[0]?.at).toBeGreaterThan(began - 60_000)
  })

  test.each([
    ['several', 'http_requests_total'],
    ['not-a-number', '0 * sum(http_requests_total) / 0'],
    ['not-a-number', 'sum(http_requests_total) / 0'],
    ['not-a-number', '-sum(http_requests_total)'],
    ['absent', 'sum(http_request_total)'],
    ['refused', 'sum(http_requests_total) + "a"'],
    ['malformed', 'scalar(sum(http_requests_total))'],
  ])('%s is what its answer to %s is', async (code, query) => {
    expect(totalQuery(query)).toHaveProperty('query')
    expect(await sample({ requests: query })).toMatchObject({ canary: null, note: expect.stringMatching(new RegExp(`^canary: ${code}: `)) as string })
  })

  test.each([
    'sum(http_requests_total{track=~"can.*|> 5"} or http_requests_total{track="canary"})',
    'sum(last_over_time(http_requests_total{track="canary"}[30s])) # > 5',
    'sum(http_requests_total{track="canary"} * on(instance) group_left () (up > 0))',
    '(sum without (code, instance, job) ((http_requests_total{track="canary"})))',
  ])('what we take for a running total is one to Prometheus too: %s', async (query) => {
    expect(totalQuery(query)).toHaveProperty('query')
    expect(await sample({ requests: query })).toMatchObject({ canary: canary.reading, note: '' })
  })

  test('a refused query would have hidden what it asks about: both answers are the same', async () => {
    expect(await answer(url, above('http_requests_total'))).toEqual(await answer(url, above('there_is_no_such_metric')))
    expect(totalQuery(above('http_requests_total'))).toHaveProperty('problem')
  })

  test('a window holds what was served in it, across a restart of the canary', async () => {
    const samples: Sample[] = []
    await seen(samples)
    canary.serve('200', 100)
    canary.serve('500', 7)
    stable.serve('200', 900)
    await seen(samples)
    expect(window(samples, LIMITS)).toMatchObject({
      canary: { state: 'ok', requests: 107, errors: 7, resets: 0 },
      stable: { state: 'ok', requests: 900, errors: 0 },
    })
    canary.counts.clear()
    canary.serve('200', 11)
    canary.serve('500', 2)
    await seen(samples)
    expect(window(samples, LIMITS)).toMatchObject({ canary: { state: 'ok', requests: 120, errors: 9, resets: 1 } })
  })

  test('a canary that does not answer its scrape is no data within seconds, and is read again when it does', async () => {
    const [samples, plain, bridged]: [Sample[], Sample[], Sample[]] = [[], [], []]
    await seen(samples)
    plain.push(await sample(PLAIN))
    bridged.push(await sample(BRIDGED))
    await canary.close()
    const from = Date.now()
    while (Date.now() - from < LIMITS.silenceMs + 4000) {
      stable.serve('200', 50)
      samples.push(await sample())
      plain.push(await sample(PLAIN))
      bridged.push(await sample(BRIDGED))
      await sleep(300)
    }
    expect(samples.at(-1)).toMatchObject({ canary: null, note: expect.stringMatching(/^canary: absent: /) as string })
    expect(samples.at(-1)?.stable?.requests).toBeGreaterThan(363)
    expect(samples.every(({ canary: reading }) => reading === null || reading.requests === canary.reading.requests)).toBe(true)
    expect(window(samples, LIMITS)).toMatchObject({ canary: { state: 'no_data' }, stable: { state: 'ok' } })
    await canary.open(ports.canary)
    await seen(samples)
    // The same two as instances of one version, of which one is not scraped for a while.
    expect(window(plain, LIMITS).canary).toMatchObject({ resets: 1 })
    bridged.push(await sample(BRIDGED))
    const served = (samples.at(-1)?.stable?.requests ?? 0) - (samples[0]?.stable?.requests ?? 0)
    expect(served).toBeGreaterThan(0)
    expect(window(bridged, LIMITS).canary).toMatchObject({ state: 'ok', resets: 0, requests: served })
  })

  test('where Prometheus goes on telling the old value of a canary that is gone, we do not take it', async () => {
    canary.stamped = true
    canary.serve('200', 5)
    await seen([])
    await canary.close()
    const gone = await vi.waitFor(
      async () => {
        const last = await sample()
        expect(last).toMatchObject({ canary: null, stable: stable.reading })
        return last
      },
      { timeout: 30_000, interval: 300 },
    )
    expect(gone.note).toMatch(/^canary: stale: .* was last scraped [4-9] s ago\.$/)
    const old = await answer(url, requests('canary'))
    expect(old).toMatchObject({ status: 'success', data: { result: [{ value: [expect.any(Number), String(canary.reading.requests)] }] } })
  })
})
