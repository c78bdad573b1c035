import { Comment, parsed } from '../answers.ts'
import { LONG_TEXT, fit } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { EffectOf, Handler } from './effect.ts'

/** A comment of ours, found again by the marker at its very beginning and by our App as its author: anybody can write the marker, and we may quote them. */
export const commentWrite: Handler<'comment.write'> = {
  async perform({ client }, repository, effect) {
    const root = repositoryPath(repository)
    const create = effect.comment === null
    const path = create ? `${root}/issues/${effect.pull}/comments` : `${root}/issues/comments/${effect.comment}`
    const answer = await client.call(repository, {
      method: create ? 'POST' : 'PATCH',
      path,
      permissions: { issues: 'write' },
      body: { body: bodyOf(effect) },
      ...(!create && { share: 'shown' as const }),
    })
    const comment = parsed(Comment, answer.data, path)
    return { id: comment.id }
  },

  async find({ client }, repository, effect) {
    const root = repositoryPath(repository)
    if (effect.comment !== null) {
      const path = `${root}/issues/comments/${effect.comment}`
      const answer = await client.call(repository, { method: 'GET', path, permissions: { issues: 'read' } })
      return parsed(Comment, answer.data, path).body === bodyOf(effect) ? { id: effect.comment } : null
    }
    const comments = await listAll(client, repository, {
      path: `${root}/issues/${effect.pull}/comments`,
      permissions: { issues: 'read' },
      item: Comment,
    })
    const ours = comments.filter((comment) => comment.performed_via_github_app?.id === client.appId && comment.body.startsWith(effect.marker))
    const first = ours.reduce<number | null>((least, comment) => (least === null || comment.id < least ? comment.id : least), null)
    return first === null ? null : { id: first }
  },
}

function bodyOf(effect: EffectOf<'comment.write'>): string {
  const body = effect.body.startsWith(effect.marker) ? effect.body : `${effect.marker}\n${effect.body}`
  return fit(body, LONG_TEXT)
}
