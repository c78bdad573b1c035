import type { Dashboard } from '@grafana/schema'
import { expect, test } from 'vitest'
import { AnnotationWrite } from '../../../agents/apply/annotation-write.ts'
import { SloPolicy } from '../../../evidence/model/config/slo.ts'
import { registryOf } from '../../../evidence/slo/registry.ts'
import { dashboard, given, SHARE } from '../../../agents/observability/dashboardsmith.faults.ts'
import { generatedDashboard } from '../../../agents/observability/dashboardsmith.generated.ts'
import { metricsOf, panelsOf } from '../../../agents/observability/dashboardsmith.panels.ts'
import { dashboardsmith } from '../../../agents/observability/dashboardsmith.ts'
import { text } from '../../structure/tree.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const policy = { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: '' }
const assess = (dashboards = given()) => dashboardsmith.assess({ dashboards, policy }, SloPolicy.parse({}))
const { slos } = registryOf(given().objectives.flatMap(({ path, text: of }) => (of === null ? [] : [{ path, text: of }])))

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(dashboardsmith, ['an SLO with no panel', 'a panel whose query names an unknown metric'])).toEqual([])
  expect(faultsMissed(dashboardsmith)).toEqual([])
})

test('what it measured; nothing is generated where nothing is missing', () => {
  const report = assess()
  expect(report.measurements).toMatchObject([
    { metrics: { dashboards: 1, panels: 2, queries: 2, shown_objectives: 1, unshown_objectives: 0, known_metrics: 2 }, measured: { n: 2 } },
  ])
  expect([report.findings, report.files]).toEqual([[], []])
})

test('what nobody can see is generated, as Grafana’s schema has it, and then it is seen', () => {
  const made: Dashboard = generatedDashboard(slos, true)
  expect(made.panels?.map(({ title }) => title)).toEqual(['availability: share of what was bad', 'Gates: verdicts of the last day'])
  const dashboards = given(dashboard('up'))
  const [planned] = dashboardsmith.plan?.({ dashboards, policy }, SloPolicy.parse({})) ?? []
  expect(planned).toMatchObject({ kind: 'file.write', path: 'dashboards/objectives.json' })
  expect(JSON.parse(planned?.text ?? '')).toEqual(made)
  expect(assess(dashboards).files).toMatchObject([{ path: 'dashboards/objectives.json' }])
  expect(assess(given(planned?.text)).findings).toEqual([])
  expect(dashboardsmith.plan?.({ dashboards: given(), policy }, SloPolicy.parse({}))).toEqual([])
})

test('the release is an annotation where the config wants one, with tags that Grafana keeps whole', () => {
  const annotation = { grafana: 'https://grafana.acme.example', repository: 'acme/shop', pull: 7, version: 'v2.0.0' }
  const plan = (over: object) => dashboardsmith.plan?.({ dashboards: given(undefined, over), policy }, SloPolicy.parse({})) ?? []
  const [said] = plan({ annotation })
  expect(said).toMatchObject({ kind: 'annotation.write', path: 'annotations/v2.0.0' })
  expect(AnnotationWrite.parse(JSON.parse(said?.text ?? ''))).toEqual({
    grafana: 'https://grafana.acme.example',
    tags: ['release-conductor', 'repository:acme/shop', 'release:v2.0.0'],
    text: 'Release v2.0.0 of acme/shop: commit bbbbbbbbbbbb, pull request 7',
  })
  expect(plan({ annotation })).toEqual(plan({ annotation, at: '2026-01-16T12:00:00.000Z' }))
  const [unnamed] = plan({ annotation: { ...annotation, pull: null, version: null } })
  expect(unnamed).toMatchObject({ path: `annotations/${'b'.repeat(12)}`, text: expect.stringContaining(`release:${'b'.repeat(12)}`) as string })
  const both = dashboardsmith.plan?.({ dashboards: given(dashboard('up'), { annotation }), policy }, SloPolicy.parse({})) ?? []
  expect(both.map(({ kind }) => kind)).toEqual(['file.write', 'annotation.write'])
})

test('gates that nobody can see are a warning', () => {
  expect(assess(given(dashboard(SHARE))).findings).toMatchObject([{ rule: 'dash.no-gates', severity: 'warning' }])
})

test.each([
  ['rate(a_total{job="$job"}[$__rate_interval])', ['a_total']],
  ['sum(rate(a_total[$interval])) / sum(rate(b_total[${window}]))', ['a_total', 'b_total']],
  ['max_over_time(a[[[range]]:1m])', ['a']],
  ['avg_over_time((a > 1)[1h:$step])', ['a']],
  ['{__name__="a"}', []],
  ['label_values(a, b)', null],
  ['sum by (gate) (a) or vector(0)', ['a']],
  ['sum(', null],
])('%s asks for %j', (expr, metrics) => {
  expect(metricsOf(expr)).toEqual(metrics)
})

test('the dashboard we ship is read, and no text of strangers crashes the reader', () => {
  expect(panelsOf('x', text('deploy/grafana/release-conductor.json'))?.length).toBeGreaterThan(5)
  for (const odd of ['', '[]', '{"panels":1}', '{"title":"a","panels":[null,1,{"panels":[{"panels":[{}]}]},{"targets":[{"expr":1}]}]}'])
    expect(() => panelsOf('x', odd)).not.toThrow()
})
