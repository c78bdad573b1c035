/** Filling the world: accounts, teams, repositories, the App and its installation. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bus } from './hook/bus.ts'
import { ZERO } from './hook/checks.ts'
import { refMoved } from './hook/moved.ts'
import { personalToken } from './http/tokens.ts'
import { installation as installationShape } from './shape/people.ts'
import { DoubleError } from './world/error.ts'
import * as git from './world/git.ts'
import type { Account, App, Installation, Permissions, Repository, Role, Ruleset } from './world/model.ts'
import { accountOf, ACTIONS_APP_ID, atLeast, keyPair, nodeId, repositoryOf, roleIn, stamp, type World } from './world/world.ts'
import type { PushOf, PushResult } from './client.ts'

export interface RepositoryOptions {
  readonly owner: string
  readonly name: string
  readonly private?: boolean
  readonly defaultBranch?: string
  /** Git work tree or repository: its branches and tags become the new repository's, without events. */
  readonly from?: string
  readonly collaborators?: Readonly<Record<string, Role>>
  /** Names of custom roles, by login; `collaborators` says what they are worth. */
  readonly customRoles?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  readonly immutableReleases?: boolean
  /** Install the App on it; default true. */
  readonly install?: boolean
}

/** app.yml as GITHUB part 18, with what the spine adds. */
export const APP_PERMISSIONS: Permissions = {
  metadata: 'read',
  checks: 'write',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  deployments: 'write',
  actions: 'write',
  merge_queues: 'read',
  statuses: 'write',
  members: 'read',
}

export const APP_EVENTS = [
  'check_run',
  'check_suite',
  'deployment',
  'deployment_protection_rule',
  'deployment_review',
  'deployment_status',
  'issue_comment',
  'merge_group',
  'pull_request',
  'pull_request_review',
  'push',
  'workflow_run',
] as const

export const addAccount = (
  world: World,
  of: {
    readonly login: string
    readonly type?: Account['type']
    readonly name?: string
    readonly email?: string
    readonly members?: readonly string[]
  },
): Account => {
  const id = world.nextId()
  const account: Account = {
    id,
    login: of.login,
    type: of.type ?? 'User',
    name: of.name ?? of.login,
    email: of.email ?? `${id}+${of.login}@users.noreply.github.com`,
    members: new Set((of.members ?? []).map((login) => login.toLowerCase())),
  }
  world.accounts.set(of.login.toLowerCase(), account)
  if (account.type === 'User') personalToken(world, account)
  return account
}

export const addApp = (
  world: World,
  of: {
    readonly id: number
    readonly slug: string
    readonly owner: Account
    readonly permissions: Permissions
    readonly events: readonly string[]
    readonly keys?: { privateKey: string; publicKey: string }
  },
): App => {
  const { keys = keyPair(), ...rest } = of
  const app: App = {
    ...rest,
    ...keys,
    name: of.slug,
    bot: addAccount(world, { login: `${of.slug}[bot]`, type: 'Bot' }),
    createdAt: stamp(world),
    hook: null,
    client: { id: `Iv23li${String(of.id).padStart(14, '0')}`, secret: randomBytes(20).toString('hex'), callbacks: [] },
  }
  world.apps.set(app.id, app)
  return app
}

/** GitHub's own App, which owns the check runs of jobs. */
export const addActionsApp = (world: World): App => {
  const owner = addAccount(world, { login: 'github', type: 'Organization' })
  return addApp(world, {
    id: ACTIONS_APP_ID,
    slug: 'github-actions',
    owner,
    permissions: { metadata: 'read' },
    events: [],
    keys: { privateKey: world.oidc.privateKey, publicKey: world.oidc.publicKey },
  })
}

/** Installs the App for an owner, or adds a repository to its installation. */
export const install = (world: World, bus: Bus, app: App, repository: Repository): Installation => {
  const found = world.installations.find((one) => one.app.id === app.id && one.account.id === repository.owner.id)
  if (found) {
    found.repositories.add(repository.id)
    return found
  }
  const fresh: Installation = {
    id: world.nextId(),
    app,
    account: repository.owner,
    repositories: new Set([repository.id]),
    permissions: app.permissions,
    createdAt: stamp(world),
  }
  world.installations.push(fresh)
  const { owner, name } = repository
  bus.emit({
    event: 'installation',
    action: 'created',
    repository: null,
    sender: owner,
    only: app.id,
    payload: {
      installation: installationShape(world, fresh),
      repositories: [
        { id: repository.id, node_id: nodeId('R', repository.id), name, full_name: `${owner.login}/${name}`, private: repository.private },
      ],
      requester: null,
    },
  })
  return fresh
}

