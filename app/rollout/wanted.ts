/**
 * Is what a run of ours does still to be done? GitHub lets whoever may write start a run again, weeks later and with the inputs it had, so that a release
 * started it says nothing of now. A run is wanted while its own stage is the present one and has not ended, and while no other release has the environment.
 *
 * One thing is run again on purpose: a deploy run whose version may not go back over the live schema says which schema is live now, and the way back
 * opens. It deploys what is there already.
 *
 * What looks at a release runs on the release's own branch, so it is never let through to an environment.
 *
 * Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Effect, ReleaseRecord } from '../release/ports.ts'
import { dataOf, type Rollout } from '../release/state.ts'
import { lockedBy, sayLock } from './lock.ts'
import { hasNoWayBack } from './refused.ts'

export type Dispatch = Extract<Effect, { kind: 'workflow.dispatch' }>

/** What other releases have to do with it. */
export interface Around extends Pick<Facts, 'locks'> {
  /** Version that served there after this one; null: none, absent: not asked. */
  readonly servedAfter?: string | null
}

/** A run that must not go on, in words. */
export interface Unwanted {
  readonly why: string
  readonly next: string
}

const BY_ITSELF = 'look at its status comment; what is wanted is started by itself.'
const KEEP_FROM_RULE = 'keep agents off environments that hold what deploys; one for them alone does not need the rule.'
const SERVE = 'to serve another version, promote its release; to take this one back, /rollback on its pull request.'

/** null: it is wanted. */
export function unwanted(draft: Draft, effect: Dispatch, environment: string, around: Around): Unwanted | null {
  const { rollout } = draft.data
  const meant = effect.inputs['environment']
  if (meant === undefined)
    return no('this run only looks at the release, on its own branch, where whoever may write chooses what its jobs do', KEEP_FROM_RULE)
  if (meant !== environment) return no(`this run was started for ${meant}, and waits at ${environment}`)
  if (!effect.key.startsWith(draft.key('rollout/'))) return null
  const what = rollout === null ? null : doing(draft, effect, rollout)
  if (rollout === null || what === null) return no(`its rollout of ${draft.before.version} is over`, SERVE)
  return untimely(draft, effect, rollout, what) ?? (what.kind === 'withdraw' ? null : displaced(draft, rollout, what, around))
}

/** Does somebody who holds the release hold this run? What says only which schema is live, and what goes back, goes on. */
export function waitsForPeople(draft: Draft, effect: Dispatch): boolean {
  const { rollout } = draft.data
  const what = rollout === null ? null : doing(draft, effect, rollout)
  return rollout !== null && what?.kind === 'step' && !saysAgain(rollout, what.step)
}

type Doing =
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'hook'; readonly step: number; readonly stage: Rollout['stage'] }
  | { readonly kind: 'rehearsal'; readonly number: number }
  | { readonly kind: 'withdraw' | 'stay-home' | 'restore' | 'golden' }

/** null: it is of another rollout. */
function doing(draft: Draft, { key }: Dispatch, { number, environment }: Rollout): Doing | null {
  const path = draft.key(`rollout/${number}/${environment}/`)
  if (!key.startsWith(path)) return null
  const rest = key.slice(path.length)
  const step = /^(\d+)\/run$/.exec(rest)?.[1]
  if (step !== undefined) return { kind: 'step', step: Number(step) }
  const [, of, when] = /^(\d+)\/hook\/(pre|post)\/\d+$/.exec(rest) ?? []
  if (of !== undefined) return { kind: 'hook', step: Number(of), stage: when === 'pre' ? 'deploying' : 'baking' }
  const rehearsal = /^rehearsal\/(\d+)\/\d+$/.exec(rest)?.[1]
  if (rehearsal !== undefined) return { kind: 'rehearsal', number: Number(rehearsal) }
  if (rest === 'stay-home') return { kind: 'stay-home' }
  const [, back] = /^(withdraw|restore|golden)\/\d+$/.exec(rest) ?? []
  return back === 'withdraw' || back === 'restore' || back === 'golden' ? { kind: back } : null
}

