/** Branches as they are now, and new ones. */
import type { Repository } from '../../release/ports.ts'
import { GitRef, parsed } from '../answers.ts'
import { isGitHubError } from '../error.ts'
import { repositoryPath, type Client } from '../octokit.ts'

/** The commit a branch is at; null: there is no such branch. @throws GitHubError */
export async function headOf(client: Client, repository: Repository, branch: string): Promise<string | null> {
  const path = `${repositoryPath(repository)}/git/ref/heads/${branch.split('/').map(encodeURIComponent).join('/')}`
  try {
    return parsed(GitRef, (await client.call(repository, { method: 'GET', path, permissions: { contents: 'read' } })).data, path).object.sha
  } catch (error) {
    if (isGitHubError(error, 'not-found')) return null
    throw error
  }
}

/** @throws GitHubError `refused` when it is there, or a rule keeps it from being made */
export async function createBranch(client: Client, repository: Repository, branch: string, sha: string): Promise<void> {
  const path = `${repositoryPath(repository)}/git/refs`
  await client.call(repository, { method: 'POST', path, permissions: { contents: 'write' }, body: { ref: `refs/heads/${branch}`, sha } })
}
