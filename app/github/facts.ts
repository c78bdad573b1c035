/** What the release may know of GitHub: the read port. Every list is read to its end, every answer is parsed, and absence is null only on a 404. */
import { z } from 'zod'
import type { CommentFacts, PullFacts, ReadPort, Repository, RunFacts } from '../release/ports.ts'
import {
  Artifact,
  Collaborator,
  Comment,
  Commit,
  FileContent,
  FolderContent,
  GitCommit,
  GitRef,
  Membership,
  Pull,
  PullInList,
  Run,
  Standing,
  parsed,
} from './answers.ts'
import { contributorsOf, isVerified } from './contributors.ts'
import { newestDeployment } from './newest-deployment.ts'
import { GitHubError, isGitHubError } from './error.ts'
import { guards } from './protected-environment.ts'
import { repositoryPath } from './octokit.ts'
import type { Answer, Call, Client } from './octokit.ts'
import { listAll } from './paginate.ts'
import { pushesOf } from './pushes.ts'

/** GitHub lists no more commits of a pull request than this; longer ones are compared instead. */
const MAX_PULL_COMMITS = 250
/** Nor more entries of a folder. */
const MAX_FOLDER_ENTRIES = 1000
const MAX_FOLDER_BYTES = 4 << 20

export function facts(client: Client): ReadPort {
  async function get(
    repository: Repository,
    path: string,
    permissions: Call['permissions'],
    query: Call['query'] = {},
    maxBytes?: number,
  ): Promise<Answer | null> {
    try {
      return await client.call(repository, { method: 'GET', path, permissions, query, ...(maxBytes !== undefined && { maxBytes }) })
    } catch (error) {
      if (isGitHubError(error, 'not-found') && error.status === 404) return null
      throw error
    }
  }

  async function readPull(repository: Repository, number: number): Promise<z.infer<typeof Pull> | null> {
    const path = `${repositoryPath(repository)}/pulls/${number}`
    const answer = await get(repository, path, { pull_requests: 'read' })
    return answer === null ? null : parsed(Pull, answer.data, path)
  }

  /** @param name a commit, or a branch */
  async function commitOf(repository: Repository, name: string): Promise<string | null> {
    if (/^[0-9a-f]{40}$/.test(name)) return name
    const head = `${repositoryPath(repository)}/git/ref/heads/${name.split('/').map(encodeURIComponent).join('/')}`
    const found = await get(repository, head, { contents: 'read' })
    return found === null ? null : parsed(GitRef, found.data, head).object.sha
  }

  return {
    async pull(repository, number) {
      const pull = await readPull(repository, number)
      return pull === null ? null : pullFacts(pull)
    },

    async openPulls(repository) {
      const pulls = await listAll(client, repository, {
        path: `${repositoryPath(repository)}/pulls`,
        permissions: { pull_requests: 'read' },
        query: { state: 'open' },
        item: PullInList,
      })
      return pulls.map(({ number, head, base }) => ({
        number,
        head: { ref: head.ref, sha: head.sha, repositoryId: head.repo?.id ?? 0 },
        base: base.ref,
      }))
    },

    async queued(repository) {
      // GitHub lists these without pages.
      const path = `${repositoryPath(repository)}/git/matching-refs/heads/gh-readonly-queue`
      const answer = await get(repository, path, { contents: 'read' })
      const refs = answer === null ? [] : parsed(z.array(GitRef), answer.data, path)
      return refs.map(({ ref }) => ref.slice('refs/heads/'.length))
    },

    async tree(repository, ref) {
      const commit = await commitOf(repository, ref)
      if (commit === null) return null
      const path = `${repositoryPath(repository)}/git/commits/${commit}`
      const answer = await get(repository, path, { contents: 'read' })
      return answer === null ? null : { commit, tree: parsed(GitCommit, answer.data, path).tree.sha }
    },

    async file(repository, path, ref, maxBytes) {
      const commit = await commitOf(repository, ref)
      if (commit === null) return null
      const address = `${repositoryPath(repository)}/contents/${path.split('/').map(encodeURIComponent).join('/')}`
      // Base64 with line ends is 4/3 and a bit; the rest of the answer is small.
      const answer = await get(repository, address, { contents: 'read' }, { ref: commit }, Math.ceil(maxBytes * 1.4) + 32_768)
      if (answer === null) return null
      const file = FileContent.safeParse(answer.data)
      if (!file.success) throw new GitHubError('refused', `${path} at ${commit} is not a file.`)
      if (file.data.size > maxBytes || file.data.encoding !== 'base64')
        throw new GitHubError('too-large', `${path} has ${file.data.size} bytes; at most ${maxBytes} are read.`)
      return { text: utf8(Buffer.from(file.data.content, 'base64'), path, maxBytes), commit }
    },

    async folder(repository, path, commit) {
      const address = `${repositoryPath(repository)}/contents/${path.split('/').map(encodeURIComponent).join('/')}`
      const answer = await get(repository, address, { contents: 'read' }, { ref: commit }, MAX_FOLDER_BYTES)
      if (answer === null) return null
      const found = FolderContent.safeParse(answer.data)
      if (!found.success) throw new GitHubError('refused', `${path} at ${commit} is not a folder.`)
      if (found.data.length >= MAX_FOLDER_ENTRIES)
        throw new GitHubError('too-large', `${path} holds ${found.data.length} entries or more, and GitHub lists no more of them.`)
      return found.data.map(({ path: name, type }) => ({ path: name, kind: type === 'dir' ? 'folder' : type === 'file' ? 'file' : 'other' }))
    },

    async contains(repository, commit, of) {
      // One commit of the list is asked for, because all of them may be many.
      const path = `${repositoryPath(repository)}/compare/${commit}...${of}`
      const answer = await get(repository, path, { contents: 'read' }, { per_page: 1, page: 1 }, MAX_FOLDER_BYTES)
      const status = answer === null ? 'diverged' : parsed(Standing, answer.data, path).status
      return status === 'ahead' || status === 'identical'
    },

    async comments(repository, pull) {
      const list = await listAll(client, repository, {
        path: `${repositoryPath(repository)}/issues/${pull}/comments`,
        permissions: { issues: 'read' },
        item: Comment,
      })
      return list.map(commentFacts).sort((a, b) => a.id - b.id)
    },

    async comment(repository, id) {
      const path = `${repositoryPath(repository)}/issues/comments/${id}`
      const answer = await get(repository, path, { issues: 'read' })
      return answer === null ? null : commentFacts(parsed(Comment, answer.data, path))
    },

    async role(repository, { login, id }) {
      const path = `${repositoryPath(repository)}/collaborators/${encodeURIComponent(login)}/permission`
      const answer = await get(repository, path, { metadata: 'read' })
      if (answer === null) return { role: 'none', permission: 'none' }
      const found = parsed(Collaborator, answer.data, path)
      if (found.user?.id !== id) throw new GitHubError('refused', 'The login is of another account by now; whose permission it is, is not known.')
      return { role: found.role_name, permission: found.permission }
    },

    async teamMember(repository, org, slug, login) {
      if (org.toLowerCase() !== repository.owner.toLowerCase())
        throw new GitHubError(
          'refused',
          `The team @${org}/${slug} is outside the organisation of this repository; name a team of its own organisation.`,
        )
      const path = `/orgs/${encodeURIComponent(org)}/teams/${encodeURIComponent(slug)}/memberships/${encodeURIComponent(login)}`
      const answer = await get(repository, path, { members: 'read' })
      // 404 is also what an App without the members permission sees: nobody is a member then, and nothing is allowed by it.
      return answer !== null && parsed(Membership, answer.data, path).state === 'active'
    },

    async contributors(repository, number) {
      const pull = await readPull(repository, number)
      if (pull === null) throw new GitHubError('not-found', `There is no pull request ${number}.`, { status: 404 })
      const short = pull.commits <= MAX_PULL_COMMITS
      const commits = await listAll(
        client,
        repository,
        short
          ? { path: `${repositoryPath(repository)}/pulls/${number}/commits`, permissions: { pull_requests: 'read' }, item: Commit }
          : {
              path: `${repositoryPath(repository)}/compare/${pull.base.sha}...${pull.head.sha}`,
              permissions: { contents: 'read' },
              item: Commit,
              inside: 'commits',
              total: 'total_commits',
            },
      )
      if (commits.length < pull.commits)
        throw new GitHubError('malformed', `GitHub listed ${commits.length} of ${pull.commits} commits; who took part is not known.`)
      const pushes = commits.every(isVerified) ? null : await pushesOf(client, repository, pull.head)
      return contributorsOf(commits, pull.user?.id ?? 0, pushes)
    },

    async runs(repository, headSha) {
      const list = await listAll(client, repository, {
        path: `${repositoryPath(repository)}/actions/runs`,
        permissions: { actions: 'read' },
        query: { head_sha: headSha },
        item: Run,
        inside: 'workflow_runs',
      })
      return list.filter((run) => run.head_sha === headSha).map(runFacts)
    },

    async run(repository, id) {
      const path = `${repositoryPath(repository)}/actions/runs/${id}`
      const answer = await get(repository, path, { actions: 'read' })
      return answer === null ? null : runFacts(parsed(Run, answer.data, path))
    },

    deployment: (repository, environment) =>
      newestDeployment((path, query) => get(repository, path, { deployments: 'read' }, query), { repository, environment }),

    guarded: guards(client),

    async artifacts(repository, run) {
      const list = await listAll(client, repository, {
        path: `${repositoryPath(repository)}/actions/runs/${run}/artifacts`,
        permissions: { actions: 'read' },
        item: Artifact,
        inside: 'artifacts',
      })
      return list.map((artifact) => ({
        id: artifact.id,
        name: artifact.name,
        size: artifact.size_in_bytes,
        digest: artifact.digest ?? null,
        expired: artifact.expired,
      }))
    },

    async download(repository, artifact, maxBytes) {
      const path = `${repositoryPath(repository)}/actions/artifacts/${artifact}/zip`
      const answer = await client.call(repository, { method: 'GET', path, permissions: { actions: 'read' }, maxBytes: 65_536 })
      const location = answer.headers['location']
      if (answer.status !== 302 || typeof location !== 'string' || !URL.canParse(location))
        throw new GitHubError(
          'malformed',
          `GitHub answered ${answer.status} to the download of artifact ${artifact}; a 302 with an address was expected.`,
        )
      return client.plain(location, maxBytes)
    },
  }
}

