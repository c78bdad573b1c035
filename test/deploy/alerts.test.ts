/** The alerts name metrics that exist and sections that say what to do. That each fires on what it is for: test/interop/alerts.test.ts. */
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { text } from '../structure/tree.ts'
import { givenMetrics, metricsIn } from './metric-names.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly action: string; readonly runbook_url: string }
}

const { groups } = parse(text('deploy/prometheus/alerts.yml')) as { groups: readonly { readonly rules: readonly Rule[] }[] }
const RULES = groups.flatMap(({ rules }) => rules)
const PAGE = 'https://github.com/release-conductor/release-conductor/blob/main/docs/alerts.md#'
const SECTIONS = [...text('docs/alerts.md').matchAll(/^#+ (.+)$/gm)].map((match) => (match[1] ?? '').toLowerCase().replaceAll(' ', '-'))

test('an expression is read with all its metrics, and a name of before would be seen', () => {
  const names = metricsIn('sum by (le) (rate(a_total{x="b_total"}[5m])) > 0 unless on () c')
  expect(names).toEqual(['a_total', 'c'])
  expect(metricsIn('sum(')).toBeNull()
  expect(givenMetrics()).not.toContain('release_conductor_looks_total')
})

test.each(RULES)('$alert reads metrics that the App gives, of this App only', ({ expr }) => {
  const names = metricsIn(expr) ?? []
  expect(names).not.toEqual([])
  expect(names.filter((name) => !givenMetrics().has(name))).toEqual([])
  expect(expr.match(/job="release-conductor"/g)).toHaveLength(names.length)
})

test.each(RULES)('$alert says what happened and what to do, and its section says more', ({ alert, labels, annotations }) => {
  expect(['critical', 'warning']).toContain(labels.severity)
  expect([annotations.summary, annotations.action].map((sentence) => /^.{20,300}[.?]$/.test(sentence))).toEqual([true, true])
  expect(annotations.runbook_url).toBe(`${PAGE}${alert.toLowerCase()}`)
  expect(SECTIONS).toContain(alert.toLowerCase())
})
