import { CheckRun, parsed } from '../answers.ts'
import { fitOutput } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import { newestCheck } from './check-create.ts'
import type { Handler } from './effect.ts'

/** A check run that is over when it is made. */
export const checkReport: Handler<'check.report'> = {
  async perform({ client }, repository, { name, sha, externalId, conclusion, output }) {
    const path = `${repositoryPath(repository)}/check-runs`
    const body = { name, head_sha: sha, external_id: externalId, status: 'completed', conclusion, output: fitOutput(output) }
    const answer = await client.call(repository, { method: 'POST', path, permissions: { checks: 'write' }, body })
    const run = parsed(CheckRun, answer.data, path)
    return { id: run.id, ...(run.html_url !== null && { url: run.html_url }) }
  },
  find: ({ client }, repository, effect) => newestCheck(client, repository, effect),
}
