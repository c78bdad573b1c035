/** Is a share of failures below a level at which no ratio matters any more? A test martingale for "at least that share", as in mixture.ts. */
import type { Count } from './contrast.ts'
import { Mixture } from './mixture.ts'

const SHARES = [0.5, 0.25, 0.05]

export class Negligible {
  private readonly level: number
  private readonly needed: number
  private readonly mixture = new Mixture(SHARES.length)

  /** @param level share of failed requests, in (0, 1) @param miss chance of saying yes at or above it */
  constructor(level: number, miss: number) {
    this.level = level
    this.needed = -Math.log(miss)
  }

  add({ n, k }: Count, anew: boolean): void {
    const terms = SHARES.map((share) => k * Math.log(share) + (n - k) * Math.log((1 - share * this.level) / (1 - this.level)))
    this.mixture.add(terms, anew)
  }

  holds(dispersion: number): boolean {
    return this.mixture.log(dispersion, this.needed / 2) >= this.needed
  }
}
