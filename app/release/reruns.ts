/** Wishes to look again: what a gate, a phase or all of them mean, how often each phase was asked, and until when its evidence may come. Pure. */
import { Phase } from '../../evidence/model/phases.ts'
import type { Gate } from '../../gates/gate.ts'
import { gateById } from '../../gates/index.ts'
import type { RerunTarget } from '../commands/command.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts, Settings } from './facts.ts'
import type { ReleaseData } from './state.ts'

/** Its runs bring the receipts of the gate over gates, too. */
const FIRST: Phase = 'P0'

/** Whose agents feed this gate. */
export function feederOf(gate: Pick<Gate, 'phase' | 'readsVerdicts'>): Phase {
  return gate.readsVerdicts === true ? FIRST : gate.phase
}

/** Phases with a gate that reads evidence, unless each of them is declared to have no object. */
export function phasesOf({ verdicts }: Pick<FullFacts, 'verdicts'>): readonly Phase[] {
  return Phase.options.filter((phase) =>
    verdicts.some((verdict) => {
      const gate = gateById(verdict.gate)
      return gate?.phase === phase && gate.reads.length > 0 && verdict.verdict !== 'not_applicable'
    }),
  )
}

/** Which phases start again for it; none when no agent looks for that. The gate over gates is fed by all of them. */
export function phasesFor(target: RerunTarget, full: Pick<FullFacts, 'verdicts'>): readonly Phase[] {
  const all = phasesOf(full)
  if (target === 'all') return all
  if ('phase' in target) return all.filter((phase) => phase === target.phase)
  const gate = gateById(target.gate)
  return gate?.readsVerdicts === true ? all : all.filter((phase) => phase === gate?.phase)
}

export function lookAgain(draft: Draft, phases: readonly Phase[], now: number): void {
  for (const phase of new Set(phases)) draft.data.reruns[phase] = { times: timesOf(draft.data, phase) + 1, at: now }
}

export function timesOf({ reruns }: Pick<ReleaseData, 'reruns'>, phase: Phase): number {
  return reruns[phase]?.times ?? 0
}

/** Epoch milliseconds; a wish gives the time again. */
export function deadlineOf({ headSince, reruns }: Pick<ReleaseData, 'headSince' | 'reruns'>, phase: Phase, settings: Settings): number {
  return Math.max(headSince, reruns[phase]?.at ?? 0) + settings.evidenceDeadlineMs
}

export interface Attempt {
  readonly key: string
  /** Of the run; null: not known yet. */
  readonly url: string | null
}

/** Runs of this phase on this head so far, oldest first. */
export function attemptsOf(draft: Draft, { outbox }: Pick<Facts, 'outbox'>, phase: Phase): readonly Attempt[] {
  const path = draft.key(`evidence/${phase}/${draft.head.slice(0, 12)}/`)
  return [...outbox.values()].flatMap(({ key, effect, outcome }) =>
    effect.kind === 'workflow.dispatch' && key.startsWith(path) ? { key, url: outcome?.url ?? null } : [],
  )
}
