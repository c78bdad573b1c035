/** The steps of a rollout: where what is wanted of each is kept, which comes next, and what may keep it. Pure. */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Rollout } from '../release/state.ts'
import { deadlineOf } from './judged.ts'
import { startRollBack } from './withdraw.ts'

export interface Permission {
  /** Why the rollout may not advance now; null when it may. Never consulted for a rollback. */
  readonly veto: string | null
  /** Why the step that serves everyone may not begin now, when only that must wait. */
  readonly everyone?: string | null
  /** Why no further step may begin now, by the calendar: a step that passed waits then, for as long as it takes, and is watched. */
  readonly closed?: string | null
}

/** What a release is while this rollout runs. */
export function stateOf(rollout: Rollout): 'stage' | 'canary' | 'full' | 'baking' {
  if (!rollout.last) return 'stage'
  if (rollout.step < 100) return 'canary'
  return rollout.shiftedAt === null ? 'full' : 'baking'
}

/** Percent that goes to the new version, as far as the release itself moved it. */
export function weightOf({ stage, shiftedAt, step, steps }: Pick<Rollout, 'stage' | 'shiftedAt' | 'step' | 'steps'>): number {
  if (stage === 'withdrawn') return 0
  return shiftedAt === null ? Math.max(0, ...steps.filter((one) => one < step)) : step
}

/** Epoch milliseconds at which this step goes back unless the judge has let it go on; null: nothing is due. */
export function endOf(rollout: Rollout): number | null {
  return rollout.stage === 'baking' || rollout.stage === 'deploying' ? rollout.since + deadlineOf(rollout) : null
}

/** Where an intent of this step is kept. */
export function stepKey(draft: Draft, rollout: Rollout, what: string): string {
  return draft.key(`rollout/${rollout.number}/${rollout.environment}/${rollout.step}/${what}`)
}

export function following(rollout: Rollout): number | undefined {
  return rollout.steps.find((step) => step > rollout.step)
}

/** Why the rollout may not go to this step now. */
export function vetoOf(rollout: Rollout, step: number | undefined, may: Permission): string | null {
  return may.veto ?? (step === Math.max(...rollout.steps) ? (may.everyone ?? null) : null)
}

/** Past the deadline before traffic moved at this step. */
export function overdue(draft: Draft, facts: Facts, rollout: Rollout, what: string): boolean {
  if (facts.now < rollout.since + deadlineOf(rollout)) return false
  startRollBack(draft, rollout, { code: 'deadline', sentence: `Roll back: ${what} before the deadline of the ${rollout.step} % step.` }, facts.now)
  return true
}