export const addRepository = async (world: World, of: RepositoryOptions): Promise<Repository> => {
  const owner = accountOf(world, of.owner)
  if (world.repositories.some((one) => one.owner.id === owner.id && one.name.toLowerCase() === of.name.toLowerCase()))
    throw new DoubleError('refused', `${of.owner}/${of.name} is there already`)
  const gitDir = join(world.dir, 'git', owner.login, `${of.name}.git`)
  const defaultBranch = of.defaultBranch ?? 'main'
  await mkdir(gitDir, { recursive: true })
  await git.git(gitDir, ['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, '.'])
  await git.git(gitDir, ['config', 'receive.denyDeletes', 'false'])
  await git.git(gitDir, ['config', 'gc.auto', '0'])
  // Other processes may fetch from it, as another user than the owner of the directory too.
  await git.git(gitDir, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
  if (of.from !== undefined) await git.git(of.from, ['push', '--quiet', gitDir, 'refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'])
  const id = world.nextId()
  const repository: Repository = {
    id,
    owner,
    name: of.name,
    private: of.private ?? false,
    gitDir,
    defaultBranch,
    createdAt: stamp(world),
    pushedAt: stamp(world),
    activities: [],
    collaborators: new Map(Object.entries(of.collaborators ?? {}).map(([login, role]) => [login.toLowerCase(), role])),
    customRoles: new Map(Object.entries(of.customRoles ?? {}).map(([login, role]) => [login.toLowerCase(), role])),
    immutableReleases: of.immutableReleases ?? false,
    burnedTags: new Set(),
    secrets: { ...of.secrets },
    variables: { ...of.variables },
    labels: new Map(),
    issues: new Map(),
    comments: new Map(),
    suites: [],
    checks: [],
    deployments: [],
    environments: new Map(),
    waiting: [],
    releases: [],
    rulesets: [],
    workflows: [],
    runs: [],
    nextNumber: 1,
  }
  const heads = await git.git(gitDir, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads'])
  for (const line of heads === '' ? [] : heads.split('\n')) {
    const [ref = '', after = ''] = line.split(' ')
    repository.activities.push({ id: world.nextId(), ref, before: ZERO, after, at: stamp(world), type: 'branch_creation', actor: owner })
  }
  world.repositories.push(repository)
  return repository
}

/** An active ruleset as `doctor --apply` makes it: these checks from one App only, pull requests only, merged as they are. */
export const protect = (world: World, fullName: string, branch: string, checks: readonly string[], appId: number): Ruleset => {
  const ruleset: Ruleset = {
    id: world.nextId(),
    name: `release-conductor (${branch})`,
    target: 'branch',
    enforcement: 'active',
    conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
    rules: [
      { type: 'deletion' },
      { type: 'non_fast_forward' },
      {
        type: 'pull_request',
        parameters: {
          allowed_merge_methods: ['merge'],
          required_approving_review_count: 0,
          dismiss_stale_reviews_on_push: false,
          require_code_owner_review: false,
          require_last_push_approval: false,
          required_review_thread_resolution: false,
        },
      },
      {
        type: 'required_status_checks',
        parameters: {
          strict_required_status_checks_policy: false,
          required_status_checks: checks.map((context) => ({ context, integration_id: appId })),
        },
      },
    ],
    bypassActors: [],
    createdAt: stamp(world),
  }
  repositoryOf(world, fullName).rulesets.push(ruleset)
  return ruleset
}

/** A real `git push` into the bare repository by a person with write access, then everything GitHub does after it. */
export const push = async (world: World, bus: Bus, login: string, fullName: string, of: PushOf): Promise<PushResult> =>
  await world.exclusively(async () => {
    const repository = repositoryOf(world, fullName)
    const account = accountOf(world, login)
    if (!atLeast(roleIn(repository, account), 'write')) throw new DoubleError('refused', `${login} may not push to ${fullName}`)
    const ref = of.ref.startsWith('refs/') ? of.ref : `refs/heads/${of.ref}`
    if (repository.releases.some((one) => one.immutable && `refs/tags/${one.tag}` === ref))
      throw new DoubleError('refused', `${ref} belongs to an immutable release`)
    const before = (await git.readRef(repository.gitDir, ref)) ?? ZERO
    await git.git(of.dir, ['push', '--quiet', ...(of.force ? ['--force'] : []), repository.gitDir, `${ref}:${ref}`])
    const after = (await git.readRef(repository.gitDir, ref)) ?? ZERO
    if (after !== before) await refMoved(world, bus, repository, { ref, before, after, sender: account, byJob: false })
    return { before, after }
  })
