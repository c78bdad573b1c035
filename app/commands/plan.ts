/** The plan: everything a promotion is bound to (SPEC part 13). What the approver saw has an id; if anything moved, the id is another one. */
import type { Verdict } from '../../evidence/model/verdict.ts'
import { digestOf } from '../../evidence/core/digest.ts'
import { planId, verdictDigest } from '../../evidence/pack/evidence-root.ts'
import type { Plan } from '../../evidence/pack/evidence-root.ts'
import { promoteLine } from '../github/status-comment.ts'

/** @param of the facts, and the verdicts of the gates this step stands on, in any order */
export function planOf<Of extends Omit<Proven, 'gates'>>(
  of: Of & { readonly verdicts: readonly Verdict[] },
): Omit<Of, 'verdicts'> & Pick<Plan, 'gates'> {
  const { verdicts, ...rest } = of
  return { ...rest, gates: verdicts.map((verdict) => ({ gate: verdict.gate, verdict: verdictDigest(verdict) })) }
}

/** What of a plan is the same for every environment and step: the commit and its proof. */
export type Proven = Pick<Plan, 'version' | 'repositoryId' | 'head' | 'base' | 'policyDigest' | 'evidenceRoot' | 'gates'>

/** What an approval without a plan is of. If the commit, a verdict, the evidence or the policy moves, so does it. */
export function basisOf({ version, repositoryId, head, base, policyDigest, evidenceRoot, gates }: Proven): string {
  return digestOf({
    version,
    repository_id: repositoryId,
    head,
    base,
    policy_digest: policyDigest,
    evidence_root: evidenceRoot,
    gates: gates.map(({ gate, verdict }) => [gate, verdict]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  })
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
