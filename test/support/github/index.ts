/** The double of GitHub. See README.md in this folder. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { Person, type PushOf, type PushResult } from './client.ts'
import { Bus } from './hook/bus.ts'
import { refMoved } from './hook/moved.ts'
import { FaultPlan, type FaultKind, type Faults } from './http/faults.ts'
import { Limiter, type LimitOptions } from './http/limits.ts'
import { serve } from './http/server.ts'
import { personalToken } from './http/tokens.ts'
import { granted } from './http/web-flow.ts'
import { actionRoutes } from './route/actions.ts'
import { appRoutes } from './route/apps.ts'
import { checkRoutes } from './route/checks.ts'
import { codeownersRoutes } from './route/codeowners.ts'
import { commentRoutes } from './route/comments.ts'
import { commitRoutes } from './route/commits.ts'
import { deploymentRoutes } from './route/deployments.ts'
import { gitRoutes } from './route/git.ts'
import { issueRoutes } from './route/issues.ts'
import { protectionRoutes } from './route/protection.ts'
import { pullRoutes } from './route/pulls.ts'
import { releaseRoutes } from './route/releases.ts'
import { repositoryRoutes } from './route/repository.ts'
import { openRuns } from './run/start.ts'
import { protectEnvironment, reachEnvironment } from './run/waiting.ts'
import type { WorkflowRunner } from './runner.ts'
import {
  addAccount,
  addActionsApp,
  addApp,
  addRepository,
  APP_EVENTS,
  APP_PERMISSIONS,
  install,
  protect,
  push,
  type RepositoryOptions,
} from './setup.ts'
import { DoubleError } from './world/error.ts'
import type { Account, App, Asked, Delivery, Manifest, Permissions, Repository, Ruleset, Violation, WaitingJob } from './world/model.ts'
import { accountOf, createWorld, repositoryOf, type World } from './world/world.ts'

export { Person, type PushOf, type PushResult, type Reply } from './client.ts'
export { DoubleError } from './world/error.ts'
export type { FaultKind, Faults } from './http/faults.ts'
export type { LimitOptions } from './http/limits.ts'
export type { RepositoryOptions } from './setup.ts'
export type { Asked, Delivery, Repository, Role, Violation } from './world/model.ts'
export type { JobPermissions, JobUpdate, RunRequest, RunResult, StoredArtifact, WorkflowRunner } from './runner.ts'

export const ROUTES = [
  ...appRoutes,
  ...repositoryRoutes,
  ...gitRoutes,
  ...commitRoutes,
  ...pullRoutes,
  ...issueRoutes,
  ...commentRoutes,
  ...checkRoutes,
  ...codeownersRoutes,
  ...deploymentRoutes,
  ...protectionRoutes,
  ...actionRoutes,
  ...releaseRoutes,
]

export interface GitHubOptions {
  /** An empty directory for bare repositories and files. */
  readonly dir: string
  /** Chooses the faults; the same seed and the same events give the same choices. Default 1. */
  readonly seed?: number
  /** Default: the wall clock. */
  readonly now?: () => Date
  readonly faults?: Faults
  readonly limits?: LimitOptions
  readonly webhook?: { readonly url: string; readonly secret: string }
  readonly runner?: WorkflowRunner
  readonly app?: { readonly id?: number; readonly slug?: string; readonly permissions?: Permissions; readonly events?: readonly string[] }
}

export class GitHub implements AsyncDisposable {
  readonly world: World
  readonly #bus: Bus
  readonly #plan: FaultPlan
  readonly #app: App
  readonly #server: ReturnType<typeof serve>

  constructor(world: World, bus: Bus, plan: FaultPlan, app: App, server: ReturnType<typeof serve>) {
    this.world = world
    this.#bus = bus
    this.#plan = plan
    this.#app = app
    this.#server = server
  }

  get serverUrl(): string {
    return this.world.base
  }

  /** Octokit's `baseUrl`. */
  get apiUrl(): string {
    return `${this.world.base}/api/v3`
  }

