import { Issue, parsed } from '../answers.ts'
import { repositoryPath } from '../octokit.ts'
import type { Repository } from '../../release/ports.ts'
import type { EffectOf, Handler } from './effect.ts'

/** An issue of ours, as completed. To close it twice is to close it once. */
export const issueClose: Handler<'issue.close'> = {
  async perform({ client }, repository, effect) {
    const path = pathOf(repository, effect)
    const body = { state: 'closed', state_reason: 'completed' }
    const answer = await client.call(repository, { method: 'PATCH', path, permissions: { issues: 'write' }, body })
    const issue = parsed(Issue, answer.data, path)
    return { id: issue.number, url: issue.html_url }
  },

  async find({ client }, repository, effect) {
    const path = pathOf(repository, effect)
    const answer = await client.call(repository, { method: 'GET', path, permissions: { issues: 'read' } })
    const issue = parsed(Issue, answer.data, path)
    return issue.state === 'closed' ? { id: issue.number, url: issue.html_url } : null
  },
}

function pathOf(repository: Repository, { issue }: EffectOf<'issue.close'>): string {
  return `${repositoryPath(repository)}/issues/${issue}`
}
