import { Reaction, parsed } from '../answers.ts'
import { repositoryPath } from '../octokit.ts'
import type { Handler } from './effect.ts'

/** GitHub keeps one reaction of a kind per account, so repeating it changes nothing; there is nothing to look for. */
export const reactionAdd: Handler<'reaction.add'> = {
  async perform({ client }, repository, effect) {
    const path = `${repositoryPath(repository)}/issues/comments/${effect.comment}/reactions`
    const answer = await client.call(repository, {
      method: 'POST',
      path,
      permissions: { issues: 'write' },
      body: { content: effect.content },
      share: 'answered',
    })
    return { id: parsed(Reaction, answer.data, path).id }
  },

  async find() {
    return null
  },
}
