/** What gates do with testimonies: read the numbers of one, hold them against its own list, and let the worst of several decide. Pure. */
import type { Finding } from '../evidence/model/finding.ts'
import type { GateId } from '../evidence/model/phases.ts'
import type { Decision, NoPass, Reason, Verdict } from '../evidence/model/verdict.ts'
import type { Testimony } from './gate.ts'

/** The agent's own statement about a gate: it carries the measurements. Null when there is none, or more than one. */
export function opinionOf(testimony: Testimony, gate: GateId): Verdict | null {
  const opinions = testimony.predicate.response.verdicts.filter((verdict) => verdict.gate === gate)
  return opinions.length === 1 ? (opinions[0] ?? null) : null
}

/** Where the counts of a statement and its list disagree; empty when they agree. A count that is absent disagrees. */
export function contradictions(metrics: Record<string, number>, findings: readonly Finding[]): string[] {
  return (['error', 'warning'] as const).flatMap((severity) => {
    const listed = findings.filter((finding) => finding.severity === severity).length
    const stated = metrics[`${severity}s`]
    return stated === listed ? [] : [`it states ${stated ?? 'no number of'} ${severity}s but lists ${listed}`]
  })
}

export interface Numbers {
  readonly opinion: Verdict
  /** Findings of severity error. */
  readonly errors: readonly Finding[]
}

/** What a statement says to a gate, once its counts and its list agree; else the no. @param unmeasured when it says nothing */
export function numbersOf(
  testimony: Testimony,
  gate: GateId,
  thresholds: Record<string, string>,
  { unmeasured, contradiction }: { readonly unmeasured: Reason; readonly contradiction: Reason['code'] },
): Numbers | NoPass {
  const opinion = opinionOf(testimony, gate)
  if (opinion === null) return no('indeterminate', [unmeasured])
  const { findings } = testimony.predicate
  const disagreements = contradictions(opinion.metrics, findings)
  if (disagreements.length === 0) return { opinion, errors: findings.filter((finding) => finding.severity === 'error') }
  const reason: Reason = { code: contradiction, message: disagreements.join('; '), next: 'Run the phase again from the pinned workflow.' }
  return no('fail', [reason], opinion, thresholds)
}

/** A no without measurements. */
export function no(
  verdict: NoPass['verdict'],
  reasons: readonly Reason[],
  from: Pick<Verdict, 'metrics' | 'measured'> | null = null,
  thresholds: Record<string, string> = {},
): NoPass {
  return { verdict, metrics: from?.metrics ?? {}, thresholds, measured: from?.measured ?? null, reasons }
}

/** Several decisions about one question: all must be a pass. A fail is worse than an indeterminate; reasons of all are kept. */
export function worst(decisions: readonly Decision[], none: Reason): Decision {
  const nos = decisions.filter((decision): decision is NoPass => decision.verdict !== 'pass')
  const first = nos.find((decision) => decision.verdict === 'fail') ?? nos[0]
  if (first !== undefined)
    return {
      ...first,
      reasons: [...new Map(nos.flatMap((decision) => decision.reasons).map((reason) => [`${reason.code} ${reason.message}`, reason])).values()],
    }
  return decisions[0] ?? no('indeterminate', [none])
}

const NAMED = 10

/** Findings -> one sentence a person can act on. */
export function named(findings: readonly Finding[]): string {
  const shown = findings.slice(0, NAMED).map((finding) => {
    const place = finding.path === undefined ? '' : ` ${finding.path}${finding.line === undefined ? '' : `:${finding.line}`}`
    return `${finding.rule}${place}: ${finding.message}`.slice(0, 180)
  })
  return findings.length > NAMED ? `${shown.join('; ')}; and ${findings.length - NAMED} more` : shown.join('; ')
}
