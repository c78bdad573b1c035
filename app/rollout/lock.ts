/**
 * One rollout at a time has an environment to itself: from its approval until its last step baked, or until everything it moved is home for good.
 * A rollback waits for no lock. A release that goes back after it served everyone takes the environment from whoever has it by then: that canary is
 * compared with the very version that goes back, so it goes back as well. Pure.
 */
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { EnvironmentLock, LockChange } from '../release/ports.ts'
import { dataOf, type Rollout } from '../release/state.ts'
import { stayHomeKey } from './withdraw.ts'

/** The lock that another release has on it; null: none, or it was not asked. */
export function lockedBy(draft: Draft, { locks }: Pick<Facts, 'locks'>, environment: string): EnvironmentLock | null {
  return locks?.find((lock) => lock.environment === environment && lock.release !== draft.before.key) ?? null
}

export function sayLock({ environment, version, doing, since }: EnvironmentLock): string {
  return `environment ${environment} is locked by ${version}${doing === undefined ? '' : ` (${doing})`}, since ${timestamp(since)}`
}

/** Why a rollout must go back whose environment is another's now. */
export function lostTo(other: EnvironmentLock): { readonly code: string; readonly sentence: string } {
  return { code: 'locked', sentence: `Roll back: ${sayLock(other)}, and that release goes back from everyone.` }
}

/** What becomes of the lock with this change; null: nothing, and the change does not rest on it. */
export function lockChange(draft: Draft, facts: Facts): LockChange | null {
  const { rollout } = draft.data
  if (rollout === null || facts.locks === undefined) return null
  const { environment, number } = rollout
  const own = facts.locks.find((lock) => lock.environment === environment && lock.release === draft.before.key)
  if (!occupies(draft, rollout)) return own === undefined ? null : told(draft, { kind: 'free', environment, fence: own.fence })
  if (own !== undefined) return { kind: 'keep', environment, fence: own.fence }
  const other = lockedBy(draft, facts, environment)
  if (other === null) return told(draft, { kind: 'take', environment, rollout: number, since: facts.now })
  const goesBackFromAll = rollout.stage === 'withdrawing' && dataOf(draft.before).rollout?.stage === 'done'
  return goesBackFromAll ? told(draft, { kind: 'seize', environment, rollout: number, since: facts.now }, other) : null
}

function told(draft: Draft, lock: LockChange, from?: EnvironmentLock): LockChange {
  draft.note(`lock.${lock.kind}`, { environment: lock.environment, ...(from !== undefined && { from: from.version }) })
  return lock
}

/** Until weight 0 was said for the last time: a late word of it would take the traffic of the next canary. What has no way back leaves it to whoever rolls forward. */
function occupies(draft: Draft, rollout: Rollout): boolean {
  if (rollout.rehearsal !== undefined) return true
  if (rollout.stage === 'done' || rollout.stage === 'left' || rollout.refused !== undefined) return false
  return rollout.stage !== 'withdrawn' || draft.outcome(stayHomeKey(draft, rollout)) === null
}
