/** Asks for evidence that is missing or stale: one run per head, set of inputs, and wish of a person. */
import { digestOf } from '../../evidence/core/digest.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'

/** Codes that a new run can cure. */
const CURABLE = new Set(['gate.evidence-absent', 'gate.evidence-stale', 'gate.evidence-late', 'gate.self-test-absent'])

export function prove(draft: Draft, facts: Facts, full: FullFacts): void {
  if (draft.state === 'draft' && full.pull.draft) return
  if (draft.data.rollout !== null || !full.config.ok) return
  const wanting = full.verdicts.some((verdict) => verdict.reasons.some((reason) => CURABLE.has(reason.code)))
  const deadline = draft.data.headSince + facts.settings.evidenceDeadlineMs
  // Once, to say that it is too late; then only news or the sweep is a reason to look.
  if (wanting && facts.now <= deadline) draft.lookAgainAt(deadline + 1)
  if (full.pull.merged) return
  if (full.rerequested.length > 0) draft.data.reruns += 1
  if (wanting || draft.data.reruns > 0) {
    const key = evidenceKey(draft, full)
    draft.ensure({
      kind: 'workflow.dispatch',
      key,
      workflow: full.config.config.conduct.workflow,
      ref: full.pull.head.ref,
      inputs: { phase: 'P0', pull: String(full.pull.number), key },
    })
  }
}

/** The intent that asks for evidence of this head, these inputs and this many wishes. */
export function evidenceKey(draft: Draft, full: FullFacts): string {
  return draft.key(`evidence/${draft.head.slice(0, 12)}/${digestOf(full.inputs).slice(0, 12)}/${draft.data.reruns}`)
}
