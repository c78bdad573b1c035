/**
 * How much more two stretches of one version differ than chance alone makes them: 1 when requests are independent, about the squared mean over the mean of
 * cluster sizes when they come in clusters (errors in bursts, pauses that many requests share). Neighbouring stretches are compared, so that a slow drift
 * is no dispersion; on the scale of a tick and of six, so that bursts longer than a tick are seen.
 *
 * Learned from history and online; the larger counts. History that knows no bursts does not protect from them, and online alone knows too little at first.
 */
import type { Contrast } from './contrast.ts'

const SCALES = [1, 6]
/** Observations that say "no dispersion" before there are any: variance of about four errors. */
const PRIOR = 1
/** Relative standard errors above the estimate. */
const LIKELY = 0.7

interface Level<Sample> {
  readonly size: number
  open: Sample | null
  filled: number
  before: Sample | null
  squares: number
  variance: number
  spread: number
  fourth: number
}

interface Sums {
  /** Of observed minus expected, squared. */
  readonly squares: number
  /** What the squares are expected to be when requests are independent. */
  readonly variance: number
  /** And the variance of the squares then. */
  readonly spread: number
  /** Of variances, squared: how many pairs there are. */
  readonly fourth: number
}

export class Dispersion<Sample> {
  private readonly contrast: (one: Sample, other: Sample) => Contrast
  private readonly merge: (one: Sample, other: Sample) => Sample
  private readonly levels: readonly Level<Sample>[]

  constructor(of: { readonly contrast: (one: Sample, other: Sample) => Contrast; readonly merge: (one: Sample, other: Sample) => Sample }) {
    this.contrast = of.contrast
    this.merge = of.merge
    this.levels = SCALES.map((size) => ({ size, open: null, filled: 0, before: null, squares: 0, variance: 0, spread: 0, fourth: 0 }))
  }

  /** The next stretch of one version; null: a hole, which no pair spans. */
  add(sample: Sample | null): void {
    for (const level of this.levels) {
      if (sample === null) {
        level.open = level.before = null
        level.filled = 0
        continue
      }
      level.open = level.open === null ? sample : this.merge(level.open, sample)
      level.filled += 1
      if (level.filled < level.size) continue
      if (level.before !== null) {
        const { d, v } = this.contrast(level.open, level.before)
        level.squares += d * d
        level.variance += v
        level.spread += 2 * v * v + v
        level.fourth += v * v
      }
      level.before = level.open
      level.open = null
      level.filled = 0
    }
  }

  /** By scale. */
  sums(): readonly Sums[] {
    return this.levels.map(({ squares, variance, spread, fourth }) => ({ squares, variance, spread, fourth }))
  }
}

/** What has surely been seen of it: so many standard errors below the estimate, because chance alone makes some. At least 1. */
export function leastDispersion(of: readonly { sums(): readonly Sums[] }[], errors: number): number {
  return most(of, ({ squares, variance, spread }) => (squares - errors * Math.sqrt(spread)) / variance)
}

/** What it may well be, given how few pairs there are: for whom history does not say. At least 1. */
export function likelyDispersion(of: readonly { sums(): readonly Sums[] }[]): number {
  return most(of, ({ squares, variance, fourth }) => (squares / variance) * (1 + LIKELY * Math.sqrt((2 * fourth) / (variance * variance))))
}

function most(of: readonly { sums(): readonly Sums[] }[], estimate: (sums: Sums) => number): number {
  const all = of.map((one) => one.sums())
  return SCALES.reduce((found, _size, at) => {
    const sum = (field: keyof Sums, prior: number): number => all.reduce((total, levels) => total + (levels[at]?.[field] ?? 0), prior)
    const sums = {
      squares: sum('squares', PRIOR),
      variance: sum('variance', PRIOR),
      spread: sum('spread', 2 * PRIOR),
      fourth: sum('fourth', PRIOR / 2),
    }
    return Math.max(found, estimate(sums))
  }, 1)
}
