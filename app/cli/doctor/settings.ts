/**
 * GitHub's settings of a repository -> what is wrong with them for a release. Pure. A check that anybody may write, that an admin passes by, or that is
 * only evaluated holds nothing (traps T1, T18, T21); a bypass list that may not be seen is indeterminate and never well.
 */
import { branchLooks, type Watched } from '../../../agents/platform/cicd-engineer.rules.ts'
import type { Finding } from './finding.ts'

export interface MergedRelease {
  readonly number: number
  readonly head: string
  /** Of the newest run of the required check by the App on that head; null: there is none. */
  readonly conclusion: string | null
}

export interface Settings extends Watched {
  /** null: the token may not see it. */
  readonly immutableReleases: boolean | null
  readonly merged: readonly MergedRelease[]
  /** By name; null: the token may not see them. */
  readonly environments: readonly Protected[] | null
}

/** An environment of GitHub, and the Apps whose deployment protection rule is on. */
export interface Protected {
  readonly name: string
  readonly apps: readonly number[]
}

export function settingsFindings(of: Settings): readonly Finding[] {
  return [...branchLooks(of), immutable(of), red(of), protection(of)]
}

function immutable({ immutableReleases }: Settings): Finding {
  const what = 'immutable releases'
  if (immutableReleases === null)
    return { what, state: 'indeterminate', says: 'the token may not see whether they are on; ask with an admin’s token' }
  return immutableReleases
    ? { what, state: 'ok', says: 'on: a published pack stays what it was' }
    : { what, state: 'warning', says: 'off: a published pack can be replaced on GitHub. Settings, General, Releases, Enable release immutability' }
}

function red({ merged, context }: Settings): Finding {
  const what = 'merged while red'
  if (merged.length === 0) return { what, state: 'not looked at', says: 'no release pull request was merged yet' }
  const wrong = merged.filter(({ conclusion }) => conclusion !== 'success')
  return wrong.length === 0
    ? { what, state: 'ok', says: `none of the last ${merged.length} releases` }
    : {
        what,
        state: 'warning',
        says: wrong
          .map(({ number, head, conclusion }) => `#${number} at ${head.slice(0, 12)}: "${context}" was ${conclusion ?? 'absent'}`)
          .join('; '),
      }
}

/** Without it somebody who may start the deploy workflow deploys what nothing proves (trap T55); where the plan knows no such rule, a job asks (trap T57). */
function protection({ environments, app }: Settings): Finding {
  const what = 'deployment protection'
  if (environments === null)
    return { what, state: 'indeterminate', says: 'the token may not see the environments; ask with one that may read Actions' }
  if (environments.length === 0)
    return {
      what,
      state: 'not looked at',
      says: 'no job names an environment, so whoever may start the deploy workflow deploys by hand. See docs/adopt.md',
    }
  const ours = (one: Protected): boolean => (app === null ? one.apps.length > 0 : one.apps.includes(app))
  const open = environments.filter((one) => !ours(one)).map(({ name }) => name)
  return open.length === 0
    ? { what, state: 'ok', says: `${environments.map(({ name }) => name).join(', ')}: only runs that a release started` }
    : {
        what,
        state: 'warning',
        says: `${open.join(', ')}: whoever may start the deploy workflow deploys by hand. Turn the App's rule on in Settings, Environments; in private repositories that takes GitHub Enterprise, and elsewhere the action protect asks. See docs/adopt.md`,
      }
}
