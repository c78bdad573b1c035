import type { Outcome, Repository } from '../../release/ports.ts'
import { GitCommit, OpenedPull, parsed } from '../answers.ts'
import { GitHubError, isGitHubError } from '../error.ts'
import { LONG_TEXT, fit, fitLine, ISSUE_TITLE } from '../limits.ts'
import { repositoryPath, type Client } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import { createBranch, headOf } from './branch.ts'
import { commitFiles, type Made } from './commit-files.ts'
import type { EffectOf, Handler } from './effect.ts'

type Cut = EffectOf<'release.cut'>

/** Each part is taken up when it is there already as it was wanted, so an attempt that was cut off goes on where it stopped. */
export const releaseCut: Handler<'release.cut'> = {
  async perform({ client }, repository, effect) {
    if (effect.line !== null) await branchAt(client, repository, effect.base.branch, effect.line)
    const made = await commitFiles(client, repository, { ...effect, parents: [effect.base.commit] })
    const sha = await releaseBranch(client, repository, effect, made)
    const pull = await openPull(client, repository, effect)
    const path = `${repositoryPath(repository)}/issues/${pull.number}/labels`
    await client.call(repository, { method: 'POST', path, permissions: { issues: 'write' }, body: { labels: [...effect.labels] } })
    return outcomeOf(pull, sha)
  },

  async find({ client }, repository, effect) {
    const pull = await pullOf(client, repository, effect)
    const labels = new Set(pull?.labels.map(({ name }) => name))
    return pull === null || effect.labels.some((label) => !labels.has(label)) ? null : outcomeOf(pull, pull.head.sha)
  },
}

function outcomeOf({ number, html_url: url }: { readonly number: number; readonly html_url: string }, sha: string): Outcome {
  return { id: number, url, data: { sha } }
}

/** A line that somebody else made meanwhile is as good. */
async function branchAt(client: Client, repository: Repository, branch: string, sha: string): Promise<void> {
  try {
    await createBranch(client, repository, branch, sha)
  } catch (error) {
    if (!isGitHubError(error, 'refused') || (await headOf(client, repository, branch)) === null) throw error
  }
}

/** @returns the commit it is at @throws GitHubError `refused` when the branch is there and holds something else */
async function releaseBranch(client: Client, repository: Repository, effect: Cut, { tree, commit }: Made): Promise<string> {
  try {
    await createBranch(client, repository, effect.branch, commit)
    return commit
  } catch (error) {
    const head = isGitHubError(error, 'refused') ? await headOf(client, repository, effect.branch) : null
    if (head === null) throw error
    const path = `${repositoryPath(repository)}/git/commits/${head}`
    const found = parsed(GitCommit, (await client.call(repository, { method: 'GET', path, permissions: { contents: 'read' } })).data, path)
    if (found.tree.sha === tree && found.parents.map((parent) => parent.sha).join(' ') === effect.base.commit) return head
    throw new GitHubError(
      'refused',
      `The branch ${effect.branch} is there already, at ${head.slice(0, 12)}, and is left as it is. Delete it, or go on with it.`,
    )
  }
}

async function openPull(client: Client, repository: Repository, effect: Cut): Promise<{ readonly number: number; readonly html_url: string }> {
  const path = `${repositoryPath(repository)}/pulls`
  const body = { title: fitLine(effect.title, ISSUE_TITLE), head: effect.branch, base: effect.base.branch, body: fit(effect.body, LONG_TEXT) }
  const post = async (draft: boolean) => {
    const call = { method: 'POST', path, permissions: { pull_requests: 'write' }, body: { ...body, draft } } as const
    return parsed(OpenedPull, (await client.call(repository, call)).data, path)
  }
  try {
    return await post(effect.draft)
  } catch (error) {
    // Not every plan of GitHub has drafts.
    if (effect.draft && isGitHubError(error, 'refused') && /draft/i.test(error.message)) return post(false)
    const open = isGitHubError(error, 'refused') ? await pullOf(client, repository, effect) : null
    if (open === null) throw error
    return open
  }
}

async function pullOf(client: Client, repository: Repository, { branch, base }: Cut) {
  const open = await listAll(client, repository, {
    path: `${repositoryPath(repository)}/pulls`,
    permissions: { pull_requests: 'read' },
    query: { state: 'open', head: `${repository.owner}:${branch}`, base: base.branch },
    item: OpenedPull,
  })
  return open.find(({ head }) => head.ref === branch && head.repo?.id === repository.id) ?? null
}
