/** What a release is planned from: tags, commits since the last one, and the pull requests that brought those which name none. As few calls as can be. */
import { z } from 'zod'
import { MOST_COMMITS, MOST_PATHS, type HistoryCommit } from '../planning/history.ts'
import type { HistoryPort, HistorySince, Repository } from '../release/ports.ts'
import { CommentInList, Compared, FileContent, GitRef, IssueInList, ListedCommit, MergedPull, parsed, Tree } from './answers.ts'
import { GitHubError, isGitHubError } from './error.ts'
import { utf8 } from './facts.ts'
import { repositoryPath, type Answer, type Client } from './octokit.ts'
import { listAll, nextOf } from './paginate.ts'

const PAGE = 100
const MOST_PAGES = MOST_COMMITS / PAGE
/** Of a repository without a tag: the newest are told. */
const FIRST_PAGES = 5
const MERGED_PAGES = 5
/** A comparison holds the changes of its files as well. */
const COMPARISON_BYTES = 48 << 20

export function history(client: Client): HistoryPort {
  const contents = { contents: 'read' } as const

  async function refs(repository: Repository, prefix: string): Promise<readonly string[]> {
    // GitHub lists these without pages.
    const path = `${repositoryPath(repository)}/git/matching-refs/${prefix.split('/').map(encodeURIComponent).join('/')}`
    const answer = await client.call(repository, { method: 'GET', path, permissions: contents, maxBytes: COMPARISON_BYTES })
    return parsed(z.array(GitRef), answer.data, path).map(({ ref }) => ref)
  }

  async function pages(
    repository: Repository,
    path: string,
    query: Readonly<Record<string, string | number>>,
    most: number,
  ): Promise<readonly Answer[]> {
    const answers: Answer[] = []
    let call = { method: 'GET' as const, path, permissions: contents, query, maxBytes: COMPARISON_BYTES }
    for (;;) {
      const answer = await client.call(repository, call)
      answers.push(answer)
      const next = nextOf(answer.headers['link'])
      if (next === null || answers.length >= most) return answers
      call = { ...call, path: next, query: {} }
    }
  }

  async function compared(repository: Repository, tag: string, of: string): Promise<HistorySince> {
    const path = `${repositoryPath(repository)}/compare/${encodeURIComponent(tag)}...${encodeURIComponent(of)}`
    const answers = await pages(repository, path, { per_page: PAGE, page: 1 }, MOST_PAGES)
    const read = answers.map((answer) => parsed(Compared, answer.data, path))
    const [first] = read
    const commits = read.flatMap((each) => each.commits)
    const cut = first === undefined || commits.length < first.total_commits
    if (cut && answers.length < MOST_PAGES)
      throw new GitHubError('malformed', `${path} ended after ${commits.length} of ${first?.total_commits} commits.`)
    const last = cut ? await headOf(repository, of) : (commits.at(-1)?.sha ?? first.merge_base_commit.sha)
    return {
      commit: last,
      commits: commits.map(commitFacts).toReversed(),
      from: commits[0]?.commit.committer?.date ?? null,
      paths: (first?.files ?? []).map(({ filename }) => filename).slice(0, MOST_PATHS),
      cut,
    }
  }

  async function listed(repository: Repository, of: string): Promise<HistorySince> {
    const path = `${repositoryPath(repository)}/commits`
    const answers = await pages(repository, path, { sha: of, per_page: PAGE, page: 1 }, FIRST_PAGES)
    const commits = answers.flatMap((answer) => parsed(z.array(ListedCommit), answer.data, path))
    const [newest] = commits
    if (newest === undefined) throw new GitHubError('not-found', `${of} has no commit.`)
    const cut = nextOf(answers.at(-1)?.headers['link']) !== null
    return { commit: newest.sha, commits: commits.map(commitFacts), from: commits.at(-1)?.commit.committer?.date ?? null, paths: [], cut }
  }

  async function headOf(repository: Repository, of: string): Promise<string> {
    if (/^[0-9a-f]{40}$/.test(of)) return of
    const path = `${repositoryPath(repository)}/git/ref/heads/${of.split('/').map(encodeURIComponent).join('/')}`
    return parsed(GitRef, (await client.call(repository, { method: 'GET', path, permissions: contents })).data, path).object.sha
  }

  return {
    async ofDefault(repository, path, maxBytes) {
      const address = `${repositoryPath(repository)}/contents/${path.split('/').map(encodeURIComponent).join('/')}`
      try {
        const answer = await client.call(repository, {
          method: 'GET',
          path: address,
          permissions: contents,
          maxBytes: Math.ceil(maxBytes * 1.4) + 32_768,
        })
        const file = parsed(FileContent, answer.data, address)
        if (file.size > maxBytes || file.encoding !== 'base64')
          throw new GitHubError('too-large', `${path} has ${file.size} bytes; at most ${maxBytes} are read.`)
        return utf8(Buffer.from(file.content, 'base64'), path, maxBytes)
      } catch (error) {
        if (isGitHubError(error, 'not-found')) return null
        throw error
      }
    },

    tags: async (repository) => (await refs(repository, 'tags/v')).map((ref) => ref.slice('refs/tags/'.length)),

    branches: async (repository, prefix) => (await refs(repository, `heads/${prefix}`)).map((ref) => ref.slice('refs/heads/'.length)),

    since: (repository, tag, of) => (tag === null ? listed(repository, of) : compared(repository, tag, of)),

    async merged(repository, base, { commits, from }) {
      const pulls: z.infer<typeof MergedPull>[] = []
      let read = 0
      await listAll(client, repository, {
        path: `${repositoryPath(repository)}/pulls`,
        permissions: { pull_requests: 'read' },
        query: { state: 'closed', base, sort: 'updated', direction: 'desc' },
        item: MergedPull,
        until: (page) => {
          read += 1
          pulls.push(...page.filter(({ merged_at: at, merge_commit_sha: sha }) => at !== null && sha !== null && commits.has(sha)))
          // Whatever was merged since then was updated since then.
          return pulls.length >= commits.size || read >= MERGED_PAGES || (page.at(-1)?.updated_at ?? '') < from
        },
      })
      return pulls.map(({ number, title, merge_commit_sha: sha }) => ({ number, title, mergeCommit: sha ?? '' }))
    },

    async tree(repository, of) {
      const path = `${repositoryPath(repository)}/git/trees/${of}`
      const tree = parsed(Tree, (await client.call(repository, { method: 'GET', path, permissions: contents })).data, path)
      return { tree: tree.sha, entries: tree.tree.map(({ path: name, mode, sha }) => ({ name, mode, sha })) }
    },

    async comments(repository, since) {
      const path = `${repositoryPath(repository)}/issues/comments`
      const query = { since, sort: 'created', direction: 'desc', per_page: 100 }
      const answer = await client.call(repository, { method: 'GET', path, permissions: { issues: 'read' }, query, maxBytes: COMPARISON_BYTES })
      return parsed(z.array(CommentInList), answer.data, path).map(({ id, body, issue_url: issue }) => ({
        issue: Number(/\/(\d+)$/.exec(issue)?.[1] ?? 0),
        comment: id,
        body,
      }))
    },

    async issues(repository, label) {
      const path = `${repositoryPath(repository)}/issues`
      const query = { state: 'open', labels: label, per_page: 100 }
      const answer = await client.call(repository, { method: 'GET', path, permissions: { issues: 'read' }, query })
      return parsed(z.array(IssueInList), answer.data, path)
        .filter((issue) => issue.pull_request === undefined)
        .map(({ number, title }) => ({ number, title }))
    },
  }
}

function commitFacts({ sha, commit, parents }: z.infer<typeof ListedCommit>): HistoryCommit {
  return { sha, message: commit.message, parents: parents.map((parent) => parent.sha) }
}