function pullFacts(pull: z.infer<typeof Pull>): PullFacts {
  return {
    number: pull.number,
    state: pull.state,
    draft: pull.draft ?? false,
    merged: pull.merged,
    // Before the merge GitHub puts its test merge there.
    mergeCommit: pull.merged ? pull.merge_commit_sha : null,
    head: { ref: pull.head.ref, sha: pull.head.sha, repositoryId: pull.head.repo?.id ?? 0 },
    base: { ref: pull.base.ref, sha: pull.base.sha },
    defaultBranch: pull.base.repo.default_branch,
    title: pull.title,
    body: pull.body ?? '',
    labels: pull.labels.map((label) => label.name),
    author: { login: pull.user?.login ?? 'ghost', id: pull.user?.id ?? 0 },
  }
}

function commentFacts(comment: z.infer<typeof Comment>): CommentFacts {
  return {
    id: comment.id,
    nodeId: comment.node_id,
    body: comment.body,
    author: { login: comment.user?.login ?? 'ghost', id: comment.user?.id ?? 0, type: comment.user?.type ?? 'Ghost' },
    viaApp: (comment.performed_via_github_app ?? null) !== null,
    edited: comment.updated_at !== comment.created_at,
    createdAt: comment.created_at,
  }
}

function runFacts(run: z.infer<typeof Run>): RunFacts {
  return {
    id: run.id,
    attempt: run.run_attempt,
    // GitHub writes `path@ref` for some runs; the file is what is meant.
    path: run.path.split('@')[0] ?? '',
    event: run.event,
    headSha: run.head_sha,
    headRepositoryId: run.head_repository?.id ?? 0,
    title: run.display_title,
    status: run.status ?? 'unknown',
    conclusion: run.conclusion,
    url: run.html_url,
  }
}

/** @throws GitHubError `too-large`, `malformed` */
export function utf8(bytes: Uint8Array, path: string, maxBytes: number): string {
  if (bytes.byteLength > maxBytes) throw new GitHubError('too-large', `${path} has more than ${maxBytes} bytes.`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new GitHubError('malformed', `${path} is not UTF-8 text.`, { cause: error })
  }
}
