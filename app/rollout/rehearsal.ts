/**
 * A way back that is tried out where no customer is: on an environment before the last one, once it serves the new version. The traffic really goes home,
 * the golden paths are really looked at, both are timed from the decision on, and then the traffic returns. Nothing ends by it. Pure.
 */
import { milliseconds, timestamp } from '../../evidence/model/primitives.ts'
import type { Rehearsal } from '../release/before.ts'
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Rollout } from '../release/state.ts'
import { isByWorkflow } from './by-workflow.ts'
import { GREEN_WITHIN_MS, redPaths } from './golden-paths.ts'
import { lockedBy, sayLock } from './lock.ts'

/** Why it cannot be rehearsed now; null: it has begun. */
export function beginRehearsal(draft: Draft, facts: Facts, by: string): string | null {
  const { rollout } = draft.data
  if (rollout === null) return 'no traffic has moved yet, so there is no way back to rehearse.'
  if (rollout.last)
    return `${rollout.environment} is production: the last environment of the config. A way back is rehearsed on one before it, such as a stage.`
  if (draft.state !== 'stage' || rollout.stage !== 'done')
    return `${rollout.environment} does not serve it in full yet; rehearse when it does, and before the next environment begins.`
  if (rollout.rehearsal !== undefined) return 'a rehearsal runs already; it ends by itself.'
  if (isByWorkflow(rollout)) return `the deploy workflow moves the traffic of ${rollout.environment}, and that is not rehearsed yet.`
  const locked = lockedBy(draft, facts, rollout.environment)
  if (locked !== null) return `${sayLock(locked)}.`
  const number = draft.data.rehearsals.length + 1
  rollout.rehearsal = { number, by, at: facts.now, homeAt: null, endedAt: null, failed: null }
  draft.note('rehearsal', { environment: rollout.environment, number, by })
  return null
}

/** One look: home, green, and back to everyone. */
export function rehearse(draft: Draft, facts: Facts, rollout: Rollout): void {
  const { rehearsal } = rollout
  if (rehearsal === undefined) return
  draft.lookAgainAt(facts.now + facts.settings.sampleMs)
  if (rehearsal.endedAt === null) measure(draft, facts, rollout, rehearsal)
  if (rehearsal.endedAt === null || !isSet(draft, rollout, 'return', Math.max(...rollout.steps))) return
  const done: Rehearsal = {
    environment: rollout.environment,
    at: rehearsal.at,
    by: rehearsal.by,
    homeMs: rehearsal.homeAt === null ? null : rehearsal.homeAt - rehearsal.at,
    greenMs: rehearsal.failed === null ? rehearsal.endedAt - rehearsal.at : null,
    failed: rehearsal.failed,
  }
  draft.data.rehearsals.push(done)
  delete rollout.rehearsal
  const { environment, homeMs, greenMs, failed } = done
  draft.note('rehearsed', {
    environment,
    number: rehearsal.number,
    home_ms: homeMs,
    green_ms: greenMs,
    failed,
    commit: draft.head,
    paths: rollout.policy.golden.length,
  })
  draft.data.sentence = `The way back was rehearsed on ${environment}: ${sayTimes(done)}. The traffic is where it was.`
}

function measure(draft: Draft, facts: Facts, rollout: Rollout, rehearsal: NonNullable<Rollout['rehearsal']>): void {
  draft.data.sentence = `The way back is rehearsed on ${rollout.environment}.`
  if (rehearsal.homeAt === null && isSet(draft, rollout, 'home', 0)) rehearsal.homeAt = facts.now
  const red = rehearsal.homeAt === null ? ['the router does not say 0 % yet'] : redPaths(draft, facts, rollout, `rehearsal/${rehearsal.number}`)
  if (red.length === 0) rehearsal.endedAt = facts.now
  else if (facts.now >= rehearsal.at + GREEN_WITHIN_MS) {
    rehearsal.endedAt = facts.now
    rehearsal.failed = `after ${GREEN_WITHIN_MS / 60_000} minutes: ${red.join('; ')}`
  }
}

function isSet(draft: Draft, { environment, number, policy, rehearsal }: Rollout, what: string, percent: number): boolean {
  const key = draft.key(`rollout/${number}/${environment}/rehearsal/${rehearsal?.number ?? 0}/${what}`)
  return draft.ensure({ kind: 'weight.set', key, environment, router: policy.router, percent }) !== null
}

function sayTimes({ homeMs, greenMs, failed }: Rehearsal): string {
  if (failed !== null) return `it failed, ${failed}`
  return `all traffic home in ${seconds(homeMs ?? 0)} s, golden paths green in ${seconds(greenMs ?? 0)} s`
}

function seconds(ms: number): string {
  return (Math.ceil(ms / 100) / 10).toFixed(1)
}

/** A rehearsal with the commit it was made at. */
export interface Rehearsed extends Rehearsal {
  readonly sha: string
}

/** What may be promised of the way back, from what was measured; never a guess. @param within how old a rehearsal may be */
export function promise(last: Rehearsed | null, within: string, now: number): string {
  if (last === null) return 'How long it takes to come back was never rehearsed, so nothing is promised.'
  const when = `${last.environment} on ${timestamp(last.at).slice(0, 10)}, at ${last.sha.slice(0, 12)}`
  if (last.failed !== null) return `The last rehearsal of the way back, on ${when}, failed, ${last.failed}; nothing is promised.`
  if (now - last.at > milliseconds(within)) return `The way back was rehearsed last on ${when}: longer than ${within} ago, so nothing is promised.`
  return `Back within ${seconds(last.greenMs ?? 0)} s, traffic home within ${seconds(last.homeMs ?? 0)} s: rehearsed on ${when}.`
}
