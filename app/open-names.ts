/** Which names of the operator's file are everybody's, and how many repositories that is. */
import { installed } from './github/installations.ts'
import { client } from './github/octokit.ts'
import { openToAll } from './limits.ts'
import type { Operator } from './operator.ts'

/** @param asks whether GitHub is asked, as the App, for what it is installed on; else `repositories` is null @throws GitHubError */
export async function openNames(
  { github, named, limits }: Pick<Operator, 'github' | 'named' | 'limits'>,
  asks: boolean,
): Promise<{ readonly names: readonly string[]; readonly repositories: number | null }> {
  const names = openToAll(named, limits)
  if (names.length === 0 || !asks) return { names, repositories: null }
  const { appId, privateKey, apiUrl: baseUrl } = github
  const { repositories } = await installed(client({ appId, privateKey, baseUrl }))
  return { names, repositories: repositories.length }
}
