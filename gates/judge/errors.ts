/** Failed requests of the canary against those of the stable version. */
import { Betting } from './betting.ts'
import { countContrast, type Count } from './contrast.ts'
import { counts } from './counts.ts'
import { gated, type Facet, type FacetReading } from './facet.ts'
import { Metric } from './metric.ts'
import { Negligible } from './negligible.ts'
import type { JudgePolicy } from './policy.ts'
import type { Arm } from './tick.ts'

/** Where the arms begin with about one size, a tenth of the budget bets that they are interchangeable. */
const BET = 0.1
const ALIKE = 2

export class Errors implements Facet {
  private readonly policy: JudgePolicy
  private readonly metric: Metric<Count>
  private readonly betting = new Betting()
  private readonly negligible: Negligible
  /** Fixed by the first sizes, before anything speaks for or against the canary. */
  private bet: number | null = null
  private readonly sums = { canary: { n: 0, k: 0 }, baseline: { n: 0, k: 0 } }
  /** Weighted by tick, so that a rate that moves for both says nothing (Mantel and Haenszel 1959). */
  private readonly weighted = { canary: 0, baseline: 0 }

  constructor(policy: JudgePolicy) {
    this.policy = policy
    this.metric = new Metric(counts, { minimum: policy.minimum.errors, certify: policy.certify.errors, miss: policy.miss })
    this.negligible = new Negligible(policy.negligible, policy.miss)
  }

  learn(arm: Arm | null): void {
    this.metric.learn(countOf(arm))
  }

  observe(canary: Arm | null, baseline: Arm | null, anew: boolean): void {
    const [one, other] = [countOf(canary), countOf(baseline)]
    this.metric.observe(one, other, anew)
    if (one === null || other === null) return
    this.bet ??= Math.max(one.n / other.n, other.n / one.n) > ALIKE ? 0 : BET
    for (const [sum, { n, k }] of [[this.sums.canary, one] as const, [this.sums.baseline, other] as const]) {
      sum.n += n
      sum.k += k
    }
    this.weighted.canary += (one.k * other.n) / (one.n + other.n)
    this.weighted.baseline += (other.k * one.n) / (one.n + other.n)
    this.betting.add(countContrast(one, other).d, one.n, other.n)
    this.negligible.add(one, anew)
  }

  read(weight: number): FacetReading {
    const bet = this.bet ?? BET
    const needed = -Math.log(this.policy.falseAlarm * weight * (1 - bet))
    const { dispersion, worse, trivial, certified } = this.metric.read(needed)
    const { canary, baseline } = this.sums
    return {
      evidence: [
        { weight: weight * (1 - bet), log: worse },
        { weight: weight * bet, log: gated(this.betting.log(), trivial) },
      ],
      canary: canary.n === 0 ? null : canary.k / canary.n,
      baseline: baseline.n === 0 ? null : baseline.k / baseline.n,
      ratio: this.weighted.baseline === 0 ? null : this.weighted.canary / this.weighted.baseline,
      dispersion,
      certified: certified || this.negligible.holds(dispersion),
      trivial,
    }
  }
}

function countOf(arm: Arm | null): Count | null {
  return arm === null || arm.errors === null || arm.requests === 0 ? null : { n: arm.requests, k: arm.errors }
}
