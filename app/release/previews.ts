/**
 * Puts a preview of the pull request to sleep, or wakes it: starts the workflow that the config names, once for each command. Everything that could reach
 * another environment is refused first: those of releases, those that are no previews, and previews of somebody else. Pure.
 */
import type { Config } from '../../evidence/model/config.ts'
import { PreviewPolicy } from '../../evidence/model/config/previews.ts'
import { isAsleep, isOfPull, type PreviewAction } from '../../evidence/model/preview.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import type { Command } from '../commands/command.ts'
import { code } from '../github/markdown.ts'
import type { Draft } from './draft.ts'
import type { FullFacts } from './facts.ts'
import type { DeploymentFacts, Effect } from './ports.ts'

export interface PreviewFacts {
  /** null: nothing was ever deployed there. */
  readonly deployment: DeploymentFacts | null
  /** What the last run of ours for it is to do, while it is not over. */
  readonly underWay: PreviewAction | null
}

type Asked = Extract<Command, { name: 'preview' }>

interface Done {
  readonly done: boolean
  readonly answer: string
}

const no = (why: string): Done => ({ done: false, answer: `Nothing was done: ${why}` })

/** What such an intent of ours is to do; null: it is another one. Its run brings no evidence. */
export function previewRun(effect: Effect): { readonly action: PreviewAction; readonly environment: string } | null {
  if (effect.kind !== 'workflow.dispatch' || !/^\d+#\d+\/preview\//.test(effect.key)) return null
  return { action: effect.inputs['action'] === 'sleep' ? 'sleep' : 'wake', environment: effect.inputs['environment'] ?? '' }
}

/** Why no such command may name it, whatever GitHub says of it; null: it may. */
export function unfitEnvironment(config: Config, environment: string): string | null {
  const policy = PreviewPolicy.safeParse(config.gates.preview_budget ?? {})
  if (!policy.success) return 'gates.preview_budget of the config cannot be used; `release-conductor config check` says why.'
  if (Object.keys(config.environments).some((name) => name.toLowerCase() === environment.toLowerCase()))
    return `${code(environment)} is an environment that releases go to, and none of those sleeps.`
  if (isListed(environment, policy.data.environments)) return null
  return `${code(environment)} is no preview: the config names ${policy.data.environments.map(code).join(', ')}.`
}

/** @param of.number names the comment or form that says it: what it wants is wanted once */
export function switchPreview(
  draft: Draft,
  { pull, config }: FullFacts,
  { command, preview, number }: { readonly command: Asked; readonly preview: PreviewFacts | null | undefined; readonly number: string },
): Done {
  const { action, environment } = command
  if (pull.state === 'closed') return no('the pull request is closed, so its previews are taken down and not put to sleep.')
  if (!config.ok) return no('the config cannot be read.')
  const unfit = unfitEnvironment(config.config, environment)
  if (unfit !== null) return no(unfit)
  const { sleep: workflow } = PreviewPolicy.parse(config.config.gates.preview_budget ?? {})
  if (workflow === undefined)
    return no(
      `the config names no workflow for it. Add ${code('sleep: preview-sleep.yml')} under ${code('gates.preview_budget')} on the base branch, and that workflow on the default branch.`,
    )
  if (preview == null) return no(`GitHub could not be asked about ${code(environment)}. Try again in a minute.`)
  const name = code(environment)
  if (preview.deployment === null) return no(`there is no preview ${name}: nothing was ever deployed there.`)
  const { id, production, ref, sha } = preview.deployment
  if (production) return no(`the last deployment to ${name} says that it is production.`)
  if (!isOfPull({ ref, sha }, { ref: pull.head.ref, head: pull.head.sha }))
    return no(`${name} is a preview of ${code(ref.slice(0, 100))}, not of this pull request.`)
  const why = pointless(action, name, preview.deployment, startedNow(draft, environment) ?? preview.underWay)
  if (why !== null) return no(why)
  const key = draft.key(`preview/${number}`)
  draft.ensure({
    kind: 'workflow.dispatch',
    key,
    workflow,
    ref: pull.defaultBranch,
    inputs: { action, environment, deployment: String(id), sha, key },
  })
  const what = action === 'sleep' ? 'puts it to sleep' : 'wakes it'
  return { done: true, answer: `${code(workflow)} is started for ${name} and ${what}; its deployment on GitHub says when that is done.` }
}

/** By an earlier command of this very look. */
function startedNow({ intents }: Draft, environment: string): PreviewAction | null {
  return intents.flatMap((effect) => previewRun(effect) ?? []).findLast((run) => run.environment === environment)?.action ?? null
}

/** Why there is nothing to do, or nothing that could be done; null: there is. */
function pointless(action: PreviewAction, name: string, { status }: DeploymentFacts, underWay: PreviewAction | null): string | null {
  if (underWay !== null) return underWay !== action ? null : `${name} is being ${action === 'sleep' ? 'put to sleep' : 'woken'} already.`
  if (status !== null && isAsleep(status)) return action === 'wake' ? null : `${name} is asleep already, since ${status.at.slice(0, 30)}.`
  switch (status?.state) {
    case 'success':
      return action === 'sleep' ? null : `${name} is awake already.`
    case 'inactive':
      return `${name} was taken down. Deploy it again.`
    case 'failure':
    case 'error':
      return `the last deployment to ${name} failed. Deploy it again.`
    default:
      return `${name} is being deployed; wait until that is over.`
  }
}
