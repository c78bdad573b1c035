/** Asks for evidence that is missing or stale: one run per phase, head, set of inputs, and wish of a person; each phase after those it needs. */
import { digestOf } from '../../evidence/core/digest.ts'
import { PhaseNeeds, type Phase } from '../../evidence/model/phases.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { gateById } from '../../gates/index.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import { openGlass } from './glass.ts'
import { attemptsOf, deadlineOf, feederOf, lookAgain, phasesFor, phasesOf, timesOf } from './reruns.ts'

/** Codes that a new run can cure. */
const CURABLE = new Set(['gate.evidence-absent', 'gate.evidence-stale', 'gate.evidence-late', 'gate.self-test-absent'])
const HOLDS: readonly Verdict['verdict'][] = ['pass', 'waived', 'not_applicable']

export function prove(draft: Draft, facts: Facts, full: FullFacts): void {
  if (draft.state === 'draft' && full.pull.draft) return
  const isOwed = openGlass(draft.data).length > 0
  if ((draft.data.rollout !== null && !isOwed) || !full.config.ok) return
  const wanting = full.verdicts.filter((verdict) => verdict.reasons.some((reason) => CURABLE.has(reason.code)))
  const feeders = new Set(wanting.map(({ gate }) => gateById(gate)).flatMap((gate) => (gate === undefined ? [] : feederOf(gate))))
  for (const phase of feeders) {
    const deadline = deadlineOf(draft.data, phase, facts.settings)
    // Once, to say that it is too late; then only news or the sweep is a reason to look.
    if (facts.now <= deadline) draft.lookAgainAt(deadline + 1)
  }
  if (full.pull.merged && !isOwed) return
  lookAgain(
    draft,
    full.rerequested.flatMap((gate) => phasesFor({ gate }, full)),
    facts.now,
  )
  for (const phase of phasesOf(full)) {
    if (feeders.has(phase) && isOvertaken(draft, facts, full, phase)) lookAgain(draft, [phase], facts.now)
    if (!(feeders.has(phase) || timesOf(draft.data, phase) > 0) || !isReady(phase, full)) continue
    const key = evidenceKey(draft, full, phase)
    draft.ensure({
      kind: 'workflow.dispatch',
      key,
      workflow: full.config.config.conduct.workflow,
      // A branch that was deleted after the merge runs nothing; the tag names the same commit.
      ref: draft.outcome(draft.key('tag')) === null ? full.pull.head.ref : draft.before.version,
      inputs: { phase, pull: String(full.pull.number), key },
    })
  }
}

/** These inputs were looked at, then others, and now they are back: only the newest run counts, and it was of the others. */
function isOvertaken(draft: Draft, facts: Facts, full: FullFacts, phase: Phase): boolean {
  const key = evidenceKey(draft, full, phase)
  return draft.row(key) !== undefined && attemptsOf(draft, facts, phase).at(-1)?.key !== key && !evidenceRunning(draft, full, phase)
}

/** Every gate of the phases before it holds. */
function isReady(phase: Phase, full: FullFacts): boolean {
  return full.verdicts.every((verdict) => !PhaseNeeds[phase].includes(gateById(verdict.gate)?.phase ?? phase) || HOLDS.includes(verdict.verdict))
}

/** The intent that asks for evidence of this phase, head, these inputs and this many wishes for it. */
export function evidenceKey(draft: Draft, full: FullFacts, phase: Phase): string {
  return draft.key(`evidence/${phase}/${draft.head.slice(0, 12)}/${digestOf(full.inputs).slice(0, 12)}/${timesOf(draft.data, phase)}`)
}

/** Is a run on its way that may still bring evidence of this phase for these inputs? One that waits for the phases before it is. */
export function evidenceRunning(draft: Draft, full: FullFacts, phase: Phase): boolean {
  const key = evidenceKey(draft, full, phase)
  const row = draft.row(key)
  if (row === undefined)
    return draft.intents.some((intent) => intent.key === key) || PhaseNeeds[phase].some((needed) => evidenceRunning(draft, full, needed))
  if (row.state === 'failed') return false
  const run = row.outcome?.id == null ? undefined : full.runs.get(row.outcome.id)
  return run?.status !== 'completed'
}
