/** Which version a release may have: what its changes demand at the least, and what is out already (Semantic Versioning 2.0.0). Pure. */
import compare from 'semver/functions/compare.js'
import inc from 'semver/functions/inc.js'
import parse from 'semver/functions/parse.js'
import { Version } from '../../evidence/model/primitives.ts'
import type { Change } from './changes.ts'

export type Bump = 'major' | 'minor' | 'patch'

export interface Demand {
  readonly bump: Bump
  /** The least version, `v2.1.0`. */
  readonly next: string
}

const CANDIDATE = /-rc\.\d+$/

/** Versions among tag names. */
export function versionsIn(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => Version.safeParse(tag).success && parse(tag) !== null)
}

/** Released for everyone: no candidate, no preview. */
export function isFinal(version: string): boolean {
  return !version.includes('-')
}

/** The newest final version below this one; null: there is none. */
export function before(version: string, tags: readonly string[]): string | null {
  return newest(versionsIn(tags).filter((tag) => isFinal(tag) && compare(tag, version) < 0))
}

export function newest(versions: readonly string[]): string | null {
  return versions.toSorted(compare).at(-1) ?? null
}

/** A version below one that is out: it belongs to an older line, not to the default base. */
export function isOlderLine(version: string, tags: readonly string[]): boolean {
  const last = newest(versionsIn(tags).filter(isFinal))
  return last !== null && compare(version, last) < 0
}

/** What the changes since `previous` demand. Below 1.0.0 a breaking change asks for a minor version, as SemVer part 4 leaves it open. */
export function demandOf(previous: string, changes: readonly Change[]): Demand {
  const early = (parse(previous)?.major ?? 0) === 0
  const breaks = changes.some(({ breaking }) => breaking !== null)
  const bump = breaks && !early ? 'major' : breaks || changes.some(({ type }) => type === 'feat') ? 'minor' : 'patch'
  return { bump, next: `v${inc(previous, bump) ?? ''}` }
}

/** What the least version of the changes is called for people. */
export function whyDemanded(changes: readonly Change[]): string {
  const [first] = [
    ...counted(
      'breaking change',
      changes.filter(({ breaking }) => breaking !== null),
    ),
    ...counted(
      'feature',
      changes.filter(({ type }) => type === 'feat'),
    ),
    ...counted('change', changes),
  ]
  return first ?? 'no change'
}

export interface Unfit {
  readonly code: 'candidate' | 'exists' | 'too-low'
  readonly message: string
  readonly next: string
}

/** Why this version cannot be had whatever changed; null: it can. @param tags of the repository */
export function taken(version: string, tags: readonly string[]): Unfit | null {
  const final = version.replace(CANDIDATE, '')
  if (final !== version)
    return {
      code: 'candidate',
      message: `${version} is a candidate of ${final}: the App tags candidates by itself.`,
      next: `Ask for ${final}; the first commit on which every gate holds becomes ${final}-rc.1.`,
    }
  if (!tags.includes(version)) return null
  const last = newest(versionsIn(tags).filter(isFinal)) ?? version
  return { code: 'exists', message: `${version} is out already.`, next: `Ask for a later one, such as v${inc(last, 'patch') ?? ''}.` }
}

/** Why the changes do not allow this version; null: they do. @param previous null: the first release */
export function tooLow(version: string, previous: string | null, changes: readonly Change[]): Unfit | null {
  if (previous === null) return null
  const { next } = demandOf(previous, changes)
  // A preview of the demanded version is below it by precedence, and allowed.
  if (compare(version.split('-')[0] ?? version, next) >= 0) return null
  return {
    code: 'too-low',
    message: `${version} is too low: ${whyDemanded(changes)} since ${previous} asks for ${next} at the least.`,
    next: `Ask for ${next}.`,
  }
}

function counted(what: string, of: readonly Change[]): readonly string[] {
  return of.length === 0 ? [] : [`${of.length} ${what}${of.length === 1 ? '' : 's'}`]
}
