/**
 * The rules of a base branch -> what is wrong with them for a release. Pure; `doctor` says it to a person, the agent to a gate. A check that anybody may
 * write, that an admin passes by, or that is only evaluated holds nothing (traps T1, T18, T21); a bypass list that may not be seen is indeterminate and
 * never well.
 */
import type { BranchRule, Bypass } from '../collect/inputs.ci.ts'

export interface Watched {
  readonly base: string
  /** The App that must be the source; null: nobody said which. */
  readonly app: number | null
  /** Name of the check that must be required. */
  readonly context: string
  /** Active rules of every level. */
  readonly rules: readonly BranchRule[]
  readonly bypasses: readonly Bypass[]
  /** Of the repository. */
  readonly mergeMethods: readonly string[]
}

export interface Look {
  readonly what: 'required check' | 'bypass' | 'direct pushes' | 'merge methods' | 'merge queue'
  /** `indeterminate`: it was asked for, and what came back does not tell. */
  readonly state: 'ok' | 'warning' | 'wrong' | 'indeterminate'
  readonly says: string
}

export function branchLooks(of: Watched): readonly Look[] {
  return [required(of), bypass(of), pullRequests(of), methods(of), ...queue(of)]
}

function required({ rules, context, app }: Watched): Look {
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

function bypass({ bypasses }: Watched): Look {
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

function pullRequests({ rules, base }: Watched): Look {
  const has = rules.some(({ type }) => type === 'pull_request' || type === 'merge_queue')
  return has
    ? { what: 'direct pushes', state: 'ok', says: `${base} changes by pull request only` }
    : { what: 'direct pushes', state: 'wrong', says: `whoever may write can push to ${base} and pass every check by. Require a pull request` }
}

function methods({ rules, mergeMethods }: Watched): Look {
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

function queue({ rules }: Watched): readonly Look[] {
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

/** The ruleset that a release needs, as GitHub's API takes it. @param app the App that must report the check */
export function rulesetOf({ base, context }: Pick<Watched, 'base' | 'context'>, app: number): object {
  return {
    name: `release-conductor (${base})`,
    target: 'branch',
    enforcement: 'active',
    bypass_actors: [],
    conditions: { ref_name: { include: [`refs/heads/${base}`], exclude: [] } },
    rules: [
      { type: 'deletion' },
      { type: 'non_fast_forward' },
      {
        type: 'pull_request',
        parameters: {
          allowed_merge_methods: ['merge'],
          required_approving_review_count: 0,
          dismiss_stale_reviews_on_push: false,
          require_code_owner_review: false,
          require_last_push_approval: false,
          required_review_thread_resolution: false,
        },
      },
      {
        type: 'required_status_checks',
        parameters: {
          required_status_checks: [{ context, integration_id: app }],
          strict_required_status_checks_policy: false,
          do_not_enforce_on_create: true,
        },
      },
    ],
  }
}
