/**
 * Samples of one step -> what each version served in that time. Pure; it decides nothing.
 *
 * Counters only grow, so a missed look loses nothing and the increments between neighbouring readings add up. A counter that fell was restarted: what it
 * shows now was counted since, and what it counted between the last look and the restart is lost, so `resets` says how often that happened.
 */
import type { ArmState, Reading, Sample } from '../../release/ports.ts'

/**
 * - `ok`: at least one request was counted and nothing speaks against the count.
 * - `no_data`: fewer than two readings, or no request, or the newest reading is older than `silenceMs`.
 * - `frozen`: the totals have stood still for `frozenMs` or longer while the other version's moved on for as long.
 * - `partial`: counted, but for longer than `silenceMs` between two readings nobody looked, or errors grew faster than requests.
 */
export interface Arm {
  readonly state: ArmState
  readonly requests: number
  readonly errors: number
  /** Epoch milliseconds of the first and last reading used; null without one. */
  readonly since: number | null
  readonly until: number | null
  readonly resets: number
}

export interface WindowOptions {
  /** How long totals may stand still while the other version's move. */
  readonly frozenMs: number
  /** How long a version may go unread. */
  readonly silenceMs: number
}

interface Point extends Reading {
  readonly at: number
}

interface Count {
  readonly points: readonly Point[]
  readonly requests: number
  readonly errors: number
  readonly resets: number
  /** Longest time between two neighbouring readings. */
  readonly gap: number
  /** When the totals were last seen to change, or first seen at all. */
  readonly moved: number
}

function usable(reading: Reading | null): reading is Reading {
  if (reading === null) return false
  const { requests, errors } = reading
  return Number.isFinite(requests) && Number.isFinite(errors) && errors >= 0 && requests >= errors
}

function pointsOf(samples: readonly Sample[], arm: 'canary' | 'stable'): Point[] {
  return samples.flatMap((sample) => {
    const reading = sample[arm]
    return usable(reading) ? [{ at: sample.at, requests: reading.requests, errors: reading.errors }] : []
  })
}

/** What the canary served between readings that follow each other. @param samples in the order of time */
export function increments(samples: readonly Sample[]): readonly { readonly since: number; readonly requests: number; readonly errors: number }[] {
  const points = pointsOf(samples, 'canary')
  return points.slice(1).map((point, at) => {
    const before = points[at] ?? point
    const fell = point.requests < before.requests || point.errors < before.errors
    return {
      since: before.at,
      requests: fell ? point.requests : point.requests - before.requests,
      errors: fell ? point.errors : point.errors - before.errors,
    }
  })
}

function count(samples: readonly Sample[], arm: 'canary' | 'stable'): Count {
  const points = pointsOf(samples, arm)
  let [requests, errors, resets, gap, moved] = [0, 0, 0, 0, points[0]?.at ?? 0]
  let before: Point | undefined
  for (const point of points) {
    if (before !== undefined) {
      const fell = point.requests < before.requests || point.errors < before.errors
      if (fell) resets += 1
      requests += fell ? point.requests : point.requests - before.requests
      errors += fell ? point.errors : point.errors - before.errors
      gap = Math.max(gap, point.at - before.at)
      if (fell || point.requests !== before.requests || point.errors !== before.errors) moved = point.at
    }
    before = point
  }
  return { points, requests, errors, resets, gap, moved }
}

function state(mine: Count, other: Count, end: number, options: WindowOptions): ArmState {
  const last = mine.points.at(-1)
  if (last === undefined || mine.points.length < 2 || end - last.at > options.silenceMs) return 'no_data'
  if (last.at - mine.moved >= options.frozenMs && other.moved - mine.moved >= options.frozenMs) return 'frozen'
  if (mine.requests <= 0) return 'no_data'
  return mine.gap > options.silenceMs || mine.errors > mine.requests ? 'partial' : 'ok'
}

/** @param samples of one step, in any order; increments are counted from the first reading on */
export function window(samples: readonly Sample[], options: WindowOptions): { readonly canary: Arm; readonly stable: Arm } {
  const ordered = samples.filter((sample) => Number.isFinite(sample.at)).sort((a, b) => a.at - b.at)
  const end = ordered.at(-1)?.at ?? 0
  const counts = { canary: count(ordered, 'canary'), stable: count(ordered, 'stable') }
  const arm = (mine: Count, other: Count): Arm => ({
    state: state(mine, other, end, options),
    requests: mine.requests,
    errors: mine.errors,
    since: mine.points[0]?.at ?? null,
    until: mine.points.at(-1)?.at ?? null,
    resets: mine.resets,
  })
  return { canary: arm(counts.canary, counts.stable), stable: arm(counts.stable, counts.canary) }
}
