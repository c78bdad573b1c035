import type { z } from 'zod'
import { Comment, parsed } from '../answers.ts'
import { GitHubError } from '../error.ts'
import { LONG_TEXT, fit } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { EffectOf, Handler } from './effect.ts'

/** A comment of ours, written anew when somebody deleted it; found again by the marker at its very beginning and by our App as its author: anybody can write the marker, and we may quote them. */
export const commentWrite: Handler<'comment.write'> = {
  async perform({ client }, repository, effect) {
    const root = repositoryPath(repository)
    const call = { permissions: { issues: 'write' }, body: { body: bodyOf(effect) } } as const
    const edited =
      effect.comment === null
        ? null
        : await client
            .call(repository, { ...call, method: 'PATCH', path: `${root}/issues/comments/${effect.comment}`, share: 'shown' })
            .catch(unlessGone)
    const path = `${root}/issues/${effect.pull}/comments`
    // What somebody deleted is written anew.
    const answer = edited ?? (await client.call(repository, { ...call, method: 'POST', path }))
    return { id: parsed(Comment, answer.data, path).id }
  },

  async find({ client }, repository, effect) {
    const root = repositoryPath(repository)
    if (effect.comment !== null) {
      const path = `${root}/issues/comments/${effect.comment}`
      const answer = await client.call(repository, { method: 'GET', path, permissions: { issues: 'read' } }).catch(unlessGone)
      if (answer !== null) return parsed(Comment, answer.data, path).body === bodyOf(effect) ? { id: effect.comment } : null
    }
    const comments = await listAll(client, repository, {
      path: `${root}/issues/${effect.pull}/comments`,
      permissions: { issues: 'read' },
      item: Comment,
    })
    // One that was edited into what another says is not it: of an edit that became a comment of its own, the words are known.
    const isOurs = ({ performed_via_github_app: via, body }: z.infer<typeof Comment>): boolean =>
      via?.id === client.appId && (effect.comment === null ? body.startsWith(effect.marker) : body === bodyOf(effect))
    const ours = comments.filter(isOurs)
    const first = ours.reduce<number | null>((least, comment) => (least === null || comment.id < least ? comment.id : least), null)
    return first === null ? null : { id: first }
  },
}

function unlessGone(error: unknown): null {
  if (error instanceof GitHubError && error.code === 'not-found') return null
  throw error
}

function bodyOf(effect: EffectOf<'comment.write'>): string {
  const body = effect.body.startsWith(effect.marker) ? effect.body : `${effect.marker}\n${effect.body}`
  return fit(body, LONG_TEXT)
}
