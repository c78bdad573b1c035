/** The plan: everything a promotion is bound to (SPEC part 13). What the approver saw has an id; if anything moved, the id is another one. */
import type { Verdict } from '../../evidence/model/verdict.ts'
import { planId, verdictDigest } from '../../evidence/pack/evidence-root.ts'
import type { Plan } from '../../evidence/pack/evidence-root.ts'
import { promoteLine } from '../github/status-comment.ts'

/** @param of the facts, and the verdicts of the gates this step stands on, in any order */
export function planOf(of: Omit<Plan, 'gates'> & { readonly verdicts: readonly Verdict[] }): Plan {
  const { verdicts, ...rest } = of
  return { ...rest, gates: verdicts.map((verdict) => ({ gate: verdict.gate, verdict: verdictDigest(verdict) })) }
}

export type Comparison =
  | { readonly kind: 'ok'; readonly id: string }
  /** No plan id was pasted. */
  | { readonly kind: 'missing'; readonly line: string }
  /** Something moved since that id was shown, or it was never one. */
  | { readonly kind: 'stale'; readonly line: string; readonly pasted: string }
  /** The right plan, another step. */
  | { readonly kind: 'wrong-step'; readonly line: string; readonly asked: number }

/** What was pasted against what is true now. `line` is what to paste instead. */
export function compare(pasted: { readonly step: number | null; readonly plan: string | null }, current: Plan): Comparison {
  const id = planId(current)
  const line = promoteLine({ id, step: current.step })
  if (pasted.plan === null) return { kind: 'missing', line }
  if (pasted.plan !== id) return { kind: 'stale', line, pasted: pasted.plan }
  if (pasted.step !== null && pasted.step !== current.step) return { kind: 'wrong-step', line, asked: pasted.step }
  return { kind: 'ok', id }
}
