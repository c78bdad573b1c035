/** How GitHub writes issues, comments, labels and reactions. */
import type { Account, Comment, Issue, Json, Label, Reaction, Repository } from '../world/model.ts'
import { nodeId, roleIn, type World } from '../world/world.ts'
import { integration, user } from './people.ts'
import { htmlUrl, repositoryUrl } from './repository.ts'

/** Never an authorisation signal; GitHub's own answer depends on who asks. */
export const association = (one: Repository, account: Account): string => {
  if (one.owner.id === account.id) return 'OWNER'
  if (one.owner.members.has(account.login.toLowerCase())) return 'MEMBER'
  return one.collaborators.has(account.login.toLowerCase()) && roleIn(one, account) !== 'none' ? 'COLLABORATOR' : 'NONE'
}

export const label = (world: World, one: Repository, entry: Label): Json => ({
  id: entry.id,
  node_id: nodeId('LA', entry.id),
  url: `${repositoryUrl(world, one)}/labels/${encodeURIComponent(entry.name)}`,
  name: entry.name,
  color: entry.color,
  default: false,
  // The short form of a pull request knows no null here.
  description: entry.description ?? '',
})

/** A label by name, made when it is new (GitHub does so too when an issue is labelled). */
export const labelNamed = (world: World, one: Repository, name: string): Label => {
  const found = [...one.labels.values()].find((entry) => entry.name.toLowerCase() === name.toLowerCase())
  if (found) return found
  const fresh = { id: world.nextId(), name, color: 'ededed', description: null }
  one.labels.set(name, fresh)
  return fresh
}

const CONTENTS = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'] as const

const rollup = (url: string, reactions: readonly Reaction[]): Json => ({
  url: `${url}/reactions`,
  total_count: reactions.length,
  ...Object.fromEntries(CONTENTS.map((content) => [content, reactions.filter((one) => one.content === content).length])),
})

export const reaction = (world: World, one: Reaction): Json => ({
  id: one.id,
  node_id: nodeId('REA', one.id),
  user: user(world, one.user),
  content: one.content,
  created_at: one.createdAt,
})

export const issue = (world: World, one: Repository, entry: Issue): Json => {
  const at = `${repositoryUrl(world, one)}/issues/${entry.number}`
  const html = `${htmlUrl(world, one)}/${entry.pull ? 'pull' : 'issues'}/${entry.number}`
  return {
    url: at,
    repository_url: repositoryUrl(world, one),
    labels_url: `${at}/labels{/name}`,
    comments_url: `${at}/comments`,
    events_url: `${at}/events`,
    html_url: html,
    id: entry.id,
    node_id: nodeId('I', entry.id),
    number: entry.number,
    title: entry.title,
    user: user(world, entry.author),
    labels: entry.labels.map((name) => label(world, one, labelNamed(world, one, name))),
    state: entry.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: [...one.comments.values()].filter((comment) => comment.issue === entry.number).length,
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    closed_at: entry.closedAt,
    author_association: association(one, entry.author),
    active_lock_reason: null,
    ...(entry.pull
      ? {
          draft: entry.pull.draft,
          pull_request: {
            url: `${repositoryUrl(world, one)}/pulls/${entry.number}`,
            html_url: html,
            diff_url: `${html}.diff`,
            patch_url: `${html}.patch`,
            merged_at: entry.pull.mergedAt,
          },
        }
      : {}),
    body: entry.body,
    reactions: rollup(at, []),
    timeline_url: `${at}/timeline`,
    performed_via_github_app: entry.viaApp ? integration(world, entry.viaApp) : null,
    state_reason: entry.stateReason,
  }
}

export const comment = (world: World, one: Repository, entry: Comment): Json => {
  const at = `${repositoryUrl(world, one)}/issues/comments/${entry.id}`
  const kind = one.issues.get(entry.issue)?.pull ? 'pull' : 'issues'
  return {
    url: at,
    html_url: `${htmlUrl(world, one)}/${kind}/${entry.issue}#issuecomment-${entry.id}`,
    issue_url: `${repositoryUrl(world, one)}/issues/${entry.issue}`,
    id: entry.id,
    node_id: nodeId('IC', entry.id),
    user: user(world, entry.author),
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    author_association: association(one, entry.author),
    body: entry.body,
    reactions: rollup(at, entry.reactions),
    performed_via_github_app: entry.viaApp ? integration(world, entry.viaApp) : null,
  }
}
