import type { Repository } from '../../release/ports.ts'
import { GitRef, GitTag, parsed } from '../answers.ts'
import { GitHubError, isGitHubError } from '../error.ts'
import { repositoryPath } from '../octokit.ts'
import type { Client } from '../octokit.ts'
import type { EffectOf, Handler } from './effect.ts'

/** A tag never moves: at the same commit it is done, at another it is an error that a person must look at. */
export const tagCreate: Handler<'tag.create'> = {
  async perform({ client }, repository, effect) {
    const path = `${repositoryPath(repository)}/git/refs`
    const body = { ref: `refs/tags/${effect.tag}`, sha: effect.sha }
    try {
      const answer = await client.call(repository, { method: 'POST', path, permissions: { contents: 'write' }, body })
      parsed(GitRef, answer.data, path)
    } catch (error) {
      // Somebody made it before: the same commit is as good as ours.
      if (!isGitHubError(error, 'refused') || !(await holds(client, repository, effect))) throw error
    }
    return { id: null, data: { sha: effect.sha } }
  },

  async find({ client }, repository, effect) {
    return (await holds(client, repository, effect)) ? { id: null, data: { sha: effect.sha } } : null
  },
}

/** @throws GitHubError `refused` when the tag is at another commit */
async function holds(client: Client, repository: Repository, effect: EffectOf<'tag.create'>): Promise<boolean> {
  const commit = await tagCommit(client, repository, effect.tag)
  if (commit === null) return false
  if (commit === effect.sha) return true
  throw new GitHubError(
    'refused',
    `The tag ${effect.tag} exists at ${commit}, not at ${effect.sha}. A tag never moves: find out who made it, then release another version.`,
  )
}

/** The commit a tag points at, through an annotated tag if need be; null when there is no such tag. */
export async function tagCommit(client: Client, repository: Repository, tag: string): Promise<string | null> {
  const root = repositoryPath(repository)
  const path = `${root}/git/ref/tags/${tag.split('/').map(encodeURIComponent).join('/')}`
  try {
    const answer = await client.call(repository, { method: 'GET', path, permissions: { contents: 'read' } })
    const ref = parsed(GitRef, answer.data, path)
    if (ref.object.type !== 'tag') return ref.object.sha
    const annotated = `${root}/git/tags/${ref.object.sha}`
    return parsed(GitTag, (await client.call(repository, { method: 'GET', path: annotated, permissions: { contents: 'read' } })).data, annotated)
      .object.sha
  } catch (error) {
    if (isGitHubError(error, 'not-found')) return null
    throw error
  }
}
