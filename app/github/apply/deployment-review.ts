import { isGitHubError } from '../error.ts'
import { PROTECTION_COMMENT, fit } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import type { Handler } from './effect.ts'

/**
 * Answers a job that waits at an environment for our rule. GitHub takes one answer, and refuses one that nobody waits for: then there is nothing left to
 * say, because it was said before, or our rule is not on that environment. So an answer that was lost is simply given again.
 */
export const deploymentReview: Handler<'deployment.review'> = {
  async perform({ client }, repository, effect) {
    const path = `${repositoryPath(repository)}/actions/runs/${effect.run}/deployment_protection_rule`
    const body = { environment_name: effect.environment, state: effect.state, comment: fit(effect.comment, PROTECTION_COMMENT) }
    try {
      await client.call(repository, { method: 'POST', path, permissions: { deployments: 'write' }, body })
      return { id: null, data: { heard: 1 } }
    } catch (error) {
      if (isGitHubError(error) && (error.status === 404 || error.status === 422)) return { id: null, data: { heard: 0 } }
      throw error
    }
  },

  find: async () => null,
}
