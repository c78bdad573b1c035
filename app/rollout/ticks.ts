/** Samples of running totals -> what both versions did in each stretch of time, as the judge reads it. Pure. */
import type { LatencyTotals } from '../../agents/collect/metrics/latency.ts'
import { histogramOf, type Arm, type Histogram, type Tick } from '../../gates/judge/tick.ts'
import type { Reading, Sample } from '../release/ports.ts'

/** Looks are often; a tick gathers so many of them. */
const TICK_MS = 5_000

/** @param samples in the order of time @param from epoch milliseconds: what was before it is not told */
export function ticksOf(samples: readonly Sample[], from: number): Tick[] {
  const first = samples.findLastIndex(({ at }) => at <= from)
  const ticks: Tick[] = []
  let [open, since]: [Tick | null, number] = [null, 0]
  for (let at = Math.max(0, first) + 1; at < samples.length; at++) {
    const [before, sample] = [samples[at - 1], samples[at]]
    if (before === undefined || sample === undefined) break
    const stretch = { t: sample.at / 1000, canary: between(before.canary, sample.canary), baseline: between(before.stable, sample.stable) }
    const merged: Tick | null = open === null || sample.at - since > TICK_MS ? null : joined(open, stretch)
    if (merged === null) {
      if (open !== null) ticks.push(open)
      since = before.at
    }
    open = merged ?? stretch
  }
  return open === null ? ticks : [...ticks, open]
}

/** null: they are not of one kind, so that a hole costs no more than itself. */
function joined(one: Tick, other: Tick): Tick | null {
  const [canary, baseline] = [sum(one.canary, other.canary), sum(one.baseline, other.baseline)]
  return canary === undefined || baseline === undefined ? null : { t: other.t, canary, baseline }
}

function sum(one: Arm | null, other: Arm | null): Arm | null | undefined {
  if (one === null || other === null) return one === other ? null : undefined
  const latency = both(one.latency, other.latency)
  if (latency === undefined) return undefined
  return { requests: one.requests + other.requests, errors: (one.errors ?? 0) + (other.errors ?? 0), latency }
}

function both(one: Histogram | null, other: Histogram | null): Histogram | null | undefined {
  if (one === null || other === null) return one === other ? null : undefined
  if (!alike(one.le, other.le)) return undefined
  return { le: one.le, buckets: one.buckets.map((value, at) => value + (other.buckets[at] ?? 0)) }
}

/** Less is no history: the minute in which a version is deployed is like no other. */
const LEAST_HISTORY_MS = 300_000

/** The stable version before the canary: what the judge learns from. */
export function historyOf(samples: readonly Sample[], until: number): Tick[] {
  const before = samples.filter(({ at }) => at <= until).map((sample) => ({ ...sample, canary: null }))
  const [first, last] = [before[0]?.at ?? 0, before.at(-1)?.at ?? 0]
  return last - first < LEAST_HISTORY_MS ? [] : ticksOf(before, -Infinity)
}

/** A counter that fell was reset, and that stretch says nothing. */
function between(before: Reading | null, after: Reading | null): Arm | null {
  if (before === null || after === null) return null
  const [requests, errors] = [after.requests - before.requests, after.errors - before.errors]
  if (requests < 0 || errors < 0 || errors > requests) return null
  return { requests, errors, latency: latencyBetween(before.latency ?? null, after.latency ?? null) }
}

function latencyBetween(before: LatencyTotals | null, after: LatencyTotals | null): Histogram | null {
  if (before === null || after === null || !alike(before.le, after.le)) return null
  const count = after.count.map((value, at) => value - (before.count[at] ?? 0))
  const total = after.total - before.total
  const rises = [...count, total].every((value, at, all) => value >= (at === 0 ? 0 : (all[at - 1] ?? 0)))
  return rises ? histogramOf(total, after.le, count) : null
}

function alike(one: readonly number[], other: readonly number[]): boolean {
  return one === other || (one.length === other.length && one.every((bound, at) => bound === other[at]))
}
