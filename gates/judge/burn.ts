/**
 * The absolute guard: the error budget of an objective burns too fast in a long and in a short window (Beyer et al., The Site Reliability Workbook, ch. 5,
 * "multiwindow, multi-burn-rate alerts"). When the stable version burns just as fast, it is not this version, and rolling back would not help.
 */
import type { Arm } from './tick.ts'

export interface Objective {
  readonly name: string
  /** Share of good requests, in (0, 1): 0.999. */
  readonly target: number
}

const WINDOWS = [
  { factor: 14.4, long: 3600, short: 300 },
  { factor: 6, long: 21_600, short: 1800 },
] as const
/** The stable version burns "just as fast" from this share of the canary's rate on. */
const SHARED = 0.5

interface Seen {
  readonly t: number
  readonly arms: readonly [Arm | null, Arm | null]
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

  constructor(objectives: readonly Objective[]) {
    this.objectives = objectives
  }

  add(t: number, canary: Arm | null, baseline: Arm | null): Burn | null {
    if (this.objectives.length === 0) return null
    this.start ??= t
    this.seen.push({ t, arms: [canary, baseline] })
    while ((this.seen[0]?.t ?? t) <= t - WINDOWS[1].long) this.seen.shift()
    for (const objective of this.objectives)
      for (const { factor, long, short } of WINDOWS) {
        // A long window that has not passed yet holds what there is, once the short one is full.
        if (t - this.start < short) continue
        const limit = factor * (1 - objective.target)
        const [inLong, inShort] = [this.rate(0, t - long), this.rate(0, t - short)]
        if (inLong <= limit || inShort <= limit) continue
        const shared = this.rate(1, t - short) >= SHARED * inShort
        return { objective, factor: inShort / (1 - objective.target), shortS: short, shared }
      }
    return null
  }

  private rate(arm: 0 | 1, after: number): number {
    let [requests, errors] = [0, 0]
    for (let at = this.seen.length - 1; at >= 0; at--) {
      const one = this.seen[at]
      if (one === undefined || one.t <= after) break
      requests += one.arms[arm]?.requests ?? 0
      errors += one.arms[arm]?.errors ?? 0
    }
    return requests === 0 ? 0 : errors / requests
  }
}
