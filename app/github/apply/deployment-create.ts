import { Deployment, parsed } from '../answers.ts'
import { GitHubError } from '../error.ts'
import { DEPLOYMENT_DESCRIPTION, fitLine } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { Handler } from './effect.ts'

/** One deployment of an exact commit. Never merges, never asks GitHub's own contexts: our gates decide (trap T50). */
export const deploymentCreate: Handler<'deployment.create'> = {
  async perform({ client }, repository, effect) {
    const path = `${repositoryPath(repository)}/deployments`
    const body = {
      ref: effect.sha,
      task: effect.task,
      environment: effect.environment,
      description: fitLine(effect.description, DEPLOYMENT_DESCRIPTION),
      payload: { ...effect.payload, key: effect.key },
      auto_merge: false,
      required_contexts: [],
    }
    const answer = await client.call(repository, { method: 'POST', path, permissions: { deployments: 'write' }, body })
    if (answer.status !== 201)
      throw new GitHubError(
        'refused',
        `GitHub answered ${answer.status} and made no deployment of ${effect.sha}. Look at the branch: it may have been merged into.`,
        {
          status: answer.status,
        },
      )
    const deployment = parsed(Deployment, answer.data, path)
    if (deployment.sha !== effect.sha) throw new GitHubError('malformed', `GitHub made a deployment of ${deployment.sha}, not of ${effect.sha}.`)
    return { id: deployment.id, url: deployment.url }
  },

  async find({ client }, repository, effect) {
    const deployments = await listAll(client, repository, {
      path: `${repositoryPath(repository)}/deployments`,
      permissions: { deployments: 'read' },
      query: { sha: effect.sha, environment: effect.environment },
      item: Deployment,
    })
    const ours = deployments.filter((deployment) => deployment.sha === effect.sha && keyIn(deployment.payload) === effect.key)
    const first = ours.reduce<(typeof ours)[number] | null>((least, one) => (least === null || one.id < least.id ? one : least), null)
    return first === null ? null : { id: first.id, url: first.url }
  },
}

/** GitHub gives the payload back as an object, or as the text it was sent as. */
function keyIn(payload: Readonly<Record<string, unknown>> | string): unknown {
  if (typeof payload !== 'string') return payload['key']
  try {
    const value: unknown = JSON.parse(payload)
    return typeof value === 'object' && value !== null && 'key' in value ? value.key : undefined
  } catch {
    return undefined
  }
}
