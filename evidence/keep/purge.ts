/**
 * When a pack may go: its time is over, nobody holds it, one person asked and two others said yes, each with their own key. The same questions are
 * asked again at every step, of the log as it is then.
 */
import { milliseconds, timestamp } from '../model/primitives.ts'
import type { Actor } from './acts.ts'
import { KeepError } from './error.ts'
import { gone } from './hold.ts'
import type { Kept, KeptPack, PurgeRequest } from './state.ts'

/** People besides the one who asked. */
export const APPROVERS = 2
/** A request that is older says nothing about today. */
export const REQUEST_LASTS = milliseconds('30d')

/** Names are compared as people read them. */
export function samePerson(one: Actor, other: Actor): boolean {
  return one.name.normalize('NFKC').toLowerCase() === other.name.normalize('NFKC').toLowerCase()
}

/** Because of the policy alone. @param now epoch milliseconds */
export function whyKept(pack: KeptPack, now: number): KeepError | null {
  const over = gone(pack)
  if (over !== null) return over
  const hold = pack.holds[0]
  if (hold !== undefined) return new KeepError('held', `held since ${hold.at} by ${hold.by.name}: ${hold.reason}`)
  if (!(Date.parse(pack.until) <= now)) return new KeepError('early', `kept until ${pack.until}`)
  return null
}

export function whyNotRequest(pack: KeptPack, now: number): KeepError | null {
  const kept = whyKept(pack, now)
  if (kept !== null) return kept
  return pack.request !== null && !isStale(pack.request, now)
    ? new KeepError('requested', `${pack.request.by.name} asked for it at ${pack.request.at}; it waits for approvals`)
    : null
}

export function whyNotApprove(pack: KeptPack, by: Actor, now: number): KeepError | null {
  const kept = whyKept(pack, now)
  if (kept !== null) return kept
  const request = openRequest(pack, now)
  if (request instanceof KeepError) return request
  if (by.how !== 'key') return new KeepError('unsigned', 'an approval counts only when it is signed with the key of a named person')
  if (samePerson(request.by, by)) return new KeepError('own-request', `${by.name} asked for this purge and cannot approve it`)
  if (request.approvals.some((approval) => samePerson(approval.by, by))) return new KeepError('same-person', `${by.name} approved it already`)
  return null
}

/** The last question, asked in the same breath as the intent is recorded. */
export function whyNotStart(pack: KeptPack, now: number): KeepError | null {
  const kept = whyKept(pack, now)
  if (kept !== null) return kept
  const request = openRequest(pack, now)
  if (request instanceof KeepError) return request
  const people = distinct(request)
  return people.length >= APPROVERS
    ? null
    : new KeepError('too-few-approvers', `${people.length} of ${APPROVERS} people approved; ${request.by.name}, who asked, does not count`)
}

/** Approvals that count: signed, of different people, none of the one who asked. */
export function distinct(request: PurgeRequest): PurgeRequest['approvals'] {
  return request.approvals.filter(
    (approval, at) =>
      approval.by.how === 'key' &&
      !samePerson(approval.by, request.by) &&
      request.approvals.findIndex((other) => samePerson(other.by, approval.by)) === at,
  )
}

export function openRequest(pack: KeptPack, now: number): PurgeRequest | KeepError {
  if (pack.request === null) return new KeepError('no-request', 'nobody asked for this purge')
  if (isStale(pack.request, now))
    return new KeepError(
      'stale-request',
      `it was asked for at ${pack.request.at}, more than ${REQUEST_LASTS / milliseconds('1d')} days ago; ask again`,
    )
  return pack.request
}

function isStale(request: PurgeRequest, now: number): boolean {
  return !(now - Date.parse(request.at) <= REQUEST_LASTS)
}

export interface PurgePlan {
  readonly at: string
  /** Time over, not held: may be asked for, approved or run. */
  readonly due: readonly { readonly pack: KeptPack; readonly next: 'request' | 'approve' | 'run' | 'resume' }[]
  readonly kept: readonly { readonly pack: KeptPack; readonly why: KeepError }[]
}

export function purgePlan(packs: Kept, now: number): PurgePlan {
  const due: PurgePlan['due'][number][] = []
  const kept: PurgePlan['kept'][number][] = []
  for (const pack of packs.values()) {
    const why = whyKept(pack, now)
    if (why?.code === 'purging') due.push({ pack, next: 'resume' })
    else if (why !== null) kept.push({ pack, why })
    else if (openRequest(pack, now) instanceof KeepError) due.push({ pack, next: 'request' })
    else due.push({ pack, next: whyNotStart(pack, now) === null ? 'run' : 'approve' })
  }
  return { at: timestamp(now), due, kept }
}
