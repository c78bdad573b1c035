/**
 * Feature flags that follow the canary: each has the percent of the step, and what it had before once everything goes home. Each is a router of the
 * operator's, so what is set is observed before it is believed. The traffic itself waits for no flag, in neither direction; to advance and to be rolled
 * back does. Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Rollout } from '../release/state.ts'

/** Wants each flag at the step's percent, once it is known what it had. @returns why the step must wait; null: all follow */
export function rampFlags(draft: Draft, rollout: Rollout): string | null {
  const late = rollout.policy.flags.filter((flag) => {
    const had = draft.ensure({ kind: 'weight.read', key: hadKey(draft, rollout, flag), environment: rollout.environment, router: flag })
    return had === null || set(draft, rollout, flag, flagKey(draft, rollout, flag, String(rollout.step)), rollout.step) === null
  })
  return late.length === 0 ? null : `${late.join(', ')} ${late.length === 1 ? 'is' : 'are'} not seen to follow to ${rollout.step} % yet.`
}

/** Wants each flag as it was. @returns those not seen to be so yet, in words; of one that was never read, nothing was changed */
export function restoreFlags(draft: Draft, rollout: Rollout): readonly string[] {
  return rollout.policy.flags.flatMap((flag) => {
    const had = hadBefore(draft, rollout, flag)
    const done = had === null || set(draft, rollout, flag, flagKey(draft, rollout, flag, 'restore'), had, true) !== null
    return done ? [] : [`the flag ${flag} is not back at ${had} % yet`]
  })
}

/** Says it once more, for the same reason as the traffic's stay-home confirmation. */
export function restoreOnceMore(draft: Draft, rollout: Rollout): void {
  for (const flag of rollout.policy.flags) {
    const had = hadBefore(draft, rollout, flag)
    if (had !== null) set(draft, rollout, flag, flagKey(draft, rollout, flag, 'stay-home'), had, true)
  }
}

/** Percent that a flag had when the rollout began; null: it was not read, so it was not changed either. */
export function hadBefore(draft: Draft, rollout: Rollout, flag: string): number | null {
  const percent = draft.outcome(hadKey(draft, rollout, flag))?.data?.['percent']
  return typeof percent === 'number' ? percent : null
}

function hadKey(draft: Draft, rollout: Rollout, flag: string): string {
  return flagKey(draft, rollout, flag, 'before')
}

function flagKey(draft: Draft, { number, environment }: Rollout, flag: string, what: string): string {
  return draft.key(`rollout/${number}/${environment}/flag/${flag}/${what}`)
}

function set(draft: Draft, { environment }: Rollout, router: string, key: string, percent: number, home = false): object | null {
  return draft.ensure({ kind: 'weight.set', key, environment, router, percent, ...(home && { home }) })
}
