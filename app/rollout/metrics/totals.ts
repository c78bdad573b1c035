/** Series of one version -> its running totals of requests and errors, or why there are none. Pure. */
import type { Reading } from '../../release/ports.ts'
import { classic, type LatencyTotals, type Unit } from '../../../agents/collect/metrics/latency.ts'
import { tracesIn } from '../../../agents/collect/metrics/exemplars.ts'
import { MetricsError } from '../../../agents/collect/metrics/metrics-error.ts'
import type { Series } from '../../../agents/collect/metrics/openmetrics.ts'

/** What the operator calls a request and an error. */
export interface CounterNames {
  /** Counter of requests, as the endpoint spells it: `http_requests_total`. */
  readonly requests: string
  /** Errors are the series of `metric` whose `label` matches the whole of `matches` (a regular expression): `http_requests_total`, `code`, `5..`. */
  readonly errors: { readonly metric: string; readonly label: string; readonly matches: string }
  /** Histogram of how long requests took, without `_bucket`: `http_request_duration_seconds`. Absent: latency is not measured. */
  readonly latency?: { readonly metric: string; readonly unit: Unit }
  /** Only series with exactly these label values count. */
  readonly where?: Readonly<Record<string, string>>
}

const MAX_LABEL = 200
/** Buckets whose exemplars took longest. */
const MOST_SLOW = 3

function sum(metric: string, series: readonly Series[]): number {
  const seen = new Set<string>()
  let total = 0
  for (const one of series) {
    const identity = JSON.stringify([...one.labels].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (seen.has(identity)) throw new MetricsError('inconsistent', `${metric} holds the same series twice.`)
    seen.add(identity)
    if (!Number.isFinite(one.value) || one.value < 0)
      throw new MetricsError('not-a-number', `${metric} holds ${one.value}, which is no running total.`)
    total += one.value
  }
  if (!Number.isFinite(total)) throw new MetricsError('not-a-number', `${metric} adds up to more than a number can hold.`)
  return total
}

/** @throws MetricsError as {@link classic} @returns undefined when none is named */
export function latencyOf(series: readonly Series[], { latency, where }: CounterNames): LatencyTotals | undefined {
  if (latency === undefined) return undefined
  const buckets = selected(series, `${latency.metric}_bucket`, where)
  if (buckets.length === 0) throw new MetricsError('absent', `there is no ${latency.metric}_bucket yet.`)
  const seen = new Map<string, Set<string>>()
  for (const { labels } of buckets) {
    const others = JSON.stringify([...labels].filter(([name]) => name !== 'le').sort(([a], [b]) => (a < b ? -1 : 1)))
    const le = labels.get('le') ?? ''
    const bounds = seen.get(others) ?? new Set()
    if (bounds.has(le)) throw new MetricsError('inconsistent', `${latency.metric}_bucket holds the same series twice.`)
    seen.set(others, bounds.add(le))
  }
  const all = [...seen.values()]
  if (all.some((bounds) => bounds.size !== all[0]?.size || [...bounds].some((le) => all[0]?.has(le) !== true)))
    throw new MetricsError('inconsistent', `the series of ${latency.metric}_bucket have different bounds.`)
  return classic(
    buckets.map(({ labels, value }) => ({ le: labels.get('le') ?? '', count: value })),
    latency.unit,
  )
}

/** Of requests that failed, and after them of the slowest. */
export function tracesOf(series: readonly Series[], { errors, latency, where }: CounterNames): readonly string[] {
  const pattern = new RegExp(`^(?:${errors.matches})$`)
  const failed = selected(series, errors.metric, where).filter(({ labels }) => pattern.test((labels.get(errors.label) ?? '').slice(0, MAX_LABEL)))
  const timed = latency === undefined ? [] : selected(series, `${latency.metric}_bucket`, where)
  const slow = timed.toSorted((a, b) => (b.exemplar?.value ?? 0) - (a.exemplar?.value ?? 0)).slice(0, MOST_SLOW)
  return [...tracesIn(failed), ...tracesIn(slow)]
}

function selected(series: readonly Series[], metric: string, where: CounterNames['where'] = {}): readonly Series[] {
  const wanted = Object.entries(where)
  return series.filter((one) => one.name === metric && wanted.every(([label, value]) => one.labels.get(label) === value))
}

/**
 * Zero errors is an answer only when the endpoint shows that it tells errors from the rest: each series of the error metric carries the label.
 * @throws MetricsError `absent`, `not-a-number`, `inconsistent`
 */
export function totals(series: readonly Series[], names: CounterNames): Reading {
  const named = (metric: string) => selected(series, metric, names.where)
  const requests = named(names.requests)
  if (requests.length === 0) throw new MetricsError('absent', `There is no ${names.requests} yet.`)
  const { metric, label, matches } = names.errors
  const graded = metric === names.requests ? requests : named(metric)
  if (graded.length === 0) throw new MetricsError('absent', `There is no ${metric}, so errors are unknown.`)
  const pattern = new RegExp(`^(?:${matches})$`)
  const errors = graded.filter((one) => {
    const value = one.labels.get(label)
    if (value === undefined || value.length > MAX_LABEL)
      throw new MetricsError('absent', `${metric} has a series without the label ${label}, so errors are unknown.`)
    return pattern.test(value)
  })
  const reading = { requests: sum(names.requests, requests), errors: sum(metric, errors) }
  if (metric !== names.requests) sum(metric, graded)
  if (reading.errors > reading.requests) throw new MetricsError('inconsistent', `${metric} counts more errors than requests.`)
  return reading
}
