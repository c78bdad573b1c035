/**
 * Histograms as sources tell them -> running totals of a version's latency, in milliseconds. Classic buckets come from a page or from an answer; native ones
 * (exponential, sparse) from an answer alone, since the text formats do not carry them. What cannot be a histogram is said, and is no latency. Pure.
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#histogram, https://prometheus.io/docs/specs/native_histograms/
 */
import { MetricsError } from './metrics-error.ts'

export type Unit = 's' | 'ms'

/** Running totals of how long requests took. */
export interface LatencyTotals {
  /** Upper bounds in milliseconds, rising; at least one. */
  readonly le: readonly number[]
  /** Requests that took at most each bound. */
  readonly count: readonly number[]
  /** All of them. */
  readonly total: number
}

export interface Bucket {
  /** Upper bound as written: `0.25`, `+Inf`. */
  readonly le: string
  /** Requests that took at most so long, of all. */
  readonly count: number
}

const MOST_BOUNDS = 200
const MILLISECONDS = { s: 1000, ms: 1 } as const

/** @param buckets of one histogram, or of several with the same bounds, in any order @throws MetricsError `absent`, `inconsistent`, `not-a-number`, `too-large` */
export function classic(buckets: readonly Bucket[], unit: Unit): LatencyTotals {
  const sums = new Map<number, number>()
  for (const { le, count } of buckets) {
    const bound = boundOf(le) * MILLISECONDS[unit]
    if (!Number.isFinite(count) || count < 0) throw new MetricsError('not-a-number', `a bucket holds ${count}, which is no running total.`)
    sums.set(bound, (sums.get(bound) ?? 0) + count)
  }
  const total = sums.get(Infinity)
  if (total === undefined) throw new MetricsError('absent', 'the histogram has no bucket le="+Inf".')
  const bounds = [...sums.keys()].filter((bound) => bound !== Infinity && bound > 0).toSorted((a, b) => a - b)
  return checked({ le: bounds, count: bounds.map((bound) => sums.get(bound) ?? 0), total })
}

export interface NativeBucket {
  readonly left: number
  readonly right: number
  /** Requests in it alone. */
  readonly count: number
}

/** Powers of two between which bounds are looked for: from a millisecond to two minutes. */
const RANGE = { s: [-10, 7], ms: [0, 17] } as const
/** Four bounds for each power of two, where the histogram has as many. */
const FINEST = 2

/**
 * Only buckets that hold something are told, so which ones are changes with time. Bounds that every histogram of this resolution has stay the same.
 * @param buckets as a native histogram tells them @throws MetricsError `inconsistent`, `malformed`, `not-a-number`
 */
export function native(buckets: readonly NativeBucket[], total: number, unit: Unit): LatencyTotals {
  const sorted = buckets.toSorted((a, b) => a.right - b.right)
  if ([total, ...sorted.flatMap(({ left, right, count }) => [left, right, count])].some((value) => Number.isNaN(value)))
    throw new MetricsError('not-a-number', 'the histogram holds what is no number.')
  if (sorted.some(({ left }, at) => left < (sorted[at - 1]?.right ?? left) * (1 - 1e-9)))
    throw new MetricsError('inconsistent', 'the buckets of the histogram overlap.')
  const step = 2 ** -Math.min(FINEST, resolution(sorted))
  const [least, most] = RANGE[unit]
  const le = Array.from({ length: Math.floor((most - least) / step) + 1 }, (_, at) => 2 ** (least + at * step))
  const count = le.map((bound) => sorted.reduce((sum, { right, count: here }) => (right <= bound * (1 + 1e-9) ? sum + here : sum), 0))
  return checked({ le: le.map((bound) => bound * MILLISECONDS[unit]), count, total })
}

/** Its schema: so many bounds for each power of two, as a power of two. */
function resolution(buckets: readonly NativeBucket[]): number {
  const schemas = buckets
    .filter(({ left, right }) => left > 0 && Number.isFinite(right))
    // The bucket around zero ends anywhere.
    .map(({ left, right }) => -Math.log2(Math.log2(right / left)))
  const [schema = FINEST] = schemas
  if (schemas.some((one) => Math.abs(one - Math.round(schema)) > 1e-3))
    throw new MetricsError('malformed', 'the native histogram has bounds of its own; ask for its classic buckets.')
  return Math.round(schema)
}

function boundOf(le: string): number {
  if (/^\+?inf$/i.test(le)) return Infinity
  const bound = Number(le)
  if (le.trim() === '' || Number.isNaN(bound)) throw new MetricsError('not-a-number', `le="${le.slice(0, 50)}" is no bound.`)
  return bound
}

function checked(totals: LatencyTotals): LatencyTotals {
  const { le, count, total } = totals
  if (le.length === 0) throw new MetricsError('absent', 'the histogram has no bound, so it shows no latency.')
  if (le.length > MOST_BOUNDS) throw new MetricsError('too-large', `the histogram has more than ${MOST_BOUNDS} bounds.`)
  if (![...count, total].every((value, at, all) => value >= (all[at - 1] ?? 0)))
    throw new MetricsError('inconsistent', 'the buckets of the histogram do not add up: a wider one holds less.')
  return totals
}
