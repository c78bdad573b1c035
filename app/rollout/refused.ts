/**
 * A way back that is refused before anything changes: the version before is known not to run the live schema, so to give it the traffic would make things
 * worse. The release is held, and people are called. Pure.
 */
import type { ReasonCode } from '../../evidence/model/reasons.ts'
import type { Draft } from '../release/draft.ts'
import type { EnvironmentLock } from '../release/ports.ts'
import { isHoldable, type Rollout } from '../release/state.ts'
import { outside } from './way-back.ts'

/** Who holds it then. */
export const MACHINE = 'release-conductor'
const CODE: ReasonCode = 'rollback.schema-outside'

/** The version before is known not to run what is live. */
export function hasNoWayBack({ schema }: Rollout): boolean {
  return schema !== undefined && outside(schema) !== null
}

/** Holds the release where it is; false: nothing forbids the way back. A canary that never had traffic takes none away. */
export function refused(draft: Draft, rollout: Rollout, why: { readonly code: string; readonly sentence: string }, now: number): boolean {
  if (rollout.schema === undefined || (rollout.startedAt === null && rollout.stage !== 'shifting')) return false
  const because = outside(rollout.schema)
  if (because === null) return false
  if (rollout.refused === undefined) {
    rollout.refused = { code: why.code, sentence: why.sentence, because, at: now }
    const { environment, step, schema } = rollout
    draft.note('rollback.refused', { environment, step, code: why.code, reason: why.sentence, because, reason_code: CODE, live: schema.live })
  }
  draft.data.sentence = `Refused, and nothing was changed: ${because}. It was to be taken back: ${why.sentence}`
  if (draft.data.held === null && isHoldable(draft.state)) {
    draft.data.held = { from: draft.state, reason: `${because}; what was to be taken back stays`, owner: MACHINE, at: now, code: CODE }
    draft.move('held', because)
  }
  return true
}

/** A later release has the environment now: it rolls forward from here, and this one touches its traffic no more. */
export function leave(draft: Draft, rollout: Rollout, { version }: EnvironmentLock): void {
  rollout.stage = 'left'
  draft.data.held = null
  draft.data.sentence = `${version} has ${rollout.environment} now, and rolls forward from here.`
  draft.note('left', { environment: rollout.environment, step: rollout.step, to: version })
  draft.move('closed', `${version} rolls forward from here`)
}
