/**
 * Is there something to judge? No data is never zero and never good: while it lasts nothing advances. `no_data`: nothing came, or no traffic reached the
 * canary. `partial`: one side came without the other, or without this metric. `frozen`: the same numbers again and again, which live traffic does not do.
 */
import type { JudgePolicy } from './policy.ts'
import type { Arm, Tick } from './tick.ts'

export type Presence = 'ok' | 'no_data' | 'partial' | 'frozen'

export interface Silence {
  readonly state: Presence
  /** Seconds without data up to now, or up to this tick, when it ends a hole. */
  readonly hole: number
}

/** A hole that is worth a name, in seconds. */
export const HOLE_S = 60
/** Repetitions less likely than this are no traffic. */
const NATURAL = Math.log(1e-6)

/** Seconds between the end of the history and the first tick, when nobody knows what was then; 0: they follow each other. */
export function holeBefore(first: number, history: readonly Tick[]): number {
  let [shortest, end]: [number, number | null] = [Infinity, null]
  for (const { t } of history) {
    if (end !== null && t > end) shortest = Math.min(shortest, t - end)
    end = t
  }
  const gap = end === null ? 0 : first - end
  return gap > HOLE_S && gap > (shortest === Infinity ? 0 : 2 * shortest) ? gap : 0
}

/** Keeps track of silence, by metric. */
export class Watch {
  private readonly absence: JudgePolicy['absence']
  private readonly still = [new Standstill(), new Standstill()] as const
  private readonly heard: { errors: number | null; latency: number | null } = { errors: null, latency: null }
  private knowsLatency = false
  private before: number | null = null
  private shortest = Infinity

  constructor({ absence }: Pick<JudgePolicy, 'absence'>) {
    this.absence = absence
  }

  learn(arm: Arm | null): void {
    this.knowsLatency ||= arm?.latency != null
  }

  /** `latency` is null while nobody has ever spoken of it and the policy says that this is no lack. */
  add(tick: Tick): { readonly errors: Silence; readonly latency: Silence | null } {
    const { t, canary, baseline } = tick
    const step = this.before === null ? 0 : t - this.before
    const gap = step > HOLE_S && step > 2 * this.shortest ? step : 0
    if (step > 0) this.shortest = Math.min(this.shortest, step)
    this.before = t
    this.learn(canary)
    this.learn(baseline)
    const stood = Math.max(this.still[0].add(t, canary), this.still[1].add(t, baseline))
    const of = (field: 'errors' | 'latency'): Silence => {
      const state = stood > HOLE_S ? 'frozen' : this.absence[field] === 'zero' ? traffic(tick) : presenceOf(tick, field)
      const since = (this.heard[field] ??= t - (step > 0 ? step : 0))
      if (state === 'frozen') return { state, hole: stood }
      if (state !== 'ok') return { state, hole: t - since }
      this.heard[field] = t
      return gap > 0 ? { state: 'no_data', hole: gap } : { state, hole: 0 }
    }
    return { errors: of('errors'), latency: this.absence.latency === 'zero' && !this.knowsLatency ? null : of('latency') }
  }
}

function traffic({ canary, baseline }: Tick): Presence {
  if (canary === null || canary.requests === 0) return 'no_data'
  return baseline === null || baseline.requests === 0 ? 'partial' : 'ok'
}

function presenceOf(tick: Tick, field: 'errors' | 'latency'): Presence {
  const state = traffic(tick)
  return state === 'ok' && (tick.canary?.[field] == null || tick.baseline?.[field] == null) ? 'partial' : state
}

/** Watches one arm for the same numbers again and again. */
class Standstill {
  private last: Arm | null = null
  private since = 0
  /** Log of how likely so many repetitions are. */
  private chance = 0
  private varied = false

  /** Seconds for which it has stood still, when that is no coincidence; else 0. */
  add(t: number, arm: Arm | null): number {
    if (arm === null || this.last === null || !same(arm, this.last)) {
      this.varied ||= arm !== null && this.last !== null && arm.requests !== this.last.requests
      this.last = arm
      this.since = t
      this.chance = 0
      return 0
    }
    this.chance += repetition(arm, this.varied)
    return this.chance < NATURAL ? t - this.since : 0
  }
}

function same(one: Arm, other: Arm): boolean {
  return (
    one.requests === other.requests &&
    one.errors === other.errors &&
    (one.latency === null) === (other.latency === null) &&
    (one.latency === null || one.latency.buckets.every((value, at) => value === other.latency?.buckets[at]))
  )
}

/** Log of the chance that a tick repeats the one before. A number of requests that never varies is a fixed load and says nothing; nor do zeros. */
function repetition(arm: Arm, varied: boolean): number {
  if (arm.requests === 0) return 0
  const again = (k: number): number => Math.min(0, -0.5 * Math.log(4 * Math.PI * Math.max(k * (1 - k / arm.requests), 1 / (4 * Math.PI))))
  const latency = (arm.latency?.buckets ?? []).slice(1).reduce((sum, value) => sum + again(value), 0)
  return again(arm.errors ?? 0) + latency + (varied ? -0.5 * Math.log(4 * Math.PI * arm.requests) : 0)
}
