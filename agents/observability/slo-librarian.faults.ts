/** Planted faults of slo-librarian: one service that keeps its objective, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'

type Needs = 'objectives' | 'policy'
type Given = Inputs['objectives']
type Reading = Given['readings'][number]

const AT = '2026-01-15T12:00:00.000Z'
const WINDOWS = ['5m', '30m', '1h', '6h', '3d', 'budget']
const SLO_ID = 'availability'

function sloText(objective = 'target: 0.999', query = 'sum(http_requests_total{code=~"5.."}) or vector(0)'): string {
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${SLO_ID} }
spec:
  service: shop
  indicator:
    metadata: { name: requests }
    spec:
      ratioMetric:
        counter: true
        bad: { metricSource: { type: Prometheus, spec: { query: '${query}' } } }
        total: { metricSource: { type: Prometheus, spec: { query: sum(http_requests_total) } } }
  timeWindow: [{ duration: 30d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ ${objective} }]
`
}

function reading(window: string, part: Reading['part'], value: number | null, problem: Reading['problem'] = null): Reading {
  return { slo: SLO_ID, window, part, query: `${part} ${window}`, value, problem }
}

/** @param bad share of what failed, by window */
function readings(bad: (window: string) => number, total: (window: string) => number = () => 100_000): Reading[] {
  return [
    reading('now', 'fresh', 7),
    ...WINDOWS.flatMap((window) => [reading(window, 'bad', bad(window) * total(window)), reading(window, 'total', total(window))]),
  ]
}

function given(over: Partial<Given> = {}, text = sloText()): Given {
  const file = { path: 'slo/shop.yaml', text, why: null }
  return {
    at: AT,
    base: 'a'.repeat(40),
    head: 'b'.repeat(40),
    patterns: ['slo/*.yaml'],
    files: [file],
    before: [file],
    source: { kind: 'prometheus', hosts: ['prometheus.example'], watched_ms: null },
    readings: readings(() => 0.0002),
    courses: [],
    ...over,
  }
}

/** Every reading of a kind is gone, for a reason. */
function without(part: Reading['part'], code: NonNullable<Reading['problem']>['code']): Given {
  const of = readings(() => 0.0002)
  return given({ readings: of.map((one) => (one.part === part ? { ...one, value: null, problem: { code, message: 'specimen' } } : one)) })
}

const policy = { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: 'version: 1\nrelease: { base: [main] }\nslos: ["slo/*.yaml"]\n' }

function red(catches: string, rule: string, objectives: Given): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { objectives, policy }, rules: [rule] }
}

function green(catches: string, objectives: Given): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { objectives, policy } }
}

const scraped = (bad: number, total: number): Partial<Given> => ({
  source: { kind: 'openmetrics', hosts: ['shop.example'], watched_ms: 30_000 },
  readings: [reading('scrape', 'bad', bad), reading('scrape', 'total', total)],
})
const burning = (share: number, ...windows: readonly string[]) => readings((window) => (windows.includes(window) ? share : 0.0002))
const only = (kept: readonly string[]) =>
  readings(
    () => 0.0002,
    (window) => (kept.includes(window) ? 100_000 : 0),
  )

export const planted: readonly PlantedInput<Needs>[] = [
  green('burn over the limit', given()),
  red('burn over the limit', 'slo.burn', given({ readings: burning(0.02, '5m', '1h') })),
  red('burn over the limit', 'slo.burn', given({ readings: burning(0.0011, '6h', '3d') })),
  green('burn over the limit', given({ readings: burning(0.02, '5m') })),
  green('burn over the limit', given({ readings: burning(0.0144, '5m', '1h') })),
  red('burn over the limit', 'slo.budget-spent', given({ readings: burning(0.0011, 'budget') })),
  green('burn over the limit', given({ readings: burning(0.001, 'budget') })),
  red('no data', 'slo.no-data', without('total', 'absent')),
  red('no data', 'slo.no-data', given({ readings: [] })),
  red('no data', 'slo.no-data', given({ readings: only([]) })),
  red(
    'no data',
    'slo.few-requests',
    given({
      readings: readings(
        () => 0,
        () => 99,
      ),
    }),
  ),
  red(
    'no data',
    'slo.no-data',
    given({
      readings: readings(
        (window) => (window === '1h' ? 0.02 : 0),
        (window) => (window === '5m' ? 0 : 100_000),
      ),
    }),
  ),
  green(
    'no data',
    given({
      readings: readings(
        () => 0,
        (window) => (window === '5m' || window === '1h' ? 0 : 100_000),
      ),
    }),
  ),
  red('no data', 'slo.unanswered', without('bad', 'unreachable')),
  green(
    'no data',
    given({
      readings: readings(
        () => 0,
        () => 100,
      ),
    }),
  ),
  red('an SLO over 100 or under 0', 'slo.invalid', given({}, sloText('target: 99.9'))),
  red('an SLO over 100 or under 0', 'slo.invalid', given({}, sloText('targetPercent: 100.1'))),
  red('an SLO over 100 or under 0', 'slo.invalid', given({}, sloText('target: -0.5'))),
  green('an SLO over 100 or under 0', given({}, sloText('targetPercent: 99.9'))),
  red('a query that returns two series', 'slo.several', without('bad', 'several')),
  green('a query that returns two series', given({ files: [{ path: 'slo/shop.yaml', text: sloText('target: 0.99'), why: null }] })),
  red('stale samples', 'slo.stale', without('fresh', 'stale')),
  green('stale samples', given({ readings: readings(() => 0.0002) })),
  red('NaN', 'slo.not-a-number', without('total', 'not-a-number')),
  green('NaN', given({ readings: readings(() => 0) })),
  red('a file that says nothing', 'slo.invalid', given({ files: [{ path: 'slo/shop.yaml', text: null, why: 'it is not UTF-8 text' }] })),
  green('a file that says nothing', given({}, `${sloText()}---\napiVersion: openslo/v1\nkind: Service\nmetadata: { name: shop }\nspec: {}\n`)),
  red('failures while it was watched', 'slo.burn', given(scraped(15, 1000))),
  green('failures while it was watched', given(scraped(1, 1000))),
]
