/** Which metrics an expression reads, and which ones an App gives: what stands in `deploy/` may name no other. */
import { createMetrics } from '../../app/telemetry/metrics.ts'
import { below, parsePromql } from '../../evidence/slo/promql-tree.ts'

/** Given by Prometheus itself to each scraped target. */
const OF_PROMETHEUS = ['up']

/** @returns null when the expression cannot be read */
export function metricsIn(expression: string): readonly string[] | null {
  const read = parsePromql(expression)
  if ('broken' in read) return null
  return below(read.top)
    .filter((node) => node.name === 'VectorSelector')
    .map((node) => expression.slice(node.from, node.to).split('{', 1)[0] ?? '')
}

/** Names of series, with those that a histogram has. */
export function givenMetrics(): ReadonlySet<string> {
  const { registry } = createMetrics(true)
  return new Set([
    ...OF_PROMETHEUS,
    ...registry
      .getMetricsAsArray()
      .flatMap(({ name, type }) => (String(type) === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => `${name}${end}`) : [name])),
  ])
}
