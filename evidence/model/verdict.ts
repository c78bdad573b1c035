/**
 * What a gate says, and the law: nothing measured is never a pass (SPEC parts 1 and 4).
 * A pass has one constructor, {@link pass}; it refuses to build one without a count above zero, the query or file, the window, the digest of the
 * raw data, the commit, and finite numbers that keep their thresholds. The schema repeats the law, so a pass cannot be parsed into being either.
 */
import { z } from 'zod'
import { GateId, Environment } from './phases.ts'
import { CommitSha, Finite, Sha256, Timestamp, TraceId } from './primitives.ts'
import { ReasonCode } from './reasons.ts'

export const Measured = z.strictObject({
  /** How many things were looked at: requests, commits, files. */
  n: z.number().int().nonnegative(),
  /** The span the numbers speak for: `from/to` in UTC, or a commit range `a..b`. */
  window: z.string().min(1).max(200),
  /** Who or what was asked, e.g. `git`, `openmetrics:shop`. */
  source: z.string().min(1).max(200),
  /** The query or file set that gave the numbers. */
  query: z.string().min(1).max(2000),
  /** SHA-256 of the raw data, canonical JSON. */
  data_digest: Sha256,
})
export type Measured = z.infer<typeof Measured>

export const EvidenceRef = z.strictObject({ path: z.string().min(1).max(500), sha256: Sha256, sig: z.string().max(200).nullable() })
export type EvidenceRef = z.infer<typeof EvidenceRef>

export const Reason = z.strictObject({ code: ReasonCode, message: z.string().min(1).max(2000), next: z.string().min(1).max(1000) })
export type Reason = z.infer<typeof Reason>

/** `<=150`, `>=0.2`, `=0`, `<1`, `>0`. */
export const Threshold = z.string().regex(/^(<=|>=|<|>|=)-?\d+(\.\d+)?$/, 'a threshold such as <=150')

export const Outcome = z.enum(['pass', 'fail', 'indeterminate', 'waived', 'not_applicable'])
export type Outcome = z.infer<typeof Outcome>

const Metrics = z.record(z.string(), Finite)
const Thresholds = z.record(z.string(), Threshold)

export const Verdict = z
  .strictObject({
    gate: GateId,
    env: Environment,
    sha: CommitSha,
    verdict: Outcome,
    metrics: Metrics,
    thresholds: Thresholds,
    measured: Measured.nullable(),
    evidence: z.array(EvidenceRef).max(1000),
    reasons: z.array(Reason).max(200),
    agent: z.string().min(1).max(100),
    trace_id: TraceId,
    at: Timestamp,
  })
  .superRefine((verdict, context) => {
    if (verdict.verdict !== 'pass') {
      if (verdict.reasons.length === 0) context.addIssue({ code: 'custom', path: ['reasons'], message: `${verdict.verdict} must say why` })
      return
    }
    for (const lack of whyNoPass(verdict)) context.addIssue({ code: 'custom', path: ['measured'], message: lack })
  })
export type Verdict = z.infer<typeof Verdict>

/** Does the number keep its threshold? A number that is not finite keeps none. */
export function keeps(value: number | undefined, threshold: string): boolean {
  const match = /^(<=|>=|<|>|=)(-?\d+(?:\.\d+)?)$/.exec(threshold)
  if (match === null || value === undefined || !Number.isFinite(value)) return false
  const limit = Number(match[2])
  switch (match[1]) {
    case '<=':
      return value <= limit
    case '>=':
      return value >= limit
    case '<':
      return value < limit
    case '>':
      return value > limit
    default:
      return value === limit
  }
}

/** Everything that stands between these measurements and a pass; empty when nothing does. */
export function whyNoPass(of: { metrics: Record<string, number>; thresholds: Record<string, string>; measured: Measured | null }): string[] {
  const lacks: string[] = []
  if (of.measured === null || !Measured.safeParse(of.measured).success) lacks.push('nothing says what was measured')
  else if (of.measured.n === 0) lacks.push('nothing was measured: n is 0')
  if (Object.keys(of.thresholds).length === 0) lacks.push('no threshold was applied')
  for (const [name, threshold] of Object.entries(of.thresholds))
    if (!keeps(of.metrics[name], threshold)) lacks.push(`${name} is ${of.metrics[name] ?? 'absent'}, not ${threshold}`)
  for (const [name, value] of Object.entries(of.metrics)) if (!Number.isFinite(value)) lacks.push(`${name} is not a finite number`)
  return lacks
}

declare const proven: unique symbol

/** What a gate's `decide` answers. Only {@link pass} makes a `Pass`. */
export type Pass = {
  readonly verdict: 'pass'
  readonly metrics: Record<string, number>
  readonly thresholds: Record<string, string>
  readonly measured: Measured
  readonly [proven]: true
}
export type NoPass = {
  readonly verdict: 'fail' | 'indeterminate'
  readonly metrics: Record<string, number>
  readonly thresholds: Record<string, string>
  readonly measured: Measured | null
  readonly reasons: readonly Reason[]
}
export type Decision = Pass | NoPass

/**
 * The one way to a pass. Answers indeterminate, with `unproven` as the reason, when the measurements do not carry it.
 * @param code the gate's own `<gate>.not-measured` reason code
 */
export function pass(
  of: { metrics: Record<string, number>; thresholds: Record<string, string>; measured: Measured | null },
  code: Reason['code'],
): Decision {
  const lacks = whyNoPass(of)
  if (lacks.length > 0 || of.measured === null)
    return {
      ...of,
      verdict: 'indeterminate',
      reasons: [{ code, message: lacks.join('; '), next: 'Run the agents of this gate again and look at their log.' }],
    }
  return { ...of, measured: of.measured, verdict: 'pass' } as Pass
}
