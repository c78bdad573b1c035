import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { prometheus, type PrometheusOptions } from '../../../../app/rollout/metrics/prometheus.ts'
import type { History } from '../../../../app/release/ports.ts'
import { READ_BACK } from '../../../../evidence/pack/documents.ts'
import { endpoint } from '../../../agents/collect/metrics/hostile.ts'

const NOW = Date.parse('2026-03-01T12:00:00.000Z')
const SECONDS = NOW / 1000
const ERRORS = 'sum(r_total{track="stable",code=~"5.."}) or vector(0)'
const STABLE = { requests: 'sum(r_total{track="stable"})', errors: ERRORS }
const CANARY = { requests: 'sum(r_total{track="canary"})', errors: 'sum(r_total{track="canary",code=~"5.."})' }

type Values = readonly (readonly [number, string])[]
interface Asked {
  readonly query: string
  readonly start: number
  readonly end: number
  readonly step: number
}
const askedOf = (request: IncomingMessage): Asked => {
  const parameters = new URL(request.url ?? '', 'http://x').searchParams
  const number = (name: string): number => Number(parameters.get(name))
  return { query: parameters.get('query') ?? '', start: number('start'), end: number('end'), step: number('step') }
}
const times = ({ start, end, step }: Asked): number[] => Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, at) => start + at * step)

/** A version that served ten requests a second for an hour, one in a hundred of them failed, scraped a second before each moment. */
function course(asked: Asked): Values {
  const value = (at: number): number => {
    const since = at - (SECONDS - 3600)
    if (asked.query.startsWith('max(timestamp(')) return at - 1
    return asked.query === ERRORS ? Math.floor(since / 10) : since * 10
  }
  return times(asked).map((at) => [at, String(value(at))])
}

const matrix = (values: Values): unknown[] => [{ metric: {}, values }]

/** @param answer the result of a query, or undefined: the server answers 500 */
async function read(
  answer: (asked: Asked) => readonly unknown[] | undefined = (asked) => matrix(course(asked)),
  over: Partial<PrometheusOptions> = {},
  until = NOW,
): Promise<{ readonly found: History | null; readonly asked: readonly Asked[] }> {
  const asked: Asked[] = []
  const url = await endpoint((request, response) => {
    const one = askedOf(request)
    asked.push(one)
    const result = answer(one)
    const headers = { 'content-type': 'application/json', date: new Date(NOW).toUTCString() }
    if (result === undefined) response.writeHead(500, headers).end()
    else response.writeHead(200, headers).end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }))
  })
  const source = { url: new URL(url).origin, interval: '5s', headers: {}, token: null, canary: CANARY, stable: STABLE, ...over }
  const found = (await prometheus(new Map([['prod', source]]), { now: () => NOW }).history?.('prod', until)) ?? null
  return { found, asked }
}

test('half an hour of the stable version, bounded in steps, of what was scraped', async () => {
  const { found, asked } = await read()
  expect(found?.note).toBe('')
  expect(found?.samples).toHaveLength(180)
  expect(found?.samples[0]).toEqual({ at: NOW - 1_800_000, canary: null, stable: { requests: 18_000, errors: 180 }, note: READ_BACK })
  expect(found?.samples.at(-1)?.at).toBe(NOW - 10_000)
  expect(new Set(asked.map(({ start, end, step }) => `${start} ${end} ${step}`))).toEqual(new Set([`${SECONDS - 1800} ${SECONDS} 10`]))
  expect(asked.some(({ query }) => query.includes('canary'))).toBe(false)
})

test('moments that were seen by ourselves are not read back', async () => {
  const { found } = await read(undefined, {}, NOW - 60_000)
  expect(found?.samples.at(-1)?.at).toBe(NOW - 70_000)
})

const lost = (of: (query: string) => boolean) => async () => {
  const { found } = await read((asked) => matrix(of(asked.query) ? course(asked).filter(([at]) => at < SECONDS - 600) : course(asked)))
  return found?.samples.at(-1)?.at
}

describe('a moment is a hole', () => {
  test.each<[string, () => Promise<number | undefined>]>([
    ['where the requests are absent', lost((query) => query === STABLE.requests)],
    ['where the errors are absent', lost((query) => query === ERRORS)],
    ['where nothing shows that errors are told from the rest', lost((query) => query.includes('code!=""'))],
  ])('%s', async (_what, last) => {
    expect(await last()).toBe(NOW - 610_000)
  })

  test('that Prometheus filled with what was scraped before', async () => {
    const { found } = await read((asked) =>
      matrix(course(asked).map(([at, value]) => [at, asked.query.startsWith('max') && at > SECONDS - 600 ? String(SECONDS - 601) : value])),
    )
    expect(found?.samples.at(-1)?.at).toBe(NOW - 600_000 + 0)
  })
})

const buckets = (asked: Asked, fast: number): unknown[] =>
  [
    ['0.1', fast],
    ['+Inf', 10],
  ].map(([le, rate]) => ({ metric: { le }, values: times(asked).map((at) => [at, String((at - SECONDS + 3600) * Number(rate))]) }))

const native = (asked: Asked) => [
  { metric: {}, histograms: times(asked).map((at) => [at, { count: '8', sum: '1', buckets: [[0, '0.125', '0.25', '8']] }]) },
]

describe('latency', () => {
  const timed = {
    stable: { ...STABLE, latency: 'sum by (le) (d_bucket{track="stable"})' },
    canary: { ...CANARY, latency: 'sum by (le) (d_bucket{track="canary"})' },
  }

  test('comes with its buckets', async () => {
    const { found } = await read((asked) => (asked.query.startsWith('sum by') ? buckets(asked, 4) : matrix(course(asked))), timed)
    expect(found?.samples[0]?.stable?.latency).toEqual({ le: [100], count: [7200], total: 18_000 })
  })

  test('of a native histogram comes with bounds of its own', async () => {
    const { found } = await read((asked) => (asked.query.startsWith('sum by') ? native(asked) : matrix(course(asked))), timed)
    expect(found?.samples[0]?.stable?.latency).toMatchObject({ total: 8 })
  })

  test('that makes no histogram, or is refused, leaves the rest as it is', async () => {
    const wrong = await read((asked) => (asked.query.startsWith('sum by') ? buckets(asked, 40) : matrix(course(asked))), timed)
    expect(wrong.found?.samples).toHaveLength(180)
    expect(wrong.found?.samples[0]?.stable?.latency).toBeNull()
    const refused = await read((asked) => (asked.query.startsWith('sum by') ? undefined : matrix(course(asked))), timed)
    expect(refused.found?.samples[0]?.stable).toEqual({ requests: 18_000, errors: 180, latency: null })
  })
})

test.each<[string, (asked: Asked) => readonly unknown[] | undefined, RegExp]>([
  ['a server that refuses', () => undefined, /^refused: /],
  ['a server that knows nothing', () => [], /^the server remembers nothing of the stable version$/],
  ['several series', (asked) => [...matrix(course(asked)), ...matrix(course(asked))], /^several: /],
])('%s leaves no history, and says so', async (_what, answer, words) => {
  const { found } = await read(answer)
  expect(found).toEqual({ samples: [], note: expect.stringMatching(words) as string })
})
