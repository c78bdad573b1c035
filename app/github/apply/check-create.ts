import type { Outcome, Repository } from '../../release/ports.ts'
import { CheckRun, parsed } from '../answers.ts'
import { fitOutput } from '../limits.ts'
import { repositoryPath, type Client } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { Handler } from './effect.ts'

/** A check run that is not over. GitHub does not deduplicate by `external_id` (trap T12), so it is only what we search by; of several, the highest id is the one GitHub shows. */
export const checkCreate: Handler<'check.create'> = {
  async perform({ client }, repository, effect) {
    const path = `${repositoryPath(repository)}/check-runs`
    const body = {
      name: effect.name,
      head_sha: effect.sha,
      external_id: effect.externalId,
      status: effect.status ?? 'queued',
      output: fitOutput(effect.output),
    }
    const answer = await client.call(repository, { method: 'POST', path, permissions: { checks: 'write' }, body })
    const run = parsed(CheckRun, answer.data, path)
    return { id: run.id, ...(run.html_url !== null && { url: run.html_url }) }
  },

  find: ({ client }, repository, effect) => newestCheck(client, repository, effect),
}

/** The newest of our runs that carries this external id. */
export async function newestCheck(
  client: Client,
  repository: Repository,
  of: { readonly sha: string; readonly name: string; readonly externalId: string },
): Promise<Outcome | null> {
  const runs = await listAll(client, repository, {
    path: `${repositoryPath(repository)}/commits/${of.sha}/check-runs`,
    permissions: { checks: 'read' },
    query: { check_name: of.name, app_id: client.appId, filter: 'all' },
    item: CheckRun,
    inside: 'check_runs',
  })
  const ours = runs.filter((run) => run.app?.id === client.appId && run.external_id === of.externalId && run.head_sha === of.sha)
  const newest = ours.reduce<(typeof ours)[number] | null>((best, run) => (best === null || run.id > best.id ? run : best), null)
  return newest === null ? null : { id: newest.id, ...(newest.html_url !== null && { url: newest.html_url }) }
}
