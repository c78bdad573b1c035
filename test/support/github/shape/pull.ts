/** How GitHub writes pull requests. */
import * as git from '../world/git.ts'
import { DoubleError } from '../world/error.ts'
import type { Issue, Json, Pull, Repository } from '../world/model.ts'
import { nodeId, stamp, type World } from '../world/world.ts'
import { association, label, labelNamed } from './issue.ts'
import { user } from './people.ts'
import { htmlUrl, repository, repositoryUrl } from './repository.ts'
import { requiredProblems } from '../world/rules.ts'

const side = (world: World, one: Repository, ref: string, sha: string): Json => ({
  label: `${one.owner.login}:${ref}`,
  ref,
  sha,
  user: user(world, one.owner),
  repo: repository(world, one),
})

export const pullOf = (entry: Issue): Pull => {
  if (!entry.pull) throw new DoubleError('refused', `#${entry.number} is an issue, not a pull request`)
  return entry.pull
}

/** GitHub's test merge, `refs/pull/N/merge`; made anew when a side moved. */
export const trialMerge = async (world: World, one: Repository, entry: Issue): Promise<string | null> => {
  const pull = pullOf(entry)
  if (pull.mergeCommit || entry.state === 'closed') return pull.mergeCommit
  const base = (await git.readRef(one.gitDir, `refs/heads/${pull.baseRef}`)) ?? pull.baseSha
  if (pull.trial && pull.trial.base === base && pull.trial.head === pull.headSha) return pull.trial.commit
  const tree = await git.mergeTree(one.gitDir, base, pull.headSha)
  const person = { name: 'GitHub', email: 'noreply@github.com', date: stamp(world) }
  const commit = tree ? await git.commitTree(one.gitDir, tree, [base, pull.headSha], `Merge ${pull.headSha} into ${base}`, person) : null
  if (commit) await git.git(one.gitDir, ['update-ref', `refs/pull/${entry.number}/merge`, commit])
  pull.trial = { base, head: pull.headSha, commit }
  return commit
}

/** As in lists. */
export const simplePull = (world: World, one: Repository, entry: Issue): Json => {
  const pull = pullOf(entry)
  const at = `${repositoryUrl(world, one)}/pulls/${entry.number}`
  const issue = `${repositoryUrl(world, one)}/issues/${entry.number}`
  const html = `${htmlUrl(world, one)}/pull/${entry.number}`
  const statuses = `${repositoryUrl(world, one)}/statuses/${pull.headSha}`
  return {
    url: at,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    number: entry.number,
    state: entry.state,
    locked: false,
    title: entry.title,
    user: user(world, entry.author),
    body: entry.body,
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    closed_at: entry.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit ?? pull.trial?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: entry.labels.map((name) => ({ ...label(world, one, labelNamed(world, one, name)) })),
    milestone: null,
    draft: pull.draft,
    commits_url: `${at}/commits`,
    review_comments_url: `${at}/comments`,
    review_comment_url: `${repositoryUrl(world, one)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: side(world, one, pull.headRef, pull.headSha),
    base: side(world, one, pull.baseRef, pull.baseSha),
    _links: {
      self: { href: at },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${at}/comments` },
      review_comment: { href: `${repositoryUrl(world, one)}/pulls/comments{/number}` },
      commits: { href: `${at}/commits` },
      statuses: { href: statuses },
    },
    author_association: association(one, entry.author),
    auto_merge: null,
    active_lock_reason: null,
  }
}

/** `GET /pulls/{n}` and webhooks. */
export const fullPull = async (world: World, one: Repository, entry: Issue): Promise<Json> => {
  const pull = pullOf(entry)
  const trial = await trialMerge(world, one, entry)
  const from = (await git.mergeBase(one.gitDir, pull.baseSha, pull.headSha)) ?? pull.baseSha
  const files = await git.changes(one.gitDir, from, pull.headSha)
  const blocked = entry.state === 'open' && requiredProblems(one, pull.baseRef, pull.headSha).length > 0
  return {
    ...simplePull(world, one, entry),
    merged: pull.mergedAt !== null,
    mergeable: entry.state === 'open' ? trial !== null : null,
    rebaseable: entry.state === 'open' ? trial !== null : null,
    mergeable_state: entry.state === 'closed' ? 'unknown' : trial === null ? 'dirty' : pull.draft ? 'draft' : blocked ? 'blocked' : 'clean',
    merged_by: pull.mergedBy ? user(world, pull.mergedBy) : null,
    comments: [...one.comments.values()].filter((comment) => comment.issue === entry.number).length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: await git.count(one.gitDir, from, pull.headSha),
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  }
}

/** As in check runs, suites and workflow runs. */
export const minimalPulls = (world: World, one: Repository, headSha: string): Json[] => {
  const repo = { id: one.id, url: repositoryUrl(world, one), name: one.name }
  return [...one.issues.values()].flatMap((entry) =>
    entry.pull && entry.state === 'open' && entry.pull.headSha === headSha
      ? [
          {
            id: entry.pull.id,
            number: entry.number,
            url: `${repositoryUrl(world, one)}/pulls/${entry.number}`,
            head: { ref: entry.pull.headRef, sha: entry.pull.headSha, repo },
            base: { ref: entry.pull.baseRef, sha: entry.pull.baseSha, repo },
          },
        ]
      : [],
  )
}
