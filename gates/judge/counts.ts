/**
 * Failed requests, or requests that took longer than a bound: the split of all of a tick's between the arms is binomial when each is as likely in one as in
 * the other (given the total, so that no rate need be known), and binomial with other odds when the canary's rate is `ratio` times as high. Drawn without
 * replacement it varies less, so the binomial law is on the safe side (Hoeffding 1963, theorem 4).
 */
import { countContrast, type Count } from './contrast.ts'
import type { Kind } from './metric.ts'

/** Ratios of the rates that are looked for. */
const RATIOS = [1.6, 2.4, 4.5, 10, 35]
/** Below a ratio: shares of the way up to it, in logs. */
const BELOW = [0.6, 0.25, 0, -0.6]

export const counts: Kind<Count> = {
  contrast: countContrast,
  merge: (one, other) => ({ n: one.n + other.n, k: one.k + other.k }),
  worse: (canary, baseline) => RATIOS.map((ratio) => term(canary, baseline, ratio, 1)),
  below: (canary, baseline, ratio) => BELOW.map((share) => term(canary, baseline, ratio ** share, ratio)),
}

/** Log-likelihood ratio of rates that differ by `ratio` against those that differ by `against`. */
function term(canary: Count, baseline: Count, ratio: number, against: number): number {
  const share = canary.n / (canary.n + baseline.n)
  const odds = (1 - share + share * ratio) / (1 - share + share * against)
  return canary.k * Math.log(ratio / against) - (canary.k + baseline.k) * Math.log(odds)
}
