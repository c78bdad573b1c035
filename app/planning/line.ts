/** Where a release goes: the first branch of the config, or, for a version below the newest, the branch that keeps its line alive. Pure. */
import compare from 'semver/functions/compare.js'
import parse from 'semver/functions/parse.js'
import { matches } from './pattern.ts'
import { before, isFinal, isOlderLine, versionsIn } from './version.ts'

export interface Base {
  readonly branch: string
  /** A hotfix of what is out: the version before it on its line, from whose tag the branch is made when it is not there. */
  readonly line: string | null
  readonly exists: boolean
}

export interface NoBase {
  readonly code: 'no-line' | 'no-base'
  readonly message: string
  readonly next: string
}

/**
 * @param patterns `release.base`, in its order
 * @param branches names that exist
 * @returns for v2.4.1, when v3.0.0 is out, with `release-lines/*`: `release-lines/2.4`, or `2.4.x`, `2.x`, `2` (each with or without `v`) where one is there
 */
export function baseFor(
  version: string,
  of: {
    readonly patterns: readonly string[]
    readonly tags: readonly string[]
    readonly branches: readonly string[]
    readonly preferred: string | null
  },
): Base | NoBase {
  const { patterns, tags, branches, preferred } = of
  if (!isOlderLine(version, tags)) return newestBase(patterns, branches, preferred)
  const at = parse(version)
  const previous = before(version, tags)
  const sameLine = previous === null || at === null ? null : parse(previous)
  if (previous === null || at === null || sameLine?.major !== at.major)
    return {
      code: 'no-line',
      message: `${version} is older than what is out, and no ${at?.major ?? ''}.x was ever released before it.`,
      next: `Ask for a version above ${newestFinal(tags)}, or for the next patch of a line that is out.`,
    }
  const names = namesOf(at.major, at.minor, patterns)
  const found = names.find((name) => branches.includes(name))
  if (found !== undefined) return { branch: found, line: previous, exists: true }
  const [fresh] = names
  if (fresh !== undefined && sameLine.minor !== at.minor)
    return {
      code: 'no-line',
      message: `${version} is a new minor version of an older line, and there is no branch for it.`,
      next: `Make the branch, e.g. ${fresh}, from where it shall begin.`,
    }
  if (fresh === undefined)
    return {
      code: 'no-line',
      message: `${version} is a hotfix of an older line, and the config names no branches for those.`,
      next: 'Add a pattern to `release.base`, e.g. `base: [main, "release-lines/*"]`.',
    }
  return { branch: fresh, line: previous, exists: false }
}

function newestBase(patterns: readonly string[], branches: readonly string[], preferred: string | null): Base | NoBase {
  const fits = preferred !== null && patterns.some((pattern) => matches(pattern, preferred)) ? preferred : null
  const branch = fits ?? patterns.find((pattern) => !pattern.includes('*') && branches.includes(pattern))
  if (branch !== undefined) return { branch, line: null, exists: true }
  return {
    code: 'no-base',
    message: `No branch of \`release.base\` (${patterns.join(', ')}) exists.`,
    next: 'Name the branch that releases go to in `release.base`.',
  }
}

/** The name a new line gets stands first. */
function namesOf(major: number, minor: number, patterns: readonly string[]): readonly string[] {
  const stars = patterns.filter((pattern) => pattern.split('*').length === 2)
  const versions = [`${major}.${minor}`, `${major}.${minor}.x`, `${major}.x`, `${major}`]
  return stars.flatMap((pattern) => versions.flatMap((name) => [name, `v${name}`].map((each) => pattern.replace('*', each))))
}

function newestFinal(tags: readonly string[]): string {
  return versionsIn(tags).filter(isFinal).toSorted(compare).at(-1) ?? ''
}
