/**
 * Which releases are looked at when something happened in their repository that names none of them. One that ended rests: what still moves it names it,
 * or leaves something open. Pure.
 */
import { openHotfixes } from './debt.ts'
import { openGlass } from './glass.ts'
import type { ReleaseRecord } from './ports.ts'
import { dataOf, FINAL, type ReleaseData } from './state.ts'

export interface Happened {
  readonly now: number
  /** The sweep came, or a person asked for checks to run again: nothing else tells an ended release. */
  readonly isForAll: 'sweep' | 'rerun' | null
  /** Releases with an effect that has no outcome yet. */
  readonly unfinished: ReadonlySet<string>
  /** Releases whose run is meant. */
  readonly named: ReadonlySet<string>
  /** When the sweep last looked at an ended one, by its key. */
  readonly swept: ReadonlyMap<string, number>
}

/** For so long after its end the sweep still looks, and so often. */
const AFTER_END_MS = 3 * 24 * 3_600_000
const AGAIN_MS = 3_600_000

export function isEnded({ state }: Pick<ReleaseRecord, 'state'>): boolean {
  return FINAL.includes(state)
}

export function isLookedAt(release: ReleaseRecord, { now, isForAll, unfinished, named, swept }: Happened): boolean {
  if (!isEnded(release)) return true
  if (release.state === 'closed' || release.state === 'abandoned') return false
  const { key, dueAt } = release
  const data = dataOf(release)
  if (named.has(key) || unfinished.has(key) || dueAt !== null || owes(release, data) || data.rollout?.refused !== undefined) return true
  if (isForAll === null || now - endOf(data) > AFTER_END_MS) return false
  return isForAll === 'rerun' || now - (swept.get(key) ?? -Infinity) >= AGAIN_MS
}

/** A later release may bring what it owes. */
function owes({ state }: ReleaseRecord, data: ReleaseData): boolean {
  return openGlass(data).length > 0 || (state === 'ga' && openHotfixes(data.waivers).length > 0)
}

/** As far as its last rollout tells. */
function endOf({ rollout, headSince }: ReleaseData): number {
  return Math.max(headSince, rollout?.since ?? 0, rollout?.shiftedAt ?? 0, ...(rollout?.judged ?? []).map(({ at }) => at))
}
