import { array, assert as assertProperty, constantFrom, oneof, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeSloProblem } from '../../../evidence/slo/problem.ts'
import { registryOf } from '../../../evidence/slo/registry.ts'

const RATIO = `ratioMetric:
        counter: true
        bad: { metricSource: { type: Prometheus, spec: { query: 'sum(http_requests_total{code=~"5.."}) or vector(0)' } } }
        total: { metricSource: { type: Prometheus, spec: { query: sum(http_requests_total) } } }`

interface Given {
  readonly indicator?: string
  readonly objectives?: string
  readonly more?: string
  readonly method?: string
  readonly name?: string
}

function slo({
  indicator = RATIO,
  objectives = '[{ target: 0.999 }]',
  more = '',
  method = 'Occurrences',
  name = 'availability',
}: Given = {}): string {
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: shop
  indicator:
    metadata: { name: requests }
    spec:
      ${indicator}
  timeWindow: [{ duration: 30d, isRolling: true }]
  budgetingMethod: ${method}
  objectives: ${objectives}
  ${more}
`
}

const told = (...texts: readonly string[]) => registryOf(texts.map((text, at) => ({ path: `slo/${at}.yaml`, text }))).problems.map(describeSloProblem)
const threshold = (query: string) => `thresholdMetric: { metricSource: { type: Prometheus, spec: { query: '${query}' } } }`
const P99 = 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))'

test('a ratio, with its window and target', () => {
  expect(registryOf([{ path: 'slo/shop.yaml', text: slo() }])).toEqual({
    problems: [],
    slos: [
      {
        id: 'availability',
        name: 'availability',
        service: 'shop',
        path: 'slo/shop.yaml',
        line: 2,
        target: 0.999,
        window: { duration: '30d', isRolling: true },
        slice: null,
        indicator: {
          kind: 'ratio',
          counts: 'bad',
          part: 'sum(http_requests_total{code=~"5.."}) or vector(0)',
          total: 'sum(http_requests_total)',
        },
      },
    ],
  })
})

test('several objectives, percent, time slices, a threshold, and an SLI in another file', () => {
  const sli = `apiVersion: openslo/v1\nkind: SLI\nmetadata: { name: p99 }\nspec:\n  ${threshold(P99)}\n`
  const late = `# a comment\n---\napiVersion: openslo/v1\nkind: Service\nmetadata: { name: shop }\nspec: {}\n---\n${slo({
    name: 'late',
    method: 'Timeslices',
  })
    .replace(
      / {2}indicator:[\s\S]*?\n {2}timeWindow: .*\n/,
      '  indicatorRef: p99\n  timeWindow: [{ duration: 1M, calendar: { startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin } }]\n',
    )
    .replace('[{ target: 0.999 }]', '[{ op: lte, value: 0.25, targetPercent: 99.95, timeSliceTarget: 0.9, timeSliceWindow: 5 }]')}`
  const { slos, problems } = registryOf([
    { path: 'a.yaml', text: slo({ objectives: '[{ target: 0.99 }, { targetPercent: 99.9 }]' }) },
    { path: 'b.yaml', text: sli },
    { path: 'c.yaml', text: late },
  ])
  expect(problems).toEqual([])
  expect(slos.map(({ id, target }) => [id, target])).toEqual([
    ['availability', 0.99],
    ['availability_2', 0.999],
    ['late', 0.9995],
  ])
  expect(slos[2]).toMatchObject({
    line: 9,
    slice: { ms: 300_000, target: 0.9 },
    indicator: { kind: 'threshold', op: 'lte', value: 0.25, query: P99 },
    window: { duration: '1M', calendar: { timeZone: 'Europe/Berlin' } },
  })
})

describe('each fault is told with file, line, key, what was expected and an example', () => {
  test.each<[string, Given, string]>([
    [
      'over 100',
      { objectives: '[{ targetPercent: 100.5 }]' },
      'slo/0.yaml:15:33: spec.objectives[0].targetPercent: found the number 100.5. Expected a percentage of at least 0 and below 100. Example: targetPercent: 99.9',
    ],
    [
      'under 0',
      { objectives: '[{ target: -0.1 }]' },
      'spec.objectives[0].target: found the number -0.1. Expected a share of at least 0 and below 1. Example: target: 0.999',
    ],
    ['percent as a share', { objectives: '[{ target: 99.9 }]' }, '99.9 looks like percent: write targetPercent: 99.9'],
    ['no budget', { objectives: '[{ target: 1 }]' }, 'leaves no budget'],
    ['no target', { objectives: '[{ displayName: x }]' }, 'either target, a share, or targetPercent'],
    ['both targets', { objectives: '[{ target: 0.9, targetPercent: 90 }]' }, 'either target, a share, or targetPercent'],
    ['no objective', { objectives: '[]' }, 'a list with a length of at least 1'],
    ['a misspelt key', { objectives: '[{ taget: 0.9 }]' }, 'unknown key `taget`'],
    ['another method', { method: 'RatioTimeslices' }, 'Expected one of Occurrences, Timeslices'],
    ['slices without a size', { method: 'Timeslices' }, 'timeSliceTarget and timeSliceWindow'],
    ['a size without slices', { objectives: '[{ target: 0.9, timeSliceTarget: 0.9 }]' }, 'budgetingMethod: Timeslices'],
    ['a ratio with a value', { objectives: '[{ target: 0.9, op: lt, value: 1 }]' }, 'neither op nor value'],
    ['a threshold without a value', { indicator: threshold(P99) }, 'lte, gte, lt or gt'],
    ['a threshold that compares', { indicator: threshold(`${P99} > 1`), objectives: '[{ target: 0.9, op: lt, value: 1 }]' }, 'without comparing'],
    [
      'a rate where a counter belongs',
      { indicator: RATIO.replace('sum(http_requests_total) }', '"sum(rate(http_requests_total[5m]))" }') },
      'a counter inside the sum, not rate(http_requests_total[5m])',
    ],
    ['a comparison in a ratio', { indicator: RATIO.replace('sum(http_requests_total) }', 'sum(http_requests_total) > 1 }') }, 'added or subtracted'],
    ['a total of nothing', { indicator: RATIO.replace('sum(http_requests_total) }', 'sum(http_requests_total) or vector(0) }') }, 'that is not zero'],
    ['a gauge', { indicator: RATIO.replace('true', 'false') }, 'only grow'],
    ['another source', { indicator: RATIO.replace('type: Prometheus', 'type: Datadog') }, 'Prometheus: other sources are not read'],
    [
      'a raw ratio',
      { indicator: 'ratioMetric: { rawType: success, raw: { metricSource: { type: Prometheus, spec: { query: x } } } }' },
      'does not tell how much was counted',
    ],
    ['a month without a calendar', { more: '', objectives: '[{ target: 0.9 }]' }, ''],
  ])('%s', (what, given, words) => {
    const text = what === 'a month without a calendar' ? slo(given).replace('30d', '1M') : slo(given)
    const problems = told(text)
    expect(problems).not.toEqual([])
    expect(problems.join('\n')).toContain(words === '' ? 'how long a month is, only a calendar says' : words)
    expect(problems.every((problem) => /^slo\/0\.yaml:\d+:\d+: .+ Expected .+ Example: .+/.test(problem))).toBe(true)
  })

  test.each([
    ['kind: [', 'this is not YAML'],
    ['kind: SLO\n', '`apiVersion` is missing'],
    ['apiVersion: openslo/v2alpha\nkind: SLO\nmetadata: { name: a }\nspec: {}\n', 'Expected openslo/v1.'],
    ['apiVersion: openslo/v1\nkind: SLOs\nmetadata: { name: a }\nspec: {}\n', 'one of SLO, SLI, Service'],
    ['apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: A B }\nspec: {}\n', 'lower-case letters'],
  ])('%j', (text, words) => {
    expect(told(text).join('\n')).toContain(words)
  })

  test('the same name twice, a service and an indicator that nobody wrote', () => {
    const service = 'apiVersion: openslo/v1\nkind: Service\nmetadata: { name: other }\nspec: {}\n'
    const lost = slo({ name: 'lost' }).replace(/ {2}indicator:[\s\S]*?\n {2}timeWindow/, '  indicatorRef: nobody\n  timeWindow')
    const problems = told(slo(), slo(), service, lost).join('\n')
    for (const words of ['SLO availability stands in slo/0.yaml:2 too', 'there is no Service shop', 'there is no SLI nobody'])
      expect(problems).toContain(words)
  })
})

test('whatever the text is, it is told or read, and never thrown', () => {
  const piece = constantFrom(
    'apiVersion: openslo/v1\n',
    'kind: SLO\n',
    'metadata: { name: a }\n',
    'spec: {}\n',
    '---\n',
    slo(),
    '  - x\n',
    '\t',
    '{',
    '"',
  )
  assertProperty(
    property(array(oneof(piece, string()), { maxLength: 8 }), (parts) => {
      const { slos, problems } = registryOf([{ path: 'x.yaml', text: parts.join('') }])
      for (const one of slos) expect(one.target >= 0 && one.target < 1).toBe(true)
      for (const problem of problems) expect([problem.message, problem.expected, problem.example].every((text) => text !== '')).toBe(true)
    }),
    { numRuns: 300 },
  )
})
