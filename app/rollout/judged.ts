/** A running step -> what the judge says of it now, and whether its share of the traffic follows. Pure. */
import type { Facts } from '../release/facts.ts'
import type { Judged, Rollout } from '../release/state.ts'
import type { Judgement } from '../../gates/judge/guard.ts'
import { judgementOf } from './judgement.ts'
import { shareHold, type ShareHold } from './share.ts'

/** The judgement of now, and the record of it should it end the step. */
export function look(facts: Facts, rollout: Rollout): Judgement & { readonly judged: Judged } {
  const shifted = rollout.shiftedAt ?? rollout.since
  const startedAt = rollout.startedAt ?? shifted
  const [bakeUntil, deadline] = [shifted + (rollout.policy.bake[rollout.step] ?? 0), rollout.since + deadlineOf(rollout)]
  const { sampleMs } = facts.settings
  const { samples, now } = facts
  const { guard: policy, compare } = rollout.policy
  const comparison = compare ?? null
  const span = { startedAt, shiftedAt: shifted, now, bakeUntil, deadline, sampleMs }
  const answer = judgementOf({ policy, comparison, samples, percent: rollout.step, ...span })
  const { decision, code, sentence, metrics } = answer
  const said = { step: rollout.step, at: facts.now, decision: decision === 'advance' ? ('advance' as const) : ('roll_back' as const), code, sentence }
  const newest = samples.at(-1)
  const seen = newest === undefined ? {} : { seen: newest.at }
  return { ...answer, judged: { ...said, ...seen, metrics: { ...metrics }, startedAt, shiftedAt: shifted, bakeUntil, deadline, sampleMs } }
}

/** Milliseconds the present step may take. */
export function deadlineOf(rollout: Rollout): number {
  return rollout.policy.deadline[rollout.step] ?? 0
}

/** null: nothing to hold for. */
export function shareOf(facts: Facts, rollout: Rollout): ShareHold | null {
  const { step: percent, shiftedAt, since } = rollout
  return shareHold(facts.samples, { percent, shiftedAt: shiftedAt ?? since, now: facts.now, sampleMs: facts.settings.sampleMs })
}
