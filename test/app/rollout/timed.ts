/** Readings of two versions that also tell how long requests took: lognormal, with a median of their own. */
import type { LatencyTotals } from '../../../agents/collect/metrics/latency.ts'
import type { Reading, Sample } from '../../../app/release/ports.ts'
import { Draws } from '../../bench/judge/random.ts'
import { NOW } from '../../support/release.ts'

const LE = [25, 50, 75, 100, 150, 200, 300, 500, 1000]
const SIGMA = 0.6

export interface Timed {
  readonly seconds: number
  /** Requests a second. */
  readonly canary?: number
  readonly stable?: number
  /** Milliseconds, of each second. */
  readonly median?: { readonly canary: (second: number) => number; readonly stable: (second: number) => number }
  readonly errors?: { readonly canary: number; readonly stable: number }
  /** Seconds before NOW in which the stable version alone was seen. */
  readonly before?: number
  readonly seed?: number
}

export const steady = (): number => 100

class Version {
  private readonly draws: Draws
  private readonly count = LE.map(() => 0)
  private total = 0
  private errors = 0

  constructor(seed: number) {
    this.draws = new Draws(seed)
  }

  serve(requests: number, median: number, share: number): void {
    const several = this.draws.poisson(requests)
    for (let left = several; left > 0; left--) {
      const took = median * Math.exp(SIGMA * this.draws.normal())
      for (const [at, bound] of LE.entries()) if (took <= bound) this.count[at] = (this.count[at] ?? 0) + 1
    }
    this.total += several
    this.errors += this.draws.binomial(several, share)
  }

  get reading(): Reading & { readonly latency: LatencyTotals } {
    return { requests: this.total, errors: this.errors, latency: { le: LE, count: [...this.count], total: this.total } }
  }
}

/** Once a second, from `before` seconds before NOW on; the canary serves from NOW on. */
export function timed(of: Timed): Sample[] {
  const { seconds, canary = 40, stable = 360, median = { canary: steady, stable: steady }, errors = { canary: 0.001, stable: 0.001 } } = of
  const [ours, theirs] = [new Version((of.seed ?? 1) * 2), new Version((of.seed ?? 1) * 2 + 1)]
  const samples: Sample[] = []
  for (let second = -(of.before ?? 0); second <= seconds; second++) {
    samples.push({ at: NOW + second * 1_000, canary: second < 0 ? null : ours.reading, stable: theirs.reading, note: '' })
    if (second >= 0) ours.serve(canary, median.canary(second), errors.canary)
    theirs.serve(stable, median.stable(second), errors.stable)
  }
  return samples
}
