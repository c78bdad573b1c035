/** What is wrong with an OpenSLO file, where, and what would be right. Pure. */
import type { ConfigProblem } from '../config/problem.ts'

export interface SloProblem extends Omit<ConfigProblem, 'suggestion'> {
  /** Of the file, from the root of the repository. */
  readonly path: string
}

/** By the last word of a key. */
const EXAMPLES: Readonly<Record<string, string>> = {
  apiVersion: 'apiVersion: openslo/v1',
  kind: 'kind: SLO',
  name: 'name: availability',
  metadata: 'metadata: { name: availability }',
  spec: 'spec: { service: shop, … }',
  service: 'service: shop',
  indicator: 'indicator: { metadata: { name: availability }, spec: { ratioMetric: … } }',
  indicatorRef: 'indicatorRef: availability',
  ratioMetric: 'ratioMetric: { counter: true, bad: { metricSource: … }, total: { metricSource: … } }',
  thresholdMetric: 'thresholdMetric: { metricSource: { type: Prometheus, spec: { query: … } } }',
  counter: 'counter: true',
  query: 'query: sum(http_requests_total{code=~"5.."}) or vector(0)',
  metricSource: 'metricSource: { type: Prometheus, spec: { query: sum(http_requests_total) } }',
  type: 'type: Prometheus',
  timeWindow: 'timeWindow: [{ duration: 30d, isRolling: true }]',
  duration: 'duration: 30d',
  calendar: 'calendar: { startTime: 2026-01-01 00:00:00, timeZone: UTC }',
  startTime: 'startTime: 2026-01-01 00:00:00',
  timeZone: 'timeZone: Europe/Berlin',
  budgetingMethod: 'budgetingMethod: Occurrences',
  objectives: 'objectives: [{ target: 0.999 }]',
  target: 'target: 0.999',
  targetPercent: 'targetPercent: 99.9',
  op: 'op: lte',
  value: 'value: 0.25',
  timeSliceTarget: 'timeSliceTarget: 0.95',
  timeSliceWindow: 'timeSliceWindow: 5m',
}

/** @param key dotted path such as `spec.objectives[0].target` */
export function exampleFor(key: string): string {
  const word = key
    .replaceAll(/\[\d+\]/g, '')
    .split('.')
    .toReversed()
    .find((part) => EXAMPLES[part] !== undefined)
  return EXAMPLES[word ?? 'kind'] ?? 'kind: SLO'
}

/** One problem in one paragraph. */
export function describeSloProblem({ path, line, column, key, message, expected, example }: SloProblem): string {
  return `${path}:${line}:${column}:${key === '' ? '' : ` ${key}:`} ${message}. Expected ${expected}. Example: ${example}`
}
