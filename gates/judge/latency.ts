/** How long the canary's requests take against the stable version's: all of them by rank, and the slowest by how many are beyond a bound. */
import { rankContrast, type Count } from './contrast.ts'
import { counts } from './counts.ts'
import type { Facet, FacetReading } from './facet.ts'
import { Metric } from './metric.ts'
import type { JudgePolicy } from './policy.ts'
import { harmonic, ranks, Shape } from './ranks.ts'
import type { Arm, Histogram } from './tick.ts'

/** Parts of the budget: of all requests by rank, and of the tails. */
const WEIGHT = 0.52
/** The bounds that about so many of the stable version's requests are beyond. */
const TAILS = [
  { share: 0.05, weight: 0.1 },
  { share: 0.01, weight: 0.17 },
  { share: 0.001, weight: 0.21 },
]
/** A bound further from its share than this factor is none. */
const NEAR = 4

export class Latency implements Facet {
  private readonly policy: JudgePolicy
  private readonly shape = { stable: new Shape(), canary: new Shape() }
  private readonly whole: Metric<readonly number[]>
  private readonly tails: readonly Metric<Count>[]
  private readonly rank = { d: 0, pairs: 0, v: 0 }

  constructor(policy: JudgePolicy) {
    const { minimum, certify, miss } = policy
    this.policy = policy
    this.whole = new Metric(ranks(this.shape.stable), { minimum: minimum.latency, certify: certify.latency, miss })
    // Beyond a bound in the tail a shift of latency shows about squared.
    this.tails = TAILS.map(() => new Metric(counts, { minimum: minimum.latency ** 2, certify: Infinity, miss }))
  }

  learn(arm: Arm | null): void {
    const histogram = histogramOf(arm)
    this.whole.learn(histogram?.buckets ?? null)
    const bounds = this.bounds(histogram)
    for (const [at, tail] of this.tails.entries()) tail.learn(beyond(histogram, bounds[at]))
    if (histogram !== null) this.shape.stable.add(histogram.le, histogram.buckets)
  }

  observe(canary: Arm | null, baseline: Arm | null, anew: boolean): void {
    const [slow, normal] = [histogramOf(canary), histogramOf(baseline)]
    const both = slow !== null && normal !== null
    const bounds = this.bounds(normal)
    for (const [at, tail] of this.tails.entries())
      tail.observe(both ? beyond(slow, bounds[at]) : null, both ? beyond(normal, bounds[at]) : null, anew)
    this.whole.observe(both ? slow.buckets : null, both ? normal.buckets : null, anew)
    if (!both) return
    const { d, v } = rankContrast(slow.buckets, normal.buckets)
    this.rank.d += d
    this.rank.v += v
    this.rank.pairs += harmonic(slow.buckets, normal.buckets)
    this.shape.stable.add(normal.le, normal.buckets)
    this.shape.canary.add(slow.le, slow.buckets)
  }

  read(weight: number): FacetReading {
    const { falseAlarm } = this.policy
    const whole = this.whole.read(-Math.log(falseAlarm * weight * WEIGHT))
    const tails = this.tails.map((tail, at) => tail.read(-Math.log(falseAlarm * weight * (TAILS[at]?.weight ?? 1))))
    const { d, v, pairs } = this.rank
    return {
      evidence: [
        { weight: weight * WEIGHT, log: whole.worse },
        ...tails.map((tail, at) => ({ weight: weight * (TAILS[at]?.weight ?? 0), log: tail.worse })),
      ],
      canary: this.shape.canary.median(),
      baseline: this.shape.stable.median(),
      ratio: pairs === 0 || v === 0 ? null : this.shape.stable.ratio(d / pairs),
      dispersion: Math.max(whole.dispersion, ...tails.map((tail) => tail.dispersion)),
      // Tails are rare and come in bursts: they are watched, and not waited for.
      certified: whole.certified,
      trivial: whole.trivial && this.tails.every((tail, at) => !tail.used || tails[at]?.trivial === true),
    }
  }

  /** Which bound stands for each tail, chosen by what was seen before this tick; undefined where none is near. */
  private bounds(histogram: Histogram | null): readonly (number | undefined)[] {
    if (histogram === null) return []
    const shares = this.shape.stable.beyond()
    const taken = new Set<number>()
    return TAILS.map(({ share }) => {
      let best: number | undefined
      let least = Math.log(NEAR)
      for (const [at, beyondIt] of shares.entries()) {
        const off = Math.abs(Math.log(beyondIt / share))
        if (off <= least && !taken.has(at)) [best, least] = [at, off]
      }
      if (best !== undefined) taken.add(best)
      return best
    })
  }
}

function histogramOf(arm: Arm | null): Histogram | null {
  return arm === null || arm.requests === 0 ? null : arm.latency
}

function beyond(histogram: Histogram | null, bound: number | undefined): Count | null {
  if (histogram === null || bound === undefined) return null
  let [n, k] = [0, 0]
  for (const [at, value] of histogram.buckets.entries()) {
    n += value
    if (at > bound) k += value
  }
  return { n, k }
}
