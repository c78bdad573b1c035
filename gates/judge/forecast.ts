/**
 * Before a step: what can it see with this traffic in this time? By Wald's approximations for sequential tests (Wald 1945): evidence grows by a drift and
 * scatters around it; the time is when all but a part of the paths have crossed.
 */
import { Dispersion, leastDispersion } from './dispersion.ts'
import { counts } from './counts.ts'
import type { JudgePolicy } from './policy.ts'
import type { Tick } from './tick.ts'

/** The stable version before the canary. */
export interface Traffic {
  readonly perMinute: number
  /** Share of failed requests. */
  readonly rate: number
  readonly dispersion: number
}

export interface Forecast {
  readonly canaryPerMinute: number
  readonly stablePerMinute: number
  readonly rate: number
  readonly dispersion: number
  /** Smallest ratio of errors that is rolled back in time but for the share `miss`; null: none below 1000. */
  readonly detectable: { readonly bake: number | null; readonly deadline: number | null }
  /** Minutes until a version that is no worse is certified, for half and all but `miss` of such versions; null: never. */
  readonly certify: { readonly median: number | null; readonly most: number | null }
  readonly decides: 'in-time' | 'late' | 'never'
  readonly sentence: string
}

/** Evidence that mixing over alternatives costs, and the block cap's delay, as natural log. */
const MIXING = 1.2
const LONGEST_MINUTES = 60 * 24 * 30

export function trafficOf(history: readonly Tick[]): Traffic | null {
  const scatter = new Dispersion(counts)
  let [requests, errors, seconds, before]: [number, number, number, number | null] = [0, 0, 0, null]
  for (const { t, baseline } of history) {
    const known = baseline !== null && baseline.errors !== null && baseline.requests > 0
    scatter.add(known ? { n: baseline.requests, k: baseline.errors ?? 0 } : null)
    if (known && before !== null) {
      requests += baseline.requests
      errors += baseline.errors ?? 0
      seconds += t - before
    }
    before = t
  }
  return seconds === 0 ? null : { perMinute: (60 * requests) / seconds, rate: errors / requests, dispersion: leastDispersion([scatter], 1) }
}

/** @param share of the traffic that the canary gets, in (0, 1) */
export function forecast(policy: JudgePolicy, { perMinute, rate, dispersion }: Traffic, share: number): Forecast {
  const [canary, stable] = [perMinute * share, perMinute * (1 - share)]
  const of = { canary, stable, rate, dispersion }
  const needed = -Math.log(policy.falseAlarm) + MIXING
  const detectable = {
    bake: smallest(of, needed, policy.miss, policy.bake / 60),
    deadline: smallest(of, needed, policy.miss, policy.deadline / 60),
  }
  const excluded = -Math.log(policy.miss) + MIXING / 2
  const [drift, scatter] = negligible(of, policy) ?? speed(of, 1, policy.certify.errors)
  const certify = { median: minutes(excluded, drift, scatter, 0), most: minutes(excluded, drift, scatter, quantile(policy.miss)) }
  const deadline = policy.deadline / 60
  const decides = certify.median === null ? 'never' : certify.most === null || certify.most > deadline ? 'late' : 'in-time'
  return {
    canaryPerMinute: canary,
    stablePerMinute: stable,
    rate,
    dispersion,
    detectable,
    certify,
    decides,
    sentence: sentence(decides, certify, deadline),
  }
}

interface Arms {
  readonly canary: number
  readonly stable: number
  readonly rate: number
  readonly dispersion: number
}

/** Drift and standard deviation per minute of the log-likelihood ratio of `ratio` against `against`, when the true ratio is the one of the two that is meant. */
function speed({ canary, stable, rate, dispersion }: Arms, ratio: number, against: number): [number, number] {
  const share = canary / (canary + stable)
  const odds = (1 - share + share * ratio) / (1 - share + share * against)
  const [perCanary, perBoth] = [Math.log(ratio / against), Math.log(odds)]
  const [ours, theirs] = [canary * Math.min(1, rate * ratio), stable * rate]
  const drift = (ours * (perCanary - perBoth) - theirs * perBoth) / dispersion
  const variance = (ours * (perCanary - perBoth) ** 2 + theirs * perBoth ** 2) / dispersion
  return [drift, Math.sqrt(variance)]
}

/** The same for "fewer than the negligible share fail", where the rate is so low that no ratio can be certified sooner. */
function negligible({ canary, rate, dispersion, stable }: Arms, policy: JudgePolicy): [number, number] | null {
  if (rate >= policy.negligible / 2) return null
  const drift = (canary * (policy.negligible * 0.75 + rate * Math.log(0.25))) / dispersion
  const byRatio = speed({ canary, rate, dispersion, stable }, 1, policy.certify.errors)
  return drift > byRatio[0] ? [drift, Math.sqrt((canary * rate * Math.log(4) ** 2) / dispersion)] : null
}

/** When all but a part of the paths have crossed: T with drift T - z scatter sqrt(T) = needed. */
function minutes(needed: number, drift: number, scatter: number, z: number): number | null {
  if (drift <= 0) return null
  const root = (z * scatter + Math.sqrt((z * scatter) ** 2 + 4 * drift * needed)) / (2 * drift)
  const found = root * root
  return found > LONGEST_MINUTES ? null : found
}

function smallest(of: Arms, needed: number, miss: number, within: number): number | null {
  const inTime = (ratio: number): boolean => {
    const [drift, scatter] = speed(of, ratio, 1)
    return (minutes(needed, drift, scatter, quantile(miss)) ?? Infinity) <= within
  }
  let [low, high] = [Math.log(1.01), Math.log(1000)]
  if (!inTime(1000)) return null
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (inTime(Math.exp(middle))) high = middle
    else low = middle
  }
  return Math.exp(high)
}

/** Standard normal quantile of 1 - p (Abramowitz and Stegun 26.2.23; error below 4.5e-4). */
function quantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(Math.max(p, 1e-9), 0.5)))
  return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
}

function sentence(decides: Forecast['decides'], { median, most }: Forecast['certify'], deadline: number): string {
  if (decides === 'never')
    return 'This step cannot decide: with this traffic it would certify nothing within a month. Give it more traffic, or certify a larger ratio.'
  if (decides === 'late')
    return `This step is too short: it needs ${Math.ceil(most ?? median ?? 0)} minutes to certify most healthy versions, and the deadline is at ${deadline} minutes. Lengthen it, or give it more traffic.`
  return `This step decides in time: most healthy versions are certified within ${Math.ceil(most ?? 0)} of ${deadline} minutes.`
}
