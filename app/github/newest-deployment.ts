/** What was deployed to an environment last, and what its newest status says. GitHub lists both newest first. */
import { z } from 'zod'
import type { DeploymentFacts, Repository } from '../release/ports.ts'
import { ListedDeployment, ListedStatus, parsed } from './answers.ts'
import { repositoryPath } from './octokit.ts'
import type { Answer, Call } from './octokit.ts'

/** @param get answers null on a 404 @returns null also when GitHub answers with another environment than exactly this one */
export async function newestDeployment(
  get: (path: string, query: Call['query']) => Promise<Answer | null>,
  { repository, environment }: { readonly repository: Repository; readonly environment: string },
): Promise<DeploymentFacts | null> {
  const root = `${repositoryPath(repository)}/deployments`
  const listed = await get(root, { environment, per_page: 1 })
  const [newest] = listed === null ? [] : parsed(z.array(ListedDeployment), listed.data, root)
  if (newest?.environment !== environment) return null
  const path = `${root}/${newest.id}/statuses`
  const answer = await get(path, { per_page: 1 })
  const [status] = answer === null ? [] : parsed(z.array(ListedStatus), answer.data, path)
  return {
    id: newest.id,
    sha: newest.sha,
    ref: newest.ref,
    production: newest.production_environment ?? false,
    status: status === undefined ? null : { state: status.state, description: status.description ?? null, at: status.created_at },
  }
}
