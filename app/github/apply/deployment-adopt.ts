import { z } from 'zod'
import { AdoptedDeployment, LinkedStatus, parsed } from '../answers.ts'
import { isGitHubError } from '../error.ts'
import { repositoryPath } from '../octokit.ts'
import type { Client } from '../octokit.ts'
import type { Repository } from '../../release/ports.ts'
import type { EffectOf, Handler } from './effect.ts'

/** Newest deployments of the environment that are looked at when nobody told which one is the job's. */
const MOST = 10

type Adopted = z.infer<typeof AdoptedDeployment>

/**
 * Takes the deployment that GitHub made for a job at our protected environment as the step's own, so that there is no second (trap T51). Reads only: what
 * it answers is kept as the outcome. Without a number it is the newest whose statuses link to that run, as those that GitHub writes for a job do.
 */
export const deploymentAdopt: Handler<'deployment.adopt'> = {
  async perform({ client }, repository, effect) {
    const found = effect.deployment === null ? await linked(client, repository, effect) : await told(client, repository, effect.deployment)
    return found === null || found.environment !== effect.environment ? { id: null } : { id: found.id, url: found.url, data: { sha: found.sha } }
  },

  find: async () => null,
}

async function told(client: Client, repository: Repository, id: number): Promise<Adopted | null> {
  const path = `${repositoryPath(repository)}/deployments/${id}`
  try {
    const answer = await client.call(repository, { method: 'GET', path, permissions: { deployments: 'read' } })
    return parsed(AdoptedDeployment, answer.data, path)
  } catch (error) {
    if (isGitHubError(error, 'not-found')) return null
    throw error
  }
}

async function linked(client: Client, repository: Repository, { environment, run }: EffectOf<'deployment.adopt'>): Promise<Adopted | null> {
  const root = `${repositoryPath(repository)}/deployments`
  const read = async (path: string, query: Readonly<Record<string, string | number>>): Promise<unknown> =>
    (await client.call(repository, { method: 'GET', path, permissions: { deployments: 'read' }, query })).data
  const newest = parsed(z.array(AdoptedDeployment), await read(root, { environment, per_page: MOST }), root)
  for (const deployment of newest) {
    const path = `${root}/${deployment.id}/statuses`
    const statuses = parsed(z.array(LinkedStatus), await read(path, { per_page: 100 }), path)
    if (statuses.some((status) => isOf(run, status.log_url) || isOf(run, status.target_url))) return deployment
  }
  return null
}

/** `https://github.com/acme/shop/actions/runs/9/job/31` */
function isOf(run: number, address: string | null | undefined): boolean {
  return /\/actions\/runs\/(\d+)(?:$|[/?#])/.exec(address ?? '')?.[1] === String(run)
}
