/**
 * Running totals at instants -> what each version served between them, gathered into columns of equal width. Nothing is invented: between two readings
 * that lie too far apart there is a gap, and a column without a request has no share of errors. Pure.
 */
import { between, together, type Totals } from './percentile.ts'

interface Counts {
  readonly requests: number
  readonly errors: number
}

export interface Reading extends Counts {
  /** Absent or null: not told. */
  readonly latency?: Totals | null
}

export interface ChartSample {
  /** Epoch milliseconds. */
  readonly at: number
  readonly canary: Reading | null
  readonly stable: Reading | null
  readonly note?: string
}

export interface Column {
  /** Epoch milliseconds. */
  readonly from: number
  readonly to: number
  /** Per second. */
  readonly rate: number
  /** Of requests that failed, 0 to 1; null when there was no request. */
  readonly share: number | null
  readonly requests: number
  readonly errors: number
  /** Of the column's requests; null when it was not told. */
  readonly latency: Totals | null
}

export interface Gap {
  readonly from: number
  readonly to: number
}

export interface Arm {
  /** Runs of neighbouring columns; between two runs lies a gap. */
  readonly runs: readonly (readonly Column[])[]
  readonly gaps: readonly Gap[]
  readonly requests: number
  readonly errors: number
  /** How often a counter fell, which a restart does. */
  readonly resets: number
}

interface Increment extends Counts {
  readonly from: number
  readonly to: number
  readonly latency: Totals | null
}

/** @param columns at most so many over the whole span @param silenceMs readings further apart than this leave a gap */
export function armOf(
  samples: readonly ChartSample[],
  arm: 'canary' | 'stable',
  of: { readonly from: number; readonly to: number; readonly columns: number; readonly silenceMs: number },
): Arm {
  const points = samples.flatMap((sample) => {
    const reading = sample[arm]
    return reading === null ? [] : [{ at: sample.at, ...reading }]
  })
  const runs: Increment[][] = [[]]
  const gaps: Gap[] = []
  const gap = (from: number, to: number): void => {
    if (to - from <= of.silenceMs) return
    gaps.push({ from, to })
    if (runs.at(-1)?.length !== 0) runs.push([])
  }
  const totals = { requests: 0, errors: 0, resets: 0 }
  let before: (typeof points)[number] | undefined
  for (const point of points) {
    gap(before?.at ?? of.from, point.at)
    if (before !== undefined) {
      const fell = point.requests < before.requests || point.errors < before.errors
      const requests = fell ? point.requests : point.requests - before.requests
      const errors = fell ? point.errors : point.errors - before.errors
      totals.requests += requests
      totals.errors += errors
      totals.resets += fell ? 1 : 0
      const latency = fell || before.latency == null || point.latency == null ? null : between(before.latency, point.latency)
      if (point.at > before.at && point.at - before.at <= of.silenceMs)
        runs.at(-1)?.push({ from: before.at, to: point.at, requests, errors, latency })
    }
    before = point
  }
  gap(before?.at ?? of.from, of.to)
  const width = Math.max(1, (of.to - of.from) / of.columns)
  return { runs: runs.map((run) => gathered(run, of.from, width)).filter((run) => run.length > 0), gaps, ...totals }
}

function gathered(run: readonly Increment[], from: number, width: number): Column[] {
  const columns = new Map<number, Increment>()
  for (const one of run) {
    const index = Math.floor((one.to - 1 - from) / width)
    const known = columns.get(index)
    columns.set(index, known === undefined ? one : joined(known, one))
  }
  return [...columns.values()].map(({ from: start, to, requests, errors, latency }) => ({
    from: start,
    to,
    rate: (requests * 1000) / (to - start),
    share: requests > 0 ? Math.min(1, errors / requests) : null,
    requests,
    errors,
    latency,
  }))
}

function joined(one: Increment, other: Increment): Increment {
  return {
    from: one.from,
    to: other.to,
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    latency: one.latency === null || other.latency === null ? null : together(one.latency, other.latency),
  }
}
