/** How GitHub writes accounts, Apps and installations. */
import type { Account, App, Installation, Json } from '../world/model.ts'
import { nodeId, type World } from '../world/world.ts'

const api = (world: World): string => `${world.base}/api/v3`

export const user = (world: World, account: Account): Json => {
  const at = `${api(world)}/users/${encodeURIComponent(account.login)}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type.slice(0, 1), account.id),
    avatar_url: `${world.base}/avatars/u/${account.id}`,
    gravatar_id: '',
    url: at,
    html_url: account.type === 'Bot' ? `${world.base}/apps/${account.login.replace('[bot]', '')}` : `${world.base}/${account.login}`,
    followers_url: `${at}/followers`,
    following_url: `${at}/following{/other_user}`,
    gists_url: `${at}/gists{/gist_id}`,
    starred_url: `${at}/starred{/owner}{/repo}`,
    subscriptions_url: `${at}/subscriptions`,
    organizations_url: `${at}/orgs`,
    repos_url: `${at}/repos`,
    events_url: `${at}/events{/privacy}`,
    received_events_url: `${at}/received_events`,
    type: account.type,
    site_admin: false,
  }
}

/** `GET /users/{username}` and, with `mine`, `GET /user`. */
export const profile = (world: World, account: Account, mine: boolean): Json => ({
  ...user(world, account),
  name: account.name,
  company: null,
  blog: '',
  location: null,
  email: mine ? account.email : null,
  hireable: null,
  bio: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: '2020-01-01T00:00:00Z',
  updated_at: '2020-01-01T00:00:00Z',
  ...(mine
    ? { private_gists: 0, total_private_repos: 0, owned_private_repos: 0, disk_usage: 0, collaborators: 0, two_factor_authentication: true }
    : {}),
})

/** As in check runs, comments and `GET /app`. */
export const integration = (world: World, app: App): Json => ({
  id: app.id,
  slug: app.slug,
  node_id: nodeId('A', app.id),
  owner: user(world, app.owner),
  name: app.name,
  description: '',
  external_url: `${world.base}/about/${app.slug}`,
  html_url: `${world.base}/apps/${app.slug}`,
  created_at: app.createdAt,
  updated_at: app.createdAt,
  permissions: app.permissions,
  events: app.events,
})

export const installation = (world: World, one: Installation): Json => ({
  id: one.id,
  account: user(world, one.account),
  repository_selection: 'selected',
  access_tokens_url: `${api(world)}/app/installations/${one.id}/access_tokens`,
  repositories_url: `${api(world)}/installation/repositories`,
  html_url: `${world.base}/organizations/${one.account.login}/settings/installations/${one.id}`,
  app_id: one.app.id,
  client_id: one.app.client.id,
  app_slug: one.app.slug,
  target_id: one.account.id,
  target_type: one.account.type,
  permissions: one.permissions,
  events: one.app.events,
  created_at: one.createdAt,
  updated_at: one.createdAt,
  single_file_name: null,
  has_multiple_single_files: false,
  single_file_paths: [],
  suspended_by: null,
  suspended_at: null,
})