  /** What the App must know of itself. `installationId` is of its first installation, 0 before there is one. */
  get app(): {
    readonly id: number
    readonly slug: string
    readonly privateKey: string
    readonly client: App['client']
    readonly installationId: number
  } {
    const { id, slug, privateKey, client } = this.#app
    return { id, slug, privateKey, client, installationId: this.world.installations.find((one) => one.app.id === id)?.id ?? 0 }
  }

  /** Where the App listens. Deliveries before this are not made. */
  setWebhook(url: string, secret: string): void {
    this.#app.hook = { url, secret }
  }

  /** Where the web flow may send browsers back to. */
  setCallback(url: string): void {
    this.#app.client.callbacks = [url]
  }

  /** What github.com does once the person agreed to be known to an App. @param address of the page that asks @returns where the browser goes */
  authorize(login: string, address: string): string {
    return granted(this.world, new URL(address), login)
  }

  /**
   * What github.com does with the form of a manifest, once the person agreed. @param address the form's action, with its state @returns where the browser goes
   * @throws DoubleError `refused`
   */
  agree(login: string, address: string, manifest: string): string {
    const { pathname, searchParams } = new URL(address)
    const org = /^\/organizations\/([^/]+)\/settings\/apps\/new$/.exec(pathname)?.[1]
    if (org === undefined && pathname !== '/settings/apps/new') throw new DoubleError('refused', `${pathname} is no form for Apps`)
    const read = JSON.parse(manifest) as Manifest
    const isRight = read.name.length <= 34 && URL.canParse(read.hook_attributes.url) && URL.canParse(read.redirect_url)
    if (!isRight || Object.values(read.default_permissions).some((level) => level !== 'read' && level !== 'write'))
      throw new DoubleError('refused', 'GitHub does not take this manifest')
    const code = randomBytes(20).toString('hex')
    this.world.offered.set(code, { owner: accountOf(this.world, org ?? login), manifest: read, at: this.world.now().getTime() })
    const to = new URL(read.redirect_url)
    to.searchParams.set('code', code)
    const state = searchParams.get('state')
    if (state !== null) to.searchParams.set('state', state)
    return to.href
  }

  setRunner(runner: WorkflowRunner): void {
    this.world.runner = runner
  }

  /** `type: 'Bot'` for machine users. Commits are attributed by e-mail address. */
  addUser(of: { readonly login: string; readonly name?: string; readonly email?: string; readonly type?: 'User' | 'Bot' }): Account {
    return addAccount(this.world, of)
  }

  addOrganization(of: {
    readonly login: string
    readonly members?: readonly string[]
    readonly teams?: Readonly<Record<string, readonly string[]>>
  }): Account {
    const known = this.world.accounts.get(of.login.toLowerCase())
    const account = known ?? addAccount(this.world, { login: of.login, type: 'Organization' })
    for (const login of of.members ?? []) account.members.add(login.toLowerCase())
    for (const [slug, members] of Object.entries(of.teams ?? {}))
      this.world.teams.push({ id: this.world.nextId(), org: of.login, slug, members: new Set(members.map((login) => login.toLowerCase())) })
    return account
  }

