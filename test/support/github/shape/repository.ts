/** How GitHub writes a repository: four shapes of the same thing. */
import type { Account, Json, Repository } from '../world/model.ts'
import { atLeast, nodeId, roleIn, type World } from '../world/world.ts'
import { user } from './people.ts'

export const repositoryUrl = (world: World, one: Repository): string => `${world.base}/api/v3/repos/${one.owner.login}/${one.name}`
export const htmlUrl = (world: World, one: Repository): string => `${world.base}/${one.owner.login}/${one.name}`

const urls = (at: string): Json => ({
  forks_url: `${at}/forks`,
  keys_url: `${at}/keys{/key_id}`,
  collaborators_url: `${at}/collaborators{/collaborator}`,
  teams_url: `${at}/teams`,
  hooks_url: `${at}/hooks`,
  issue_events_url: `${at}/issues/events{/number}`,
  events_url: `${at}/events`,
  assignees_url: `${at}/assignees{/user}`,
  branches_url: `${at}/branches{/branch}`,
  tags_url: `${at}/tags`,
  blobs_url: `${at}/git/blobs{/sha}`,
  git_tags_url: `${at}/git/tags{/sha}`,
  git_refs_url: `${at}/git/refs{/sha}`,
  trees_url: `${at}/git/trees{/sha}`,
  statuses_url: `${at}/statuses/{sha}`,
  languages_url: `${at}/languages`,
  stargazers_url: `${at}/stargazers`,
  contributors_url: `${at}/contributors`,
  subscribers_url: `${at}/subscribers`,
  subscription_url: `${at}/subscription`,
  commits_url: `${at}/commits{/sha}`,
  git_commits_url: `${at}/git/commits{/sha}`,
  comments_url: `${at}/comments{/number}`,
  issue_comment_url: `${at}/issues/comments{/number}`,
  contents_url: `${at}/contents/{+path}`,
  compare_url: `${at}/compare/{base}...{head}`,
  merges_url: `${at}/merges`,
  archive_url: `${at}/{archive_format}{/ref}`,
  downloads_url: `${at}/downloads`,
  issues_url: `${at}/issues{/number}`,
  pulls_url: `${at}/pulls{/number}`,
  milestones_url: `${at}/milestones{/number}`,
  notifications_url: `${at}/notifications{?since,all,participating}`,
  labels_url: `${at}/labels{/name}`,
  releases_url: `${at}/releases{/id}`,
  deployments_url: `${at}/deployments`,
})

/** As in workflow runs and check suites. */
export const minimalRepository = (world: World, one: Repository): Json => {
  const at = repositoryUrl(world, one)
  return {
    id: one.id,
    node_id: nodeId('R', one.id),
    name: one.name,
    full_name: `${one.owner.login}/${one.name}`,
    private: one.private,
    owner: user(world, one.owner),
    html_url: htmlUrl(world, one),
    description: null,
    fork: false,
    url: at,
    ...urls(at),
  }
}

/** As in pull requests, webhooks and `GET /installation/repositories`. */
export const repository = (world: World, one: Repository): Json => {
  const open = [...one.issues.values()].filter((issue) => issue.state === 'open').length
  const html = htmlUrl(world, one)
  return {
    ...minimalRepository(world, one),
    created_at: one.createdAt,
    updated_at: one.pushedAt,
    pushed_at: one.pushedAt,
    git_url: `git:${html.slice(html.indexOf('//'))}.git`,
    ssh_url: `git@${new URL(world.base).hostname}:${one.owner.login}/${one.name}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: one.private ? 'private' : 'public',
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: one.defaultBranch,
  }
}

/** `GET /repos/{owner}/{repo}`. @param viewer who asks, for `permissions` */
export const fullRepository = (world: World, one: Repository, viewer: Account | null): Json => {
  const role = viewer ? roleIn(one, viewer) : 'read'
  return {
    ...repository(world, one),
    permissions: {
      admin: atLeast(role, 'admin'),
      maintain: atLeast(role, 'maintain'),
      push: atLeast(role, 'write'),
      triage: atLeast(role, 'triage'),
      pull: true,
    },
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: false,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    network_count: 0,
    subscribers_count: 0,
    ...(one.owner.type === 'Organization' ? { organization: user(world, one.owner) } : {}),
  }
}

/** The `organization` of a webhook. */
export const organization = (world: World, account: Account): Json => {
  const at = `${world.base}/api/v3/orgs/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('O', account.id),
    url: at,
    repos_url: `${at}/repos`,
    events_url: `${at}/events`,
    hooks_url: `${at}/hooks`,
    issues_url: `${at}/issues`,
    members_url: `${at}/members{/member}`,
    public_members_url: `${at}/public_members{/member}`,
    avatar_url: `${world.base}/avatars/u/${account.id}`,
    description: null,
  }
}
