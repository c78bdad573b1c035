/** What the double of GitHub remembers. Plain data; the rules live next to the routes. Git objects and refs are not here: they are in bare repositories on disk. */
import type { RunState, StoredFile, WorkflowState } from './actions.ts'

export type Json = Record<string, unknown>
export type Role = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin'
export type Level = 'read' | 'write'
export type Permissions = Readonly<Record<string, Level>>

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Organization' | 'Bot'
  readonly name: string
  readonly email: string
  /** Organization only: logins, lower case. */
  readonly members: Set<string>
}

export interface Team {
  readonly id: number
  readonly org: string
  readonly slug: string
  readonly members: Set<string>
}

export interface Label {
  readonly id: number
  readonly name: string
  readonly color: string
  readonly description: string | null
}

export interface Comment {
  readonly id: number
  readonly issue: number
  body: string
  readonly author: Account
  readonly viaApp: App | null
  readonly createdAt: string
  updatedAt: string
  readonly reactions: Reaction[]
}

export interface Reaction {
  readonly id: number
  readonly user: Account
  readonly content: string
  readonly createdAt: string
}

export interface Issue {
  readonly id: number
  readonly number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: string | null
  readonly author: Account
  readonly viaApp: App | null
  labels: string[]
  readonly createdAt: string
  updatedAt: string
  closedAt: string | null
  closedBy: Account | null
  pull: Pull | null
}

export interface Pull {
  readonly id: number
  readonly number: number
  headRef: string
  headSha: string
  baseRef: string
  baseSha: string
  draft: boolean
  maintainerCanModify: boolean
  mergedAt: string | null
  mergedBy: Account | null
  mergeCommit: string | null
  /** Test merge for one pair of commits; null commit: conflict. */
  trial: { readonly base: string; readonly head: string; readonly commit: string | null } | null
}

export interface CheckSuite {
  readonly id: number
  readonly appId: number
  readonly headSha: string
  readonly headBranch: string | null
  readonly before: string
  readonly createdAt: string
  updatedAt: string
  /** Set to queued by a re-request until a run changes. */
  requeued: boolean
}

export interface CheckRun {
  readonly id: number
  readonly suite: CheckSuite
  readonly appId: number
  readonly headSha: string
  name: string
  status: string
  conclusion: string | null
  externalId: string
  detailsUrl: string | null
  startedAt: string
  completedAt: string | null
  output: { title: string | null; summary: string | null; text: string | null }
  annotations: Json[]
  actions: Json[]
}

export interface Deployment {
  readonly id: number
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly environment: string
  readonly payload: unknown
  readonly description: string | null
  readonly transient: boolean
  readonly production: boolean
  readonly creator: Account
  readonly viaApp: App | null
  readonly createdAt: string
  updatedAt: string
  readonly statuses: DeploymentStatus[]
}

/** An environment of a repository, and the Apps whose rule protects it. */
export interface Environment {
  readonly id: number
  readonly name: string
  readonly createdAt: string
  readonly rules: { readonly id: number; readonly app: App }[]
}

/** A job that waits at an environment: each App whose rule is there answers once. */
export interface WaitingJob {
  readonly run: number
  readonly environment: string
  /** The one that GitHub made for it. */
  readonly deployment: Deployment
  readonly answers: { readonly app: App; state: 'pending' | 'approved' | 'rejected'; readonly comments: string[] }[]
}

export interface DeploymentStatus {
  readonly id: number
  readonly state: string
  readonly description: string
  readonly environment: string
  readonly environmentUrl: string
  readonly logUrl: string
  readonly creator: Account
  readonly viaApp: App | null
  readonly createdAt: string
}

export interface Release {
  readonly id: number
  tag: string
  target: string
  name: string | null
  body: string | null
  draft: boolean
  prerelease: boolean
  immutable: boolean
  readonly author: Account
  readonly createdAt: string
  updatedAt: string
  publishedAt: string | null
  readonly assets: Asset[]
}

export interface Asset extends StoredFile {
  readonly id: number
  name: string
  label: string | null
  readonly contentType: string
  readonly uploader: Account
  readonly createdAt: string
  downloads: number
}