/** Its stage is not the present one, or it is done. */
function untimely(draft: Draft, { key }: Dispatch, rollout: Rollout, what: Doing): Unwanted | null {
  const { version } = draft.before
  const { stage, environment, passed } = rollout
  const isOver = passed.includes(key) ? no('what it looks at is green already') : null
  switch (what.kind) {
    case 'step':
      return saysAgain(rollout, what.step) ? null : unwantedStep(draft, rollout, what.step)
    case 'hook':
      return isOver ?? (stage === what.stage && what.step === rollout.step ? null : no(`nothing waits for this hook of the ${what.step} % step now`))
    case 'rehearsal':
      return isOver ?? (rollout.rehearsal?.number === what.number ? null : no(`that rehearsal of ${environment} is over`))
    case 'withdraw':
      if (stage === 'withdrawn') return no(`all traffic of ${environment} is back already`)
      return stage === 'withdrawing' ? null : no(`nothing takes ${version} back from ${environment} now`, SERVE)
    case 'stay-home':
      return stage === 'withdrawn' ? null : no(`nothing takes ${version} back from ${environment} now`, SERVE)
    case 'restore':
      if (rollout.restored !== undefined) return no(`${rollout.before?.version ?? 'the version before'} is deployed again already`, SERVE)
      return stage === 'withdrawn' ? null : no(`nothing takes ${version} back from ${environment} now`, SERVE)
    case 'golden':
      return isOver ?? (stage === 'withdrawn' ? null : no(`nothing takes ${version} back from ${environment} now`, SERVE))
  }
}

function unwantedStep(draft: Draft, rollout: Rollout, step: number): Unwanted | null {
  const { version } = draft.before
  const { stage, environment } = rollout
  if (stage === 'withdrawing' || stage === 'withdrawn') return no(`${version} goes back from ${environment}, or went`)
  if (stage === 'left') return no(`a later release has ${environment} now`, SERVE)
  if (stage === 'done') return no(`the rollout of ${version} to ${environment} has ended; what it deployed is not deployed once more`, SERVE)
  if (step !== rollout.step) return no(`the rollout is at ${rollout.step} % of ${environment}`)
  return stage === 'deploying' ? null : no(`${version} is deployed for ${step} % of ${environment} already`)
}

/** The run that deployed what serves now, of a version whose way back the live schema forbids. Once everyone is served only when it was to go back. */
function saysAgain(rollout: Rollout, step: number): boolean {
  const { stage, refused, moved } = rollout
  switch (stage) {
    case 'deploying':
      return hasNoWayBack(rollout) && moved.at(-1)?.step === step
    case 'shifting':
    case 'baking':
    case 'waiting':
      return hasNoWayBack(rollout) && step === rollout.step
    case 'done':
      return refused !== undefined && step === rollout.step
    default:
      return false
  }
}

function displaced(draft: Draft, { environment }: Rollout, { kind }: Doing, around: Around): Unwanted | null {
  // What serves everyone meanwhile is brought back beside the canary of a release that rolls forward.
  const isGoingBack = draft.state === 'rolling_back' && (kind === 'restore' || kind === 'golden')
  const lock = isGoingBack ? null : lockedBy(draft, around, environment)
  if (lock !== null) return no(sayLock(lock), 'wait until that rollout has ended, and look at its status comment.')
  return around.servedAfter == null ? null : no(`${around.servedAfter} has served ${environment} since`, SERVE)
}

/** Version of another release that served the environment of this rollout after it and was not taken back; null: none. */
export function servedAfter(record: ReleaseRecord, releases: readonly ReleaseRecord[]): string | null {
  const { rollout } = dataOf(record)
  if (rollout === null) return null
  for (const other of releases) {
    if (other.key === record.key) continue
    const data = dataOf(other)
    const all = data.rollout === null ? data.ended : [...data.ended, data.rollout]
    if (all.some((one) => one.environment === rollout.environment && STAYS.has(one.stage) && movedAt(one) > movedAt(rollout))) return other.version
  }
  return null
}

const STAYS: ReadonlySet<Rollout['stage']> = new Set(['shifting', 'baking', 'waiting', 'done', 'left'])

function movedAt({ moved, since }: Rollout): number {
  return moved.at(-1)?.at ?? since
}

function no(why: string, next = BY_ITSELF): Unwanted {
  return { why, next }
}
