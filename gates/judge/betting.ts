/**
 * Betting that two arms of the same size are interchangeable: then the sign of each block's difference is a fair coin, whatever bursts, incidents or
 * drifts there are, and no dispersion need be known (Ramdas et al. 2023; Shaer, Maman, Romano, AISTATS 2023). Slower than likelihood ratios on quiet traffic,
 * because each block at most doubles the wealth.
 */
import { logMean } from './mixture.ts'

const STAKES = [0.25, 0.5, 0.8]
/** Arms further apart than this are not interchangeable. */
const EQUAL = 0.1

export class Betting {
  private readonly wealth = STAKES.map(() => 0)
  private scale = 0.5
  private blocks = 0
  private sizes = { canary: 0, baseline: 0 }

  /** @param d observed minus expected of the canary in this block */
  add(d: number, canary: number, baseline: number): void {
    this.sizes = { canary: this.sizes.canary + canary, baseline: this.sizes.baseline + baseline }
    const apart = Math.abs(canary - baseline) / (canary + baseline)
    if (apart > EQUAL || !this.equal) return
    const outcome = d === 0 ? 0 : d / (Math.abs(d) + this.scale)
    for (const [at, stake] of STAKES.entries()) this.wealth[at] = (this.wealth[at] ?? 0) + Math.log1p(stake * outcome)
    if (d !== 0) {
      this.blocks += 1
      // Never zero, and known before the next block.
      this.scale += (Math.abs(d) / 2 - this.scale) / Math.min(this.blocks + 1, 20)
    }
  }

  /** Are the arms of one size so far? */
  get equal(): boolean {
    const { canary, baseline } = this.sizes
    return Math.abs(canary - baseline) <= EQUAL * (canary + baseline) * 0.5
  }

  /** Natural log of the wealth, which began at 1. */
  log(): number {
    return logMean(this.wealth)
  }
}
