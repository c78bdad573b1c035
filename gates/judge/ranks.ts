/**
 * Latency as a whole: the rank sum of the canary's requests among all of the tick's. `P(canary slower) - 1/2` is the effect; a ratio of latencies is turned
 * into one by the shape of what the stable version has shown so far.
 */
import { rankContrast } from './contrast.ts'
import type { Kind } from './metric.ts'

/** P(canary slower) - 1/2, looked for. */
const SHIFTS = [0.015, 0.03, 0.06, 0.11, 0.18]
const BELOW = [0.6, 0.25, 0, -0.6]

/** @param shape what has been seen so far; asked at each tick, before the tick is added to it */
export function ranks(shape: Shape): Kind<readonly number[]> {
  return {
    contrast: rankContrast,
    merge: (one, other) => one.map((value, at) => value + (other[at] ?? 0)),
    worse(canary, baseline) {
      const { d, v, lean } = rankContrast(canary, baseline)
      return SHIFTS.map((shift) => {
        const drift = 12 * shift
        return drift * d - v * cumulant(drift, lean)
      })
    },
    below(canary, baseline, ratio) {
      const { d, v } = rankContrast(canary, baseline)
      if (v === 0) return BELOW.map(() => 0)
      const pairs = harmonic(canary, baseline)
      const at = pairs * shape.shift(ratio)
      return BELOW.map((share) => {
        const other = pairs * shape.shift(ratio ** share)
        return ((other - at) * (d - (other + at) / 2)) / v
      })
    },
  }
}

/** Per unit of variance: half the square (Gauss), and more where the law leans to the right (Bennett 1962). */
function cumulant(drift: number, lean: number): number {
  const x = drift * lean
  return x < 1e-3 ? (drift * drift) / 2 : (drift * drift * (Math.exp(x) - 1 - x)) / (x * x)
}

export function harmonic(one: readonly number[], other: readonly number[]): number {
  const [n, m] = [total(one), total(other)]
  return n + m === 0 ? 0 : (n * m) / (n + m)
}

function total(buckets: readonly number[]): number {
  return buckets.reduce((sum, value) => sum + value, 0)
}

/** The stable version's latencies of all ticks so far. */
export class Shape {
  private le: readonly number[] = []
  private buckets: number[] = []
  private readonly shifts = new Map<number, number>()

  add(le: readonly number[], buckets: readonly number[]): void {
    if (le.length !== this.le.length || le.some((bound, at) => bound !== this.le[at])) {
      this.le = le
      this.buckets = buckets.map(() => 0)
    }
    for (const [at, value] of buckets.entries()) this.buckets[at] = (this.buckets[at] ?? 0) + value
    this.shifts.clear()
  }

  /** Share of requests that took longer than each bound; empty when nothing was seen. */
  beyond(): readonly number[] {
    const all = total(this.buckets)
    if (all === 0) return []
    let sum = 0
    return this.le.map((_bound, at) => 1 - (sum += this.buckets[at] ?? 0) / all)
  }

  /** Milliseconds, between two bounds straight in the logarithm of time; null before anything was seen, the last bound when it is beyond. */
  median(): number | null {
    const all = total(this.buckets)
    if (all === 0) return null
    let sum = 0
    for (const [at, bound] of this.le.entries()) {
      const here = (this.buckets[at] ?? 0) / all
      if (sum + here >= 0.5) {
        const under = this.le[at - 1]
        const part = (0.5 - sum) / here
        return under === undefined ? bound * part : under * (bound / under) ** part
      }
      sum += here
    }
    return this.le.at(-1) ?? null
  }

  /** P(ratio X > Y) - 1/2 for two requests X, Y of the stable version; ties count half. */
  shift(ratio: number): number {
    const known = this.shifts.get(ratio)
    if (known !== undefined) return known
    const all = total(this.buckets)
    if (all === 0) return 0
    let [sum, before, probability] = [0, 0, 0]
    for (let at = 0; at <= this.le.length; at++) {
      const here = (this.buckets[at] ?? 0) / all
      const upTo = at === this.le.length ? 1 : this.share((this.le[at] ?? 0) / ratio)
      probability += (upTo - before) * (sum + here / 2)
      before = upTo
      sum += here
    }
    const shift = probability - 0.5
    this.shifts.set(ratio, shift)
    return shift
  }

  /** The ratio of latencies that such a shift looks like, between 0.1 and 10. */
  ratio(shift: number): number {
    let [low, high] = [-1, 1]
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2
      if (this.shift(10 ** middle) < shift) low = middle
      else high = middle
    }
    return 10 ** ((low + high) / 2)
  }

  /** Share of requests at most this long: between two bounds straight in the logarithm of time, below the first straight in time. */
  private share(ms: number): number {
    const all = total(this.buckets)
    let sum = 0
    for (const [at, bound] of this.le.entries()) {
      const here = (this.buckets[at] ?? 0) / all
      if (ms <= bound) {
        const under = this.le[at - 1]
        const part = under === undefined ? ms / bound : Math.log(ms / under) / Math.log(bound / under)
        return sum + here * Math.max(0, part)
      }
      sum += here
    }
    const last = this.le.at(-1) ?? 1
    // Beyond the last bound the tail is taken to thin out with the square of time.
    return 1 - (1 - sum) * (last / ms) ** 2
  }
}
