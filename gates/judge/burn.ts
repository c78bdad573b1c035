/**
 * The absolute guard: the error budget of an objective burns too fast in a long and in a short window (Beyer et al., The Site Reliability Workbook, ch. 5,
 * "multiwindow, multi-burn-rate alerts"). When the stable version burns just as fast, it is not this version, and rolling back would not help.
 */
import type { Arm } from './tick.ts'

export interface Objective {
  readonly name: string
  /** Share of good requests, in (0, 1): 0.999. */
  readonly target: number
  /** Good is what took at most so many milliseconds, a bound of the histogram; absent: what did not fail. */
  readonly within_ms?: number
}

const WINDOWS = [
  { factor: 14.4, long: 3600, short: 300 },
  { factor: 6, long: 21_600, short: 1800 },
] as const
/** The stable version burns "just as fast" from this share of the canary's rate on. */
const SHARED = 0.5
/** Bounds in seconds times a thousand are not quite the milliseconds that were meant. */
const ALIKE = 1e-9

/** Sums since the start. */
interface Sums {
  readonly requests: number
  readonly bad: number
}
const NOTHING: Sums = { requests: 0, bad: 0 }

interface Seen {
  readonly t: number
  /** By objective: of the canary, of the stable version. */
  readonly sums: readonly (readonly [Sums, Sums])[]
}

export interface Burn {
  readonly objective: Objective
  /** Times the rate that would just use up the budget. */
  readonly factor: number
  readonly shortS: number
  readonly shared: boolean
}

export class BurnGuard {
  private readonly objectives: readonly Objective[]
  private readonly seen: Seen[] = []
  private start: number | null = null
  private served = false
  private readonly told = new Set<Objective>()

  constructor(objectives: readonly Objective[]) {
    this.objectives = objectives
  }

  add(t: number, canary: Arm | null, baseline: Arm | null): void {
    if (this.objectives.length === 0) return
    this.start ??= t
    const before = this.seen.at(-1)?.sums
    this.served ||= (canary?.requests ?? 0) > 0
    const sums = this.objectives.map((objective, at) => {
      const [ours, theirs] = [badOf(canary, objective), badOf(baseline, objective)]
      if (ours !== null && ours.requests > 0) this.told.add(objective)
      return [plus(before?.[at]?.[0], ours), plus(before?.[at]?.[1], theirs)] as const
    })
    this.seen.push({ t, sums })
    // The last one before the longest window stays: sums are counted from it.
    while ((this.seen[1]?.t ?? t) <= t - WINDOWS[1].long) this.seen.shift()
  }

  /** Of what was told so far: an objective whose budget burns too fast; one that burns for this version alone before one that burns for both. */
  read(): Burn | null {
    const t = this.seen.at(-1)?.t ?? 0
    let both: Burn | null = null
    for (const [at, objective] of this.objectives.entries())
      for (const { factor, long, short } of WINDOWS) {
        // A long window that has not passed yet holds what there is, once the short one is full.
        if (t - (this.start ?? t) < short) continue
        const limit = factor * (1 - objective.target)
        const [inLong, inShort] = [this.rate(at, 0, t - long), this.rate(at, 0, t - short)]
        if (inLong <= limit || inShort <= limit) continue
        const shared = this.rate(at, 1, t - short) >= SHARED * inShort
        const burn = { objective, factor: inShort / (1 - objective.target), shortS: short, shared }
        if (!shared) return burn
        both ??= burn
      }
    return both
  }

  /** Objectives of which nothing was ever told although the canary serves: silence about them is no health. */
  untold(): readonly Objective[] {
    return this.served ? this.objectives.filter((objective) => !this.told.has(objective)) : []
  }

  private rate(objective: number, arm: 0 | 1, after: number): number {
    const from = this.lastUntil(after)?.sums[objective]?.[arm] ?? NOTHING
    const to = this.seen.at(-1)?.sums[objective]?.[arm] ?? NOTHING
    const requests = to.requests - from.requests
    return requests === 0 ? 0 : (to.bad - from.bad) / requests
  }

  private lastUntil(t: number): Seen | undefined {
    let [low, high] = [0, this.seen.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.seen[middle]?.t ?? 0) <= t) low = middle + 1
      else high = middle
    }
    return this.seen[low - 1]
  }
}

function plus(sums: Sums = NOTHING, more: Sums | null): Sums {
  return more === null ? sums : { requests: sums.requests + more.requests, bad: sums.bad + more.bad }
}

/** null: this tick does not tell it. */
function badOf(arm: Arm | null, { within_ms: ms }: Objective): Sums | null {
  if (arm === null) return null
  const { requests, errors, latency } = arm
  if (ms === undefined) return errors === null ? null : { requests, bad: errors }
  const bound = latency === null ? -1 : boundOf(latency.le, ms)
  if (latency === null || bound === -1) return null
  const timed = latency.buckets.reduce((sum, count) => sum + count, 0)
  return { requests: timed, bad: latency.buckets.slice(bound + 1).reduce((sum, count) => sum + count, 0) }
}

/** Which of these bounds it is; -1: none. */
export function boundOf(le: readonly number[], ms: number): number {
  return le.findIndex((bound) => Math.abs(bound - ms) <= ALIKE * ms)
}