  async addRepository(of: RepositoryOptions): Promise<Repository> {
    const repository = await addRepository(this.world, of)
    if (of.install ?? true) install(this.world, this.#bus, this.#app, repository)
    return repository
  }

  repository(fullName: string): Repository {
    return repositoryOf(this.world, fullName)
  }

  /** Requires these checks on a branch, pinned to our App. */
  protect(fullName: string, branch: string, checks: readonly string[]): Ruleset {
    return protect(this.world, fullName, branch, checks, this.#app.id)
  }

  /** An environment, with the rule of our App on it, unless `free`. */
  protectEnvironment(fullName: string, name: string, { free = false }: { readonly free?: boolean } = {}): void {
    protectEnvironment(this.world, repositoryOf(this.world, fullName), name, free ? null : this.#app)
  }

  /** A job of this run comes to an environment: it waits there for the Apps whose rule is on it, and each of them is asked. */
  async reachEnvironment(fullName: string, run: number, name: string): Promise<WaitingJob> {
    const { world } = this
    return await world.exclusively(async () => await reachEnvironment(world, this.#bus, repositoryOf(world, fullName), run, name))
  }

  tokenOf(login: string): string {
    return personalToken(this.world, accountOf(this.world, login))
  }

  /** A person who acts over HTTP. */
  as(login: string): Person {
    return new Person(login, this.tokenOf(login), this.apiUrl, async (repository, of) => await this.push(repository, { ...of, as: login }))
  }

  async push(repository: string, of: PushOf & { readonly as: string }): Promise<PushResult> {
    return await push(this.world, this.#bus, of.as, repository, of)
  }

  /** For a ref that something else has already moved in the bare repository (a `git push` by the caller). */
  async pushed(fullName: string, of: { readonly ref: string; readonly before: string; readonly after: string; readonly as: string }): Promise<void> {
    const { world } = this
    const move = { ref: of.ref, before: of.before, after: of.after, sender: accountOf(world, of.as), byJob: false }
    await world.exclusively(async () => await refMoved(world, this.#bus, repositoryOf(world, fullName), move))
  }

  setFaults(faults: Faults): void {
    this.#plan.faults = faults
  }

  /** Once: `before` and `after` answer 502 without or with the effect, a number answers that status without it. @param path tested against the URL's path */
  faultNext(method: string, path: RegExp, kind: FaultKind): void {
    this.#plan.once(method, path, kind)
  }

  /** From now on this operation's answers carry a key under another name, as if GitHub had renamed it. @param operation `GET /repos/{owner}/{repo}` */
  renameInAnswers(operation: string, key: string, to: string): void {
    this.#plan.renames = [...this.#plan.renames, { operation, key, to }]
  }

  /** Takes every renamed key back. What was recorded stays recorded. */
  renameNothing(): void {
    this.#plan.renames = []
  }

  get deliveries(): readonly Delivery[] {
    return this.world.deliveries
  }

  /** Every request so far that reached an operation, or was refused. */
  get asked(): readonly Asked[] {
    return this.world.asked
  }

  /** What the seed chose for each delivery so far. */
  get decisions(): Bus['decisions'] {
    return this.#bus.decisions
  }

  get violations(): readonly Violation[] {
    return this.world.violations
  }

  /** Throws when the double was asked, or said, what GitHub does not know. */
  assertClean(): void {
    if (this.world.violations.length === 0) return
    const lines = this.world.violations.map((one) => `${one.kind} ${one.where}: ${one.problems.join('; ')}`)
    throw new DoubleError('unclean', `the double of GitHub recorded ${lines.length} violation(s):\n${lines.join('\n')}`)
  }

  /** Resolves when no run is being executed and no delivery is on its way. */
  async settled(): Promise<void> {
    for (;;) {
      const runs = [...openRuns(this.world)]
      if (runs.length === 0 && this.#bus.idle) return
      await Promise.all(runs)
      await this.#bus.settled()
    }
  }

  async stop(): Promise<void> {
    for (const repository of this.world.repositories) for (const run of repository.runs) run.abort.abort()
    await Promise.allSettled(openRuns(this.world))
    await this.#bus.close()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** Starts a GitHub on 127.0.0.1 with our App registered, no account and no repository. */
export const startGitHub = async (options: GitHubOptions): Promise<GitHub> => {
  await mkdir(options.dir, { recursive: true })
  const now = options.now ?? ((): Date => new Date())
  const seed = options.seed ?? 1
  const world = createWorld(options.dir, now, randomBytes(32).toString('hex'))
  world.runner = options.runner ?? null
  const plan = new FaultPlan(options.faults ?? {}, seed)
  const bus = new Bus(world, plan, seed)
  const server = serve({ world, bus, plan, limiter: new Limiter(options.limits ?? {}, now), routes: ROUTES })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve())
  })
  world.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  addActionsApp(world)
  const owner = addAccount(world, { login: 'release-conductor', type: 'Organization' })
  const app = addApp(world, {
    id: options.app?.id ?? 424_242,
    slug: options.app?.slug ?? 'release-conductor',
    owner,
    permissions: options.app?.permissions ?? APP_PERMISSIONS,
    events: options.app?.events ?? APP_EVENTS,
  })
  if (options.webhook) app.hook = { ...options.webhook }
  return new GitHub(world, bus, plan, app, server)
}
