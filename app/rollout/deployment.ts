/**
 * GitHub's deployment of a step. Where our rule protects the environment GitHub makes one for the job that waits there, and the App takes that; elsewhere
 * the App makes it before the run. Never both: a second would be a wrong history, and could satisfy a required deployment (trap T51). Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { FullFacts } from '../release/facts.ts'
import type { Effect } from '../release/ports.ts'
import type { Rollout } from '../release/state.ts'

/** Attempts of a run, each of which has a deployment of its own. */
const MOST_ADOPTED = 10

type Step = Pick<Rollout, 'number' | 'environment' | 'step'>

/** Number of the step's deployment; of several attempts the newest. null: there is none, or none yet. */
export function deploymentOf(draft: Draft, of: Step): number | null {
  return keysOf(draft, of).reduce<number | null>((newest, key) => draft.outcome(key)?.id ?? newest, null)
}

/** Does GitHub make it? Decided once for each step: a rule that comes or goes meanwhile changes nothing. */
export function isGitHubs(draft: Draft, rollout: Rollout, full: FullFacts | null): boolean {
  const [first] = keysOf(draft, rollout)
  const kind = first === undefined ? undefined : draft.row(first)?.effect.kind
  if (kind !== undefined) return kind === 'deployment.adopt'
  return draft.row(pathOf(draft, rollout, 'run')) !== undefined || full?.guarded?.has(rollout.environment) === true
}

/**
 * Takes what we are told of; when the run is over and nobody told, what links to it; and when no job of it waited for our rule, makes one after all.
 * @param made what would be made then
 */
export function adopt(
  draft: Draft,
  full: FullFacts,
  of: { readonly rollout: Rollout; readonly run: number; readonly answered: boolean; readonly made: Effect },
): void {
  const { rollout, run, answered, made } = of
  const { environment } = rollout
  const keys = keysOf(draft, rollout)
  const known = keys.flatMap((key) => adoptedBy(draft, key) ?? [])
  const waits = full.waiting.filter((job) => job.run === run && job.environment === environment)
  const fresh = waits.flatMap(({ deployment }) => (deployment === undefined || known.includes(deployment) ? [] : [deployment]))
  const free = keyOf(draft, rollout, keys.length + 1)
  if (fresh[0] !== undefined && keys.length < MOST_ADOPTED)
    draft.ensure({ kind: 'deployment.adopt', key: free, run, environment, deployment: fresh[0] })
  else if (answered && keys.length === 0)
    draft.ensure(waited(draft, run, environment) ? { kind: 'deployment.adopt', key: free, run, environment, deployment: null } : made)
}

export function inProgress(draft: Draft, rollout: Rollout, deployment: number, description: string): void {
  draft.ensure({ kind: 'deployment.status', key: pathOf(draft, rollout, 'in-progress'), deployment, state: 'in_progress', description })
}

/** We saw a job of this run wait there, so GitHub has a deployment of it. Whether our answer was heard says nothing: one that was lost is given again. */
function waited(draft: Draft, run: number, environment: string): boolean {
  return draft.rows().some(({ effect }) => effect.kind === 'deployment.review' && effect.run === run && effect.environment === environment)
}

function adoptedBy(draft: Draft, key: string): number | null {
  const effect = draft.row(key)?.effect
  return effect?.kind === 'deployment.adopt' ? effect.deployment : null
}

function keysOf(draft: Draft, of: Step): readonly string[] {
  const all = Array.from({ length: MOST_ADOPTED }, (_, at) => keyOf(draft, of, at + 1))
  return all.filter((key) => draft.row(key) !== undefined)
}

function keyOf(draft: Draft, of: Step, number: number): string {
  return pathOf(draft, of, number === 1 ? 'deployment' : `deployment/${number}`)
}

function pathOf(draft: Draft, { number, environment, step }: Step, what: string): string {
  return draft.key(`rollout/${number}/${environment}/${step}/${what}`)
}
