/**
 * Kayenta's classifier, the rule on one metric: one point a minute of each version; High when the lower end of the 98 % interval of the Mann-Whitney shift is
 * above a quarter of the shift itself (Hodges-Lehmann). Minutes without a value are left out. What it says once is meant for the end; looked at often, it peeks.
 */
import type { Arm, Tick } from '../../../../gates/judge/tick.ts'
import { Clock, type Peer, type Rule } from './peer.ts'

/** Normal quantile of (1 + 0.98) / 2. */
const Z = 2.326_347_874
const TOLERANCE = 0.25
const MINUTE_S = 60

/** A sum and of how many. */
type Part = readonly [sum: number, of: number]

export const errorRate = (arm: Arm): Part => [arm.errors ?? 0, arm.errors === null ? 0 : arm.requests]

/** Mean of a histogram: each request counts as the middle of its bucket. */
export function meanLatency(arm: Arm): Part {
  let [sum, of] = [0, 0]
  for (const [at, value] of (arm.latency?.buckets ?? []).entries()) {
    const low = arm.latency?.le[at - 1] ?? 0
    sum += value * ((low + (arm.latency?.le[at] ?? low)) / 2)
    of += value
  }
  return [sum, of]
}

/** @param every seconds between two looks */
export function kayenta(name: string, every: number, value: (arm: Arm) => Part): Rule {
  return { name, start: () => new Classifier(every, value) }
}

class Classifier implements Peer {
  private readonly value: (arm: Arm) => Part
  private readonly looks: Clock
  private readonly minutes = new Clock(MINUTE_S)
  private readonly shift = new Shift()
  private readonly open = { canary: [0, 0], baseline: [0, 0] } as { canary: Part; baseline: Part }

  constructor(every: number, value: (arm: Arm) => Part) {
    this.value = value
    this.looks = new Clock(every)
  }

  observe({ t, canary, baseline }: Tick): 'roll_back' | null {
    this.open.canary = this.plus(this.open.canary, canary)
    this.open.baseline = this.plus(this.open.baseline, baseline)
    if (this.minutes.strikes(t)) {
      this.shift.add(point(this.open.canary), point(this.open.baseline))
      this.open.canary = this.open.baseline = [0, 0]
    }
    return this.looks.strikes(t) && this.shift.isHigh() ? 'roll_back' : null
  }

  private plus([sum, of]: Part, arm: Arm | null): Part {
    if (arm === null) return [sum, of]
    const [more, ofMore] = this.value(arm)
    return [sum + more, of + ofMore]
  }
}

function point([sum, of]: Part): number | null {
  return of === 0 ? null : sum / of
}

/** Two series, and all differences between them in order. */
export class Shift {
  private readonly canary: number[] = []
  private readonly baseline: number[] = []
  private differences = new Float64Array(0)

  add(canary: number | null, baseline: number | null): void {
    const more: number[] = []
    if (canary !== null) {
      for (const other of this.baseline) more.push(canary - other)
      this.canary.push(canary)
    }
    if (baseline !== null) {
      for (const one of this.canary) more.push(one - baseline)
      this.baseline.push(baseline)
    }
    this.differences = merged(this.differences, Float64Array.from(more).sort())
  }

  /** Lower end of the interval, by the normal law with ties; null when there are too few points to say. */
  lower(): number | null {
    const [n, m] = [this.canary.length, this.baseline.length]
    const all = n + m
    if (n === 0 || m === 0) return null
    const variance = ((n * m) / 12) * (all + 1 - ties([...this.canary, ...this.baseline]) / (all * (all - 1)))
    const at = Math.floor((n * m) / 2 - Z * Math.sqrt(variance))
    return at < 1 ? null : (this.differences[at - 1] ?? null)
  }

  /** Hodges and Lehmann: the median of all differences. */
  median(): number {
    const middle = this.differences.length >> 1
    const [low, high] = [this.differences[this.differences.length % 2 === 1 ? middle : middle - 1], this.differences[middle]]
    return ((low ?? 0) + (high ?? 0)) / 2
  }

  isHigh(): boolean {
    const lower = this.lower()
    return lower !== null && lower > TOLERANCE * Math.abs(this.median())
  }
}

function merged(one: Float64Array, other: Float64Array): Float64Array<ArrayBuffer> {
  const all = new Float64Array(one.length + other.length)
  let [i, j] = [0, 0]
  for (let at = 0; at < all.length; at++) {
    const takeOne = j >= other.length || (i < one.length && (one[i] ?? 0) <= (other[j] ?? 0))
    all[at] = (takeOne ? one[i++] : other[j++]) ?? 0
  }
  return all
}

/** Sum of t^3 - t over groups of t equal values. */
function ties(values: readonly number[]): number {
  const groups = new Map<number, number>()
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1)
  return [...groups.values()].reduce((sum, size) => sum + size ** 3 - size, 0)
}
