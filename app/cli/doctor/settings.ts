/**
 * GitHub's settings of a repository -> what is wrong with them for a release. Pure. A check that anybody may write, that an admin passes by, or that is
 * only evaluated holds nothing (traps T1, T18, T21); a bypass list that may not be seen is indeterminate and never well.
 */
import type { Finding } from './finding.ts'

export interface RuleOfBranch {
  readonly type: string
  readonly ruleset: { readonly id: number; readonly name: string }
  readonly requiredChecks: readonly { readonly context: string; readonly app: number | null }[]
  /** Of a pull-request rule or a merge queue, lower case; null: GitHub's default, all of them. */
  readonly mergeMethods: readonly string[] | null
  /** Of a merge queue. */
  readonly grouping: string | null
}

export interface Bypass {
  readonly ruleset: string
  /** null: the token may not see them. */
  readonly actors: readonly { readonly who: string; readonly mode: string }[] | null
}

export interface MergedRelease {
  readonly number: number
  readonly head: string
  /** Of the newest run of the required check by the App on that head; null: there is none. */
  readonly conclusion: string | null
}

export interface Settings {
  readonly base: string
  /** The App that must be the source; null: nobody said which. */
  readonly app: number | null
  readonly context: string
  /** Active rules of every level. */
  readonly rules: readonly RuleOfBranch[]
  readonly bypasses: readonly Bypass[]
  /** Of the repository. */
  readonly mergeMethods: readonly string[]
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
  return [required(of), bypass(of), pullRequests(of), methods(of), ...queue(of), immutable(of), red(of), protection(of)]
}

function required({ rules, context, app }: Settings): Finding {
  const what = 'required check'
  const named = rules.flatMap(({ requiredChecks }) => requiredChecks).filter((check) => check.context === context)
  if (named.length === 0)
    return {
      what,
      state: 'wrong',
      says: `no active ruleset requires "${context}": a release can be merged while it is red. Run doctor --github --apply with an admin's token`,
    }
  const sources = new Set(named.map((check) => check.app))
  if (sources.has(null) && sources.size === 1)
    return {
      what,
      state: 'wrong',
      says: `"${context}" is required from any source: whoever may write can report it green. Name the App as its source`,
    }
  if (app === null)
    return {
      what,
      state: 'indeterminate',
      says: `"${context}" is required from App ${[...sources].join(', ')}; say with --app or --operator which App is yours`,
    }
  if (!sources.has(app))
    return { what, state: 'wrong', says: `"${context}" is required from App ${[...sources].join(', ')}, and yours is ${app}: it waits for ever` }
  return { what, state: 'ok', says: `"${context}" is required, from App ${app} alone` }
}

function bypass({ bypasses }: Settings): Finding {
  const what = 'bypass'
  if (bypasses.length === 0) return { what, state: 'wrong', says: 'there is no ruleset to pass by' }
  const hidden = bypasses.filter(({ actors }) => actors === null).map(({ ruleset }) => ruleset)
  const open = bypasses.flatMap(({ ruleset, actors }) => (actors ?? []).map(({ who, mode }) => `${who} (${mode}) past ${ruleset}`))
  if (open.length > 0)
    return { what, state: 'warning', says: `${open.join('; ')}: a merge while red is found and called an incident, and is not prevented` }
  if (hidden.length > 0)
    return { what, state: 'indeterminate', says: `who may pass ${hidden.join(', ')} is shown to its admins only; ask with such a token` }
  return { what, state: 'ok', says: 'nobody' }
}

function pullRequests({ rules, base }: Settings): Finding {
  const has = rules.some(({ type }) => type === 'pull_request' || type === 'merge_queue')
  return has
    ? { what: 'direct pushes', state: 'ok', says: `${base} changes by pull request only` }
    : { what: 'direct pushes', state: 'wrong', says: `whoever may write can push to ${base} and pass every check by. Require a pull request` }
}

function methods({ rules, mergeMethods }: Settings): Finding {
  const what = 'merge methods'
  const limits = rules.flatMap(({ mergeMethods: allowed }) => (allowed === null ? [] : [allowed]))
  const left = mergeMethods.filter((method) => limits.every((allowed) => allowed.includes(method)))
  const others = left.filter((method) => method !== 'merge')
  if (!left.includes('merge'))
    return { what, state: 'wrong', says: `merge commits are not allowed, so the proven commit itself cannot come into the base` }
  return others.length === 0
    ? { what, state: 'ok', says: 'merge commits only: the proven commit itself comes into the base' }
    : { what, state: 'warning', says: `${others.join(' and ')} make another commit than the one that was proven; such a release is not promoted` }
}

function queue({ rules }: Settings): readonly Finding[] {
  const queues = rules.filter(({ type }) => type === 'merge_queue')
  if (queues.length === 0) return []
  return queues.some(({ grouping }) => grouping === 'HEADGREEN')
    ? [
        {
          what: 'merge queue',
          state: 'warning',
          says: 'HEADGREEN: a release in the middle of a group is merged without an answer of its own. Use ALLGREEN',
        },
      ]
    : [{ what: 'merge queue', state: 'ok', says: 'ALLGREEN: each commit of a group is answered' }]
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

/** Without it somebody who may start the deploy workflow deploys what nothing proves (trap T55); where the plan knows no such rule, nothing takes its place. */
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
        says: `${open.join(', ')}: whoever may start the deploy workflow deploys by hand. Turn the App's rule on in Settings, Environments; in private repositories that takes GitHub Enterprise`,
      }
}