export interface Ruleset {
  readonly id: number
  readonly name: string
  readonly target: string
  readonly enforcement: string
  readonly conditions: Json
  readonly rules: Json[]
  readonly bypassActors: Json[]
  readonly createdAt: string
}

export interface Repository {
  readonly id: number
  readonly owner: Account
  readonly name: string
  readonly private: boolean
  readonly gitDir: string
  readonly defaultBranch: string
  readonly createdAt: string
  pushedAt: string
  /** Every move of a branch, oldest first. */
  readonly activities: Activity[]
  readonly collaborators: Map<string, Role>
  readonly customRoles: Map<string, string>
  readonly immutableReleases: boolean
  readonly burnedTags: Set<string>
  readonly secrets: Record<string, string>
  readonly variables: Record<string, string>
  readonly labels: Map<string, Label>
  readonly issues: Map<number, Issue>
  readonly comments: Map<number, Comment>
  readonly suites: CheckSuite[]
  readonly checks: CheckRun[]
  readonly deployments: Deployment[]
  readonly environments: Map<string, Environment>
  readonly waiting: WaitingJob[]
  readonly releases: Release[]
  readonly rulesets: Ruleset[]
  readonly workflows: WorkflowState[]
  readonly runs: RunState[]
  nextNumber: number
}

export interface Activity {
  readonly id: number
  readonly ref: string
  readonly before: string
  readonly after: string
  readonly at: string
  readonly type: 'push' | 'force_push' | 'branch_creation' | 'branch_deletion' | 'pr_merge'
  readonly actor: Account
}

/** An App that somebody agreed to, until its code is used. */
export interface OfferedApp {
  readonly owner: Account
  readonly manifest: Manifest
  readonly at: number
}

/** A person's yes to an App, until its code is used. */
export interface Grant {
  readonly account: Account
  readonly app: App
  readonly redirect: string
  /** SHA-256 of the verifier, base64url; null: none was given. */
  readonly challenge: string | null
  readonly at: number
}

export interface Manifest {
  readonly name: string
  readonly hook_attributes: { readonly url: string }
  readonly redirect_url: string
  readonly callback_urls?: readonly string[]
  readonly default_permissions: Permissions
  readonly default_events: readonly string[]
}

export interface App {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly owner: Account
  readonly bot: Account
  readonly privateKey: string
  readonly publicKey: string
  readonly permissions: Permissions
  readonly events: readonly string[]
  readonly createdAt: string
  hook: { url: string; secret: string } | null
  /** Of the web flow. */
  readonly client: { readonly id: string; readonly secret: string; callbacks: readonly string[] }
}

export interface Installation {
  readonly id: number
  readonly app: App
  readonly account: Account
  readonly repositories: Set<number>
  readonly permissions: Permissions
  readonly createdAt: string
}

/** Who is asking. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly account: Account }
  | { readonly kind: 'app'; readonly app: App }
  | {
      readonly kind: 'installation'
      readonly app: App
      readonly installation: Installation
      readonly permissions: Permissions
      readonly repositories: ReadonlySet<number>
    }
  | { readonly kind: 'job'; readonly app: App; readonly permissions: Permissions; readonly repository: Repository; readonly run: number }

export interface Token {
  readonly actor: Actor
  /** ms since epoch; null: never. */
  readonly expires: number | null
}

/** A request that the double took, for those who count. */
export interface Asked {
  readonly by: Actor['kind']
  readonly method: string
  /** `/repos/{owner}/{repo}/pulls/{pull_number}` */
  readonly operation: string
  readonly status: number
  /** It makes or changes what people are told of, which GitHub limits apart. */
  readonly content: boolean
}

export interface Violation {
  readonly kind: 'unknown-operation' | 'unknown-key' | 'answer' | 'webhook' | 'runner'
  /** `POST /repos/{owner}/{repo}/...` or the event's name. */
  readonly where: string
  readonly problems: readonly string[]
}

export interface Delivery {
  readonly id: number
  readonly guid: string
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly deliveredAt: string
  readonly redelivery: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  duration: number
  status: string
  statusCode: number
  answer: { readonly headers: Json; readonly body: string } | null
}
