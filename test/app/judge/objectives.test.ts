import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Counts } from '../../../app/judge/counts.ts'
import { heldTo, type Held } from '../../../app/judge/objectives.ts'
import { objectivesOf } from '../../../app/judge/slo-files.ts'
import { registryOf } from '../../../evidence/slo/registry.ts'

interface Given {
  readonly good?: string
  readonly bad?: string
  readonly total?: string
  readonly threshold?: string
  readonly objective?: string
  readonly method?: string
}

const metric = (query: string): string => `{ metricSource: { type: Prometheus, spec: { query: ${JSON.stringify(query)} } } }`

function slo(name: string, of: Given): string {
  const part = of.good === undefined ? `bad: ${metric(of.bad ?? '')}` : `good: ${metric(of.good)}`
  const indicator =
    of.threshold === undefined
      ? `ratioMetric: { counter: true, ${part}, total: ${metric(of.total ?? '')} }`
      : `thresholdMetric: ${metric(of.threshold)}`
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: shop
  indicator: { metadata: { name: of-${name} }, spec: { ${indicator} } }
  budgetingMethod: ${of.method ?? 'Occurrences'}
  objectives: [${of.objective ?? '{ target: 0.999 }'}]
`
}

const COUNTS: Counts = {
  requests: [{ metric: 'http_requests_total', matchers: [] }],
  errors: [{ metric: 'http_requests_total', matchers: [{ label: 'code', op: '=~', value: '5..' }] }],
  latency: { counted: [{ metric: 'http_request_duration_seconds', matchers: [] }], unit: 's' },
}

function held(of: Given, counts: Counts | null = COUNTS): Held {
  const { slos, problems } = registryOf([{ path: 'slo.yaml', text: slo('one', of) }])
  expect(problems).toEqual([])
  return heldTo(slos, counts)
}

const FAILED: Given = { bad: 'sum(http_requests_total{code=~"5.."}) or vector(0)', total: 'sum(http_requests_total)' }
const QUICK: Given = { good: 'sum(http_request_duration_seconds_bucket{le="0.25"})', total: 'sum(http_request_duration_seconds_count)' }

describe('a canary is held to', () => {
  test.each<[string, Given]>([
    ['what failed', FAILED],
    ['the same, told by what did not', { good: 'sum(http_requests_total{code!~"5.."})', total: 'sum(http_requests_total)' }],
    [
      'the same of a target that the server of metrics names',
      { bad: 'sum(http_requests_total{job="shop",code=~"5.."})', total: 'sum(http_requests_total{job="shop"})' },
    ],
  ])('%s', (_what, of) => {
    expect(held(of)).toEqual({ objectives: [{ name: 'one', target: 0.999 }], others: [] })
  })

  test.each<[string, Given, number]>([
    ['what was quick', QUICK, 250],
    [
      'the same, told by what was not',
      {
        bad: 'sum(http_request_duration_seconds_count) - sum(http_request_duration_seconds_bucket{le="0.5"})',
        total: 'sum(http_request_duration_seconds_count)',
      },
      500,
    ],
    ['the same of all in the last bucket', { ...QUICK, total: 'sum(http_request_duration_seconds_bucket{le="+Inf"})' }, 250],
  ])('%s', (_what, of, ms) => {
    expect(held(of)).toEqual({ objectives: [{ name: 'one', target: 0.999, within_ms: ms }], others: [] })
    expect(held(of, null).objectives).toEqual([{ name: 'one', target: 0.999, within_ms: ms }])
  })
})

const with_ = (latency: Counts['latency']): Counts => ({ ...COUNTS, latency })

test.each<[string, Given, Counts | null, RegExp]>([
  ['a value', { threshold: 'max(queue_lag_seconds)', objective: '{ target: 0.99, op: lte, value: 5 }' }, null, /value of a query/],
  ['time slices', { ...FAILED, method: 'Timeslices', objective: '{ target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 1m }' }, null, /time slices/],
  ['no target', { ...FAILED, objective: '{ target: 0 }' }, null, /target is 0/],
  [
    'other requests',
    { bad: 'sum(orders_failed_total)', total: 'sum(orders_total)' },
    COUNTS,
    /about orders_total, and the metrics source counts http_requests_total/,
  ],
  [
    'some of the requests',
    { bad: 'sum(http_requests_total{route="/pay",code=~"5.."})', total: 'sum(http_requests_total{route="/pay"})' },
    COUNTS,
    /only about requests with route=~"\/pay"/,
  ],
  ['more failures', { ...FAILED, bad: 'sum(http_requests_total{code=~"5..|429"})' }, COUNTS, /what fails for it is .*5\.\.\|429.* counts .*"5\.\."/],
  [
    'good that is not the opposite of failed',
    { good: 'sum(http_requests_total{code=~"2.."})', total: 'sum(http_requests_total)' },
    COUNTS,
    /what fails for it is not/,
  ],
  [
    'a difference',
    { bad: 'sum(http_requests_total) - sum(http_requests_total{code=~"2.."})', total: 'sum(http_requests_total)' },
    COUNTS,
    /subtract/,
  ],
  ['time without latency', QUICK, with_(null), /tells no latency/],
  [
    'time of something else',
    { good: 'sum(rpc_seconds_bucket{le="1"})', total: 'sum(rpc_seconds_count)' },
    COUNTS,
    /about rpc_seconds, and the metrics source tells http_request_duration_seconds/,
  ],
  [
    'time of some requests',
    { good: 'sum(http_request_duration_seconds_bucket{le="0.25",route="/pay"})', total: 'sum(http_request_duration_seconds_count{route="/pay"})' },
    COUNTS,
    /only about requests with route/,
  ],
  ['two bounds', { ...QUICK, good: 'sum(http_request_duration_seconds_bucket{le=~"0.25|0.5"})' }, COUNTS, /no single bound/],
  ['a share of something else', { ...QUICK, total: 'sum(http_requests_total)' }, COUNTS, /more than the share/],
  ['a unit that nobody knows', { good: 'sum(took_bucket{le="250"})', total: 'sum(took_count)' }, null, /seconds or milliseconds/],
])('%s is named with why it is not watched', (_what, of, counts, why) => {
  const { objectives, others } = held(of, counts)
  expect(objectives).toEqual([])
  expect(others).toEqual([{ name: 'one', why: expect.stringMatching(why) as string }])
})

test('files are found by path and pattern beside the policy, and one that is not there is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-conductor-slo-'))
  mkdirSync(join(folder, 'slo/deep'), { recursive: true })
  const write = (name: string, target: number): void =>
    writeFileSync(join(folder, 'slo', name), slo(name.replaceAll(/[/.]/g, '-'), { ...FAILED, objective: `{ target: ${target} }` }))
  write('a.yaml', 0.9)
  write('b.yaml', 0.99)
  write('c.txt', 0.5)
  write('deep/d.yaml', 0.7)
  const targets = async (...patterns: readonly string[]): Promise<number[]> => (await objectivesOf(folder, patterns)).map(({ target }) => target)
  expect(await targets('slo/*.yaml')).toEqual([0.9, 0.99])
  expect(await targets('slo/**/*.yaml')).toEqual([0.9, 0.99, 0.7])
  expect(await targets('slo/b.yaml', 'slo/b.yaml', 'slo/c.txt')).toEqual([0.99, 0.5])
  await expect(targets('slo/none.yaml')).rejects.toMatchObject({ code: 'objectives', message: 'no file is slo/none.yaml' })
  write('e.yaml', 7)
  await expect(targets('slo/e.yaml')).rejects.toMatchObject({ code: 'objectives' })
})
