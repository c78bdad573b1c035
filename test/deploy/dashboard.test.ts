/** The dashboard asks only for what the App gives. */
import { expect, test } from 'vitest'
import { createMetrics } from '../../app/telemetry/metrics.ts'
import { text } from '../structure/tree.ts'
import { givenMetrics, metricsIn } from './metric-names.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}

const DASHBOARD = JSON.parse(text('deploy/grafana/release-conductor.json')) as { readonly panels: readonly Panel[] }
const PANELS = DASHBOARD.panels.filter(({ type }) => type !== 'row')
/** Grafana puts a duration in before it asks. */
const QUERIES = PANELS.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')))

test.each(QUERIES)('%s can be read, and reads metrics that the App gives', (query) => {
  const names = metricsIn(query) ?? []
  expect(names).not.toEqual([])
  expect(names.filter((name) => !givenMetrics().has(name))).toEqual([])
})

test('it shows every metric of ours', () => {
  const shown = QUERIES.flatMap((query) => metricsIn(query) ?? []).map((name) => name.replace(/_(?:bucket|count|sum)$/, ''))
  const ours = createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name)
  expect(ours.filter((name) => !shown.includes(name))).toEqual([])
})

test('each panel asks something, says what it shows, and lies beside the others', () => {
  expect(PANELS.filter(({ targets = [], description = '' }) => targets.length === 0 || description === '')).toEqual([])
  expect(new Set(DASHBOARD.panels.map(({ id }) => id)).size).toBe(DASHBOARD.panels.length)
  const cells = DASHBOARD.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})
