/** The whole of the double's memory, and the few questions everybody asks of it. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { WorkflowRunner } from '../runner.ts'
import { DoubleError, notFound } from './error.ts'
import type { Account, Actor, App, Asked, Delivery, Grant, Installation, OfferedApp, Repository, Role, Team, Token, Violation } from './model.ts'

/** GitHub's own App for Actions, with its real id. */
export const ACTIONS_APP_ID = 15368

export interface World {
  readonly dir: string
  /** `http://127.0.0.1:<port>`; REST under `/api/v3`, uploads under `/api/uploads`. */
  base: string
  readonly now: () => Date
  readonly accounts: Map<string, Account>
  readonly teams: Team[]
  readonly repositories: Repository[]
  readonly apps: Map<number, App>
  readonly installations: Installation[]
  /** By code. */
  readonly offered: Map<string, OfferedApp>
  /** By code. */
  readonly grants: Map<string, Grant>
  readonly tokens: Map<string, Token>
  readonly deliveries: Delivery[]
  readonly asked: Asked[]
  readonly violations: Violation[]
  readonly oidc: { readonly privateKey: string; readonly publicKey: string; readonly kid: string }
  readonly blobKey: string
  runner: WorkflowRunner | null
  readonly nextId: () => number
  /** Runs one change at a time, so that a change and its events are atomic. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>
}

export const keyPair = (): { privateKey: string; publicKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })

export const createWorld = (dir: string, now: () => Date, blobKey: string): World => {
  let id = 1000
  let tail: Promise<unknown> = Promise.resolve()
  const keys = keyPair()
  return {
    dir,
    base: '',
    now,
    accounts: new Map(),
    teams: [],
    repositories: [],
    apps: new Map(),
    offered: new Map(),
    installations: [],
    grants: new Map(),
    tokens: new Map(),
    deliveries: [],
    asked: [],
    violations: [],
    oidc: { ...keys, kid: createHash('sha256').update(keys.publicKey).digest('hex').slice(0, 16) },
    blobKey,
    runner: null,
    nextId: () => id++,
    exclusively: async (work) => {
      const mine = tail.then(work)
      tail = mine.catch(() => undefined)
      return await mine
    },
  }
}

/** UTC to the second, as GitHub writes it. */
export const stamp = (world: World): string =>
  world
    .now()
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z')

export const nodeId = (kind: string, id: number): string => `${kind}_${Buffer.from(`${kind}:${id}`).toString('base64url')}`

export const accountOf = (world: World, login: string): Account => {
  const account = world.accounts.get(login.toLowerCase())
  if (!account) throw new DoubleError('unknown-account', `no account ${login}; add it with addUser or addOrganization`)
  return account
}

export const findRepository = (world: World, owner: string, name: string): Repository | null =>
  world.repositories.find((one) => one.owner.login.toLowerCase() === owner.toLowerCase() && one.name.toLowerCase() === name.toLowerCase()) ?? null

export const repositoryOf = (world: World, fullName: string): Repository => {
  const [owner = '', name = ''] = fullName.split('/')
  const repository = findRepository(world, owner, name)
  if (!repository) throw new DoubleError('unknown-repository', `no repository ${fullName}; add it with addRepository`)
  return repository
}

export const appOf = (world: World, id: number): App => {
  const app = world.apps.get(id)
  if (!app) throw notFound()
  return app
}

const ORDER: readonly Role[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

/** True when `role` is `floor` or more. */
export const atLeast = (role: Role, floor: Role): boolean => ORDER.indexOf(role) >= ORDER.indexOf(floor)

/** The highest grant of an account in a repository: owner, organization owner is not modelled, collaborator, public. */
export const roleIn = (repository: Repository, account: Account): Role => {
  if (repository.owner.id === account.id) return 'admin'
  const granted = repository.collaborators.get(account.login.toLowerCase()) ?? 'none'
  return granted === 'none' && !repository.private ? 'read' : granted
}

export const installationFor = (world: World, repository: Repository, app: App): Installation | null =>
  world.installations.find((one) => one.app.id === app.id && one.repositories.has(repository.id)) ?? null

export const actorAccount = (actor: Actor): Account | null =>
  actor.kind === 'user' ? actor.account : actor.kind === 'installation' || actor.kind === 'job' ? actor.app.bot : null

export const viaApp = (actor: Actor): App | null => (actor.kind === 'installation' || actor.kind === 'job' ? actor.app : null)
