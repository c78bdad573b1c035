import { expect, test } from 'vitest'
import { scrape, ScrapeSource } from '../../../../app/rollout/metrics/scrape.ts'
import { endpoint, GOOD, HOSTILE } from '../../../agents/collect/metrics/hostile.ts'

const clock = { now: () => 1234 }
const errors = { metric: 'r_total', label: 'code', matches: '5..' }
const CAPS = { maxBytes: 100_000, timeoutMs: 200 }

function port(canary: string, stable: string) {
  return scrape(new Map([['prod', { canary: { url: canary }, stable: { url: stable }, requests: 'r_total', errors }]]), clock, CAPS)
}

test('both versions at one moment', async () => {
  const canary = await endpoint((_, response) => response.end(GOOD))
  const stable = await endpoint((_, response) => response.end('r_total{code="200"} 5'))
  expect(await port(canary, stable).sample('prod')).toEqual({
    at: 1234,
    canary: { requests: 100, errors: 10 },
    stable: { requests: 5, errors: 0 },
    note: '',
  })
})

test('exemplars of the canary are kept: of what failed, then of what took longest', async () => {
  const page = [
    'r_total{code="200"} 90 # {trace_id="fine"} 1 900',
    'r_total{code="500"} 10 # {trace_id="failed"} 1 100',
    'd_bucket{le="0.1"} 50 # {trace_id="quick"} 0.05 200',
    'd_bucket{le="1"} 90 # {trace_id="slow"} 0.9 150',
    'd_bucket{le="+Inf"} 100 # {trace_id="bad`id"} 7 300',
  ].join('\n')
  const canary = await endpoint((_, response) => response.end(page))
  const stable = await endpoint((_, response) => response.end(page.replaceAll('trace_id="', 'trace_id="stable-')))
  const source = { canary: { url: canary }, stable: { url: stable }, requests: 'r_total', errors, latency: { metric: 'd', unit: 's' as const } }
  const sample = await scrape(new Map([['prod', source]]), clock, CAPS).sample('prod')
  expect(sample).toMatchObject({ canary: { requests: 100 }, note: '' })
  expect(sample.traces).toEqual(['failed', 'quick', 'slow'])
})

const odd = [
  '',
  '# EOF\n',
  'r_total{code="200"} NaN',
  'r_total{code="200"} +Inf',
  'r_total 100',
  'other_total{code="200"} 1',
  '<html>',
  'r_total{code="200"} 1\nr_total{code',
]
const pages = odd.map((text) => [JSON.stringify(text), '', (_: unknown, response: { end(text: string): void }) => response.end(text)] as const)

test.each([...HOSTILE, ...pages])('a canary that is %s is not read as anything, and stable is', async (_, code, listener) => {
  const canary = await endpoint(listener)
  const stable = await endpoint((_, response) => response.end(GOOD))
  const sample = await port(canary, stable).sample('prod')
  expect(sample).toMatchObject({ canary: null, stable: { requests: 100, errors: 10 } })
  expect(sample.note).toMatch(new RegExp(`^canary: ${code}`))
})

const TIMED = `${GOOD.replace('# EOF\n', '')}d_bucket{le="0.1"} 80\nd_bucket{le="+Inf"} 100\n`

test('latency is read beside the counts, and when it cannot be read they still are', async () => {
  const canary = await endpoint((_, response) => response.end(TIMED))
  const stable = await endpoint((_, response) => response.end(GOOD))
  const source = { canary: { url: canary }, stable: { url: stable }, requests: 'r_total', errors, latency: { metric: 'd', unit: 's' as const } }
  const sample = await scrape(new Map([['prod', source]]), clock, CAPS).sample('prod')
  expect(sample).toEqual({
    at: 1234,
    canary: { requests: 100, errors: 10, latency: { le: [100], count: [80], total: 100 } },
    stable: { requests: 100, errors: 10, latency: null },
    note: 'stable: latency: absent: there is no d_bucket yet.',
  })
})

test('an address that must not be asked, and an environment nobody named, are notes too', async () => {
  const bad = 'http://169.254.169.254/metrics'
  expect(await port(bad, bad).sample('prod')).toMatchObject({
    canary: null,
    stable: null,
    note: expect.stringContaining('canary: address') as string,
  })
  expect(await port(bad, bad).sample('stage')).toMatchObject({ canary: null, stable: null, note: expect.stringContaining('stage') as string })
})

test("the operator's source is checked when it is read", () => {
  const source = { canary: { url: 'http://127.0.0.1/' }, stable: { url: 'http://127.0.0.1/' }, requests: 'r_total', errors }
  expect(ScrapeSource.safeParse(source).success).toBe(true)
  expect(ScrapeSource.safeParse({ ...source, errors: { ...errors, matches: '(' } }).success).toBe(false)
  expect(ScrapeSource.safeParse({ ...source, requests: 'r total' }).success).toBe(false)
  expect(ScrapeSource.safeParse({ ...source, more: 1 }).success).toBe(false)
})
