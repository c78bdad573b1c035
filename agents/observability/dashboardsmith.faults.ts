/** Planted faults of dashboardsmith: an objective with its panel, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { GATE_METRIC } from './dashboardsmith.generated.ts'

type Needs = 'dashboards' | 'policy'
type Given = Inputs['dashboards']

const SLO = `apiVersion: openslo/v1
kind: SLO
metadata: { name: availability }
spec:
  service: shop
  indicator:
    metadata: { name: requests }
    spec:
      ratioMetric:
        counter: true
        bad: { metricSource: { type: Prometheus, spec: { query: 'sum(http_requests_total{code=~"5.."}) or vector(0)' } } }
        total: { metricSource: { type: Prometheus, spec: { query: sum(http_requests_total) } } }
  timeWindow: [{ duration: 30d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.999 }]
`
const file = (path: string, text: string | null) => ({ path, text, why: text === null ? 'it is not UTF-8 text' : null })
const GATES = `sum by (gate) (increase(${GATE_METRIC}[1d]))`
export const SHARE = 'sum(rate(http_requests_total{code=~"5..", job="$job"}[$__rate_interval])) / sum(rate(http_requests_total[$__rate_interval]))'

/** A dashboard with one panel for each query. */
export function dashboard(...exprs: readonly string[]): string {
  return JSON.stringify({
    title: 'Shop',
    schemaVersion: 39,
    panels: exprs.map((expr, at) => ({ id: at + 1, type: 'timeseries', title: `panel ${at + 1}`, targets: [{ expr }] })),
  })
}

export function given(text: string | null = dashboard(SHARE, GATES), over: Partial<Given> = {}): Given {
  return {
    at: '2026-01-15T12:00:00.000Z',
    head: 'b'.repeat(40),
    files: [file('dashboards/shop.json', text)],
    grafana: null,
    objectives: [file('slo/shop.yaml', SLO)],
    known: { source: 'prometheus: prometheus.example', names: ['http_requests_total', 'up'], problem: null },
    ...over,
  }
}

const policy = { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: 'version: 1\nrelease: { base: [main] }\n' }

function red(catches: string, rule: string, dashboards: Given): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { dashboards, policy }, rules: [rule] }
}

function green(catches: string, dashboards: Given): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { dashboards, policy } }
}

const inRow = JSON.stringify({
  title: 'Shop',
  panels: [{ type: 'row', title: 'Users', panels: [{ type: 'stat', title: 'bad', targets: [{ expr: SHARE }] }] }],
})

export const planted: readonly PlantedInput<Needs>[] = [
  green('an SLO with no panel', given()),
  red('an SLO with no panel', 'dash.no-panel', given(dashboard('up', GATES))),
  green('an SLO with no panel', given(inRow)),
  green('an SLO with no panel', given(dashboard('slo:bad:share_1h{slo="availability"}'))),
  red('an SLO with no panel', 'dash.no-panel', given(dashboard('slo:bad:share_1h{slo="other"}'))),
  red('an SLO with no panel', 'dash.no-panel', given(JSON.stringify({ title: 'Shop', panels: [{ type: 'text', title: 'http_requests_total' }] }))),
  red('a panel whose query names an unknown metric', 'dash.unknown-metric', given(dashboard(SHARE, 'rate(http_request_total[5m])'))),
  green('a panel whose query names an unknown metric', given(dashboard(SHARE, 'rate(http_requests_total[5m])'))),
  red('a panel whose query names an unknown metric', 'dash.broken-query', given(dashboard(SHARE, 'sum(rate('))),
  red(
    'a panel whose query names an unknown metric',
    'dash.metrics-unknown',
    given(undefined, { known: { source: 'prometheus: p', names: [], problem: 'p could not be reached.' } }),
  ),
  red('a dashboard that says nothing', 'dash.unread', given('[]')),
  red('a dashboard that says nothing', 'dash.unread', given(null)),
  red(
    'a dashboard that says nothing',
    'dash.unread',
    given(undefined, { grafana: { host: 'grafana.example', dashboards: [], problem: 'grafana.example answered 401.' } }),
  ),
  red(
    'a dashboard that says nothing',
    'dash.unread',
    given(undefined, { grafana: { host: 'grafana.example', dashboards: [], problem: 'it shows no dashboard to GRAFANA_TOKEN' } }),
  ),
  green(
    'a dashboard that says nothing',
    given(dashboard('up'), { grafana: { host: 'grafana.example', dashboards: [{ uid: 'shop', text: dashboard(SHARE) }], problem: null } }),
  ),
]
