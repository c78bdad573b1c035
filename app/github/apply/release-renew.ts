import type { Repository } from '../../release/ports.ts'
import { keptIn, withPlanned } from '../../planning/pull-text.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { GitCommit, Pull, parsed } from '../answers.ts'
import { isGitHubError } from '../error.ts'
import { LONG_TEXT, fit } from '../limits.ts'
import { repositoryPath, type Client } from '../octokit.ts'
import { headOf } from './branch.ts'
import { commitFiles } from './commit-files.ts'
import type { EffectOf, Handler } from './effect.ts'

type Renew = EffectOf<'release.renew'>

/**
 * A merge of the base into the release branch, which only moves forward: GitHub refuses it when somebody pushed in between, and then nothing is done. Asked
 * again, it goes on where it stopped, so there is nothing to find.
 */
export const releaseRenew: Handler<'release.renew'> = {
  async perform({ client }, repository, effect) {
    const sha = await moved(client, repository, effect)
    if (sha === null) return { id: null, data: { theirs: 1 } }
    return { id: effect.pull, data: { sha, told: (await told(client, repository, effect)) ? 1 : 0 } }
  },

  async find() {
    return null
  },
}

/** @returns the new head; null when it is somebody else's */
async function moved(client: Client, repository: Repository, effect: Renew): Promise<string | null> {
  const { commit } = await commitFiles(client, repository, { ...effect, parents: [effect.from, effect.base.commit] })
  const path = `${repositoryPath(repository)}/git/refs/heads/${effect.branch.split('/').map(encodeURIComponent).join('/')}`
  try {
    await client.call(repository, { method: 'PATCH', path, permissions: { contents: 'write' }, body: { sha: commit, force: false } })
    return commit
  } catch (error) {
    const head = isGitHubError(error, 'refused') ? await headOf(client, repository, effect.branch) : effect.from
    if (head === effect.from) throw error
    return head !== null && (await isOurs(client, repository, head, effect)) ? head : null
  }
}

async function isOurs(client: Client, repository: Repository, head: string, { from, base }: Renew): Promise<boolean> {
  const path = `${repositoryPath(repository)}/git/commits/${head}`
  const { parents } = parsed(GitCommit, (await client.call(repository, { method: 'GET', path, permissions: { contents: 'read' } })).data, path)
  return parents.map(({ sha }) => sha).join(' ') === `${from} ${base.commit}`
}

/** @returns whether the text tells the new plan */
async function told(client: Client, repository: Repository, effect: Renew): Promise<boolean> {
  const path = `${repositoryPath(repository)}/pulls/${effect.pull}`
  const pull = parsed(Pull, (await client.call(repository, { method: 'GET', path, permissions: { pull_requests: 'read' } })).data, path)
  const part = keptIn(pull.body ?? '')
  if (part === effect.planned) return true
  const body = part === null || sha256(part) !== effect.was ? null : withPlanned(pull.body ?? '', effect.planned)
  if (body === null) return false
  await client.call(repository, { method: 'PATCH', path, permissions: { pull_requests: 'write' }, body: { body: fit(body, LONG_TEXT) } })
  return true
}
