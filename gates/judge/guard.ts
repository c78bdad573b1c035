/**
 * The absolute guard: is the canary's own error rate above what the service tolerates? First form of the judge; pure and replayable.
 *
 * Breach: a test martingale for H0 "rate <= limit". Each request multiplies the likelihood ratio of a rate q > limit against the limit; the mean over a
 * fixed grid of q is a supermartingale under every rate <= limit, so by Ville's inequality it ever reaches 1/falseAlarm with probability <= falseAlarm,
 * however often it is looked at. (Ville 1939; Ramdas et al., "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 2023.)
 * Evidence is gathered from later starts too (mixture.ts), so that a healthy past does not shield a version that turns bad.
 *
 * Advance: after the bake, when so few errors would be seen with probability <= miss if the rate were certify x limit (exact binomial tail).
 * Anything else holds, and at the deadline a hold becomes a rollback. No data is never a reason to advance.
 */
import { FIRST_WEIGHT, laterWeight, logSum, unstarted } from './mixture.ts'

export interface GuardPolicy {
  /** Tolerated share of failed requests, in (0, 1). */
  readonly limit: number
  /** Probability of ever rolling back a version that keeps the limit. */
  readonly falseAlarm: number
  /** Probability of advancing a version whose rate is `certify` times the limit. */
  readonly miss: number
  readonly certify: number
  /** A rate up to this many times the stable version's is no reason to roll back. */
  readonly minimum: number
}

export type ArmState = 'ok' | 'no_data' | 'frozen' | 'partial'

export interface Counted {
  readonly requests: number
  readonly errors: number
}

/** What one version did between two instants (epoch milliseconds). */
export interface Arm extends Counted {
  readonly state: ArmState
  readonly since: number
  readonly until: number
}

export interface Judgement {
  readonly decision: 'hold' | 'advance' | 'roll_back'
  readonly code: 'breach' | 'worse' | 'burn' | 'absent' | 'deadline' | 'no-data' | 'baking' | 'undecided' | 'certified'
  /** One sentence with the numbers. */
  readonly sentence: string
  readonly metrics: Readonly<Record<string, number>>
}

const AT_ONCE: ReadonlySet<string> = new Set<Judgement['code']>(['breach', 'worse', 'burn', 'absent'])

/** Does it end a step at any time, whatever its bake and its deadline are? */
export function endsAtOnce(code: string): boolean {
  return AT_ONCE.has(code)
}

export interface JudgeInput {
  readonly policy: GuardPolicy
  /** The canary since it first got traffic: one version, one rate. */
  readonly whole: Arm
  /** And since later moments, evenly apart, oldest first. */
  readonly later?: readonly Counted[]
  /** The canary since this step began. */
  readonly step: Arm
  readonly now: number
  readonly bakeUntil: number
  readonly deadline: number
}

export function judge({ policy, whole, later = [], step, now, bakeUntil, deadline }: JudgeInput): Judgement {
  const rate = step.requests > 0 ? step.errors / step.requests : 0
  const evidence = evidenceOf(policy.limit, whole, later)
  const metrics = { requests: step.requests, errors: step.errors, error_rate: rate, limit: policy.limit, log_evidence: evidence }
  const seen = `${whole.errors} of ${whole.requests} canary requests failed (${percent(whole.errors, whole.requests)}; tolerated ${percent(policy.limit, 1)})`
  if (evidence >= -Math.log(policy.falseAlarm))
    return {
      decision: 'roll_back',
      code: 'breach',
      sentence: `Roll back: ${seen}, which a healthy version does less than once in ${Math.round(1 / policy.falseAlarm)} releases.`,
      metrics,
    }
  const verdict = advance(policy, step, now, bakeUntil)
  if (verdict.code === 'certified') return { decision: 'advance', code: 'certified', sentence: `Advance: ${seen}; ${verdict.why}.`, metrics }
  if (now >= deadline)
    return { decision: 'roll_back', code: 'deadline', sentence: `Roll back: the deadline came and ${verdict.why}; ${seen}.`, metrics }
  return { decision: 'hold', code: verdict.code, sentence: `Hold: ${verdict.why}; ${seen}.`, metrics }
}

function advance(policy: GuardPolicy, step: Arm, now: number, bakeUntil: number): { code: Judgement['code']; why: string } {
  if (step.state !== 'ok' || step.requests === 0)
    return { code: 'no-data', why: `the canary's metrics are ${step.state === 'ok' ? 'no_data' : step.state}` }
  if (now < bakeUntil) return { code: 'baking', why: `it bakes for another ${Math.ceil((bakeUntil - now) / 1000)} s` }
  const worse = Math.min(policy.limit * policy.certify, 1)
  const chance = binomialTail(step.requests, step.errors, worse)
  if (chance > policy.miss)
    return { code: 'undecided', why: `${step.errors} errors in ${step.requests} requests do not yet rule out ${percent(worse, 1)}` }
  return { code: 'certified', why: `a rate of ${percent(worse, 1)} would look this good with probability ${chance.toExponential(1)}` }
}

function evidenceOf(limit: number, whole: Counted, later: readonly Counted[]): number {
  const starts = [
    { weight: FIRST_WEIGHT, log: logEvidence(limit, whole.requests, whole.errors) },
    ...later.map(({ requests, errors }, at) => ({ weight: laterWeight(at + 1), log: logEvidence(limit, requests, errors) })),
  ]
  return logSum([...starts, { weight: unstarted(starts), log: 0 }])
}

const MOST_REQUESTS = 1e7
/** Standard errors above the mean: all but one in twenty healthy versions show fewer errors. */
const UNLUCKY = 1.645

/** Requests of a step after which nearly every version that fails at `rate` is certified; null: it never is. */
export function requestsToCertify({ limit, certify, miss }: GuardPolicy, rate: number): number | null {
  const worse = Math.min(limit * certify, 1)
  if (rate >= worse) return null
  const isEnough = (n: number): boolean => binomialTail(n, Math.ceil(n * rate + UNLUCKY * Math.sqrt(n * rate)), worse) <= miss
  let high = 1
  while (!isEnough(high)) {
    high *= 2
    if (high > MOST_REQUESTS) return null
  }
  let low = high / 2
  while (high - low > Math.max(1, low / 100)) {
    const middle = Math.floor((low + high) / 2)
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return high
}

/** Natural log of the e-value against "rate <= limit" after `errors` of `requests`. 0 when nothing was seen. */
export function logEvidence(limit: number, requests: number, errors: number): number {
  const grid = alternatives(limit)
  const logs = grid.map((q) => errors * Math.log(q / limit) + (requests - errors) * Math.log((1 - q) / (1 - limit)))
  const top = Math.max(...logs)
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / grid.length)
}

/** Rates above the limit, geometrically spaced up to nearly 1. */
function alternatives(limit: number): number[] {
  const grid: number[] = []
  for (let q = limit * 1.5; q < 0.9; q *= 2) grid.push(q)
  return [...grid, Math.max(0.95, (1 + limit) / 2)]
}

/** P(X <= k) for X ~ Binomial(n, p), summed in logs; exact up to floating point. */
export function binomialTail(n: number, k: number, p: number): number {
  if (k >= n || p <= 0) return 1
  if (p >= 1) return 0
  let log = n * Math.log1p(-p)
  let sum = Math.exp(log)
  for (let i = 1; i <= k; i++) {
    log += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p)
    sum += Math.exp(log)
  }
  return Math.min(sum, 1)
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'nothing measured' : `${((100 * part) / whole).toFixed(2)} %`
}
