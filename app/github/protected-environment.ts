/** Whether our deployment protection rule is on an environment. GitHub lists the rules of every App there. */
import { z } from 'zod'
import type { Repository } from '../release/ports.ts'
import { parsed } from './answers.ts'
import { isGitHubError } from './error.ts'
import { repositoryPath } from './octokit.ts'
import type { Client } from './octokit.ts'

const Rules = z.object({
  custom_deployment_protection_rules: z.array(z.object({ enabled: z.boolean(), app: z.object({ id: z.number() }) })).optional(),
})

const REMEMBERED_MS = 60_000
const MOST = 1000

/** A no is good for a minute: an environment that is not there is answered 404, which no ETag makes free. */
export function guards(client: Client, now: () => number = Date.now): (repository: Repository, environment: string) => Promise<boolean> {
  const until = new Map<string, number>()
  return async (repository, environment) => {
    const key = `${repository.id}/${environment}`
    if ((until.get(key) ?? 0) > now()) return false
    const found = await isGuarded(client, { repository, environment })
    until.delete(key)
    if (until.size >= MOST) until.clear()
    if (!found) until.set(key, now() + REMEMBERED_MS)
    return found
  }
}

/** @returns false also where the plan knows no such rules, or nobody made the environment: GitHub answers 404 or 403 then. @throws GitHubError */
export async function isGuarded(
  client: Client,
  { repository, environment }: { readonly repository: Repository; readonly environment: string },
): Promise<boolean> {
  const path = `${repositoryPath(repository)}/environments/${encodeURIComponent(environment)}/deployment_protection_rules`
  try {
    const answer = await client.call(repository, { method: 'GET', path, permissions: { actions: 'read' } })
    const rules = parsed(Rules, answer.data, path).custom_deployment_protection_rules ?? []
    return rules.some(({ enabled, app }) => enabled && app.id === client.appId)
  } catch (error) {
    if (isGitHubError(error, 'not-found') || (isGitHubError(error, 'forbidden') && error.status === 403)) return false
    throw error
  }
}
