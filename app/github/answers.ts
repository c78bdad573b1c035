/** The parts of GitHub's answers that are used, and nothing else. What does not fit is refused, so a renamed key is an error and never an absent fact. */
import { z } from 'zod'
import { GitHubError } from './error.ts'

const Id = z.number().int().positive()
const Sha = z.string().regex(/^[0-9a-f]{40}$/)
const Name = z.string().max(1000)
const Text = z.string().max(1_000_000)

const Account = z.object({ login: Name, id: Id, type: Name })
/** A deleted account is null at GitHub. */
const MaybeAccount = Account.nullable()

export const Pull = z.object({
  number: Id,
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged: z.boolean(),
  merge_commit_sha: Sha.nullable(),
  commits: z.number().int().nonnegative(),
  head: z.object({ ref: Name, sha: Sha, repo: z.object({ id: Id }).nullable() }),
  base: z.object({ ref: Name, sha: Sha, repo: z.object({ id: Id, default_branch: Name }) }),
  title: Text,
  body: Text.nullable(),
  labels: z.array(z.object({ name: Name })),
  user: MaybeAccount,
})

export const PullInList = z.object({
  number: Id,
  head: z.object({ ref: Name, sha: Sha, repo: z.object({ id: Id }).nullable() }),
  base: z.object({ ref: Name }),
})

export const Comment = z.object({
  id: Id,
  node_id: Name,
  body: Text,
  user: MaybeAccount,
  performed_via_github_app: z.object({ id: Id }).nullable().optional(),
  created_at: Name,
  updated_at: Name,
})

export const Collaborator = z.object({ permission: z.enum(['admin', 'write', 'read', 'none']), role_name: Name, user: MaybeAccount })
export const Membership = z.object({ state: z.enum(['active', 'pending']) })

const Signature = z.object({ name: Name.optional(), email: Name.optional() }).nullable()
/** GitHub answers null, or an empty object, for an unknown e-mail address. */
const MaybeAttributed = z.object({ id: Id.optional(), login: Name.optional() }).nullable()
export const Commit = z.object({
  sha: Sha,
  commit: z.object({ message: Text, author: Signature, committer: Signature, verification: z.object({ verified: z.boolean() }).optional() }),
  author: MaybeAttributed,
  committer: MaybeAttributed,
})
export type Commit = z.infer<typeof Commit>

/** A commit as lists and comparisons have it, as far as a release is planned from it. */
export const ListedCommit = z.object({
  sha: Sha,
  commit: z.object({ message: Text, committer: z.object({ date: Name.optional() }).nullable() }),
  parents: z.array(z.object({ sha: Sha })),
})
export const Compared = z.object({
  total_commits: z.number().int().nonnegative(),
  commits: z.array(ListedCommit),
  merge_base_commit: z.object({ sha: Sha }),
  files: z.array(z.object({ filename: z.string().max(4096) })).optional(),
})
export const MergedPull = z.object({ number: Id, title: Text, merged_at: Name.nullable(), merge_commit_sha: Sha.nullable(), updated_at: Name })
export const OpenedPull = z.object({
  number: Id,
  html_url: Name,
  head: z.object({ ref: Name, sha: Sha, repo: z.object({ id: Id }).nullable() }),
  base: z.object({ ref: Name }),
  labels: z.array(z.object({ name: Name })),
})
export const CommentInList = z.object({ id: Id, body: Text, issue_url: Name })
export const IssueInList = z.object({ number: Id, title: Text, pull_request: z.unknown().optional() })
export const Tree = z.object({ sha: Sha, tree: z.array(z.object({ path: z.string().max(4096), mode: z.string().max(6), sha: Sha })) })
export const GitObject = z.object({ sha: Sha })

export const Run = z.object({
  id: Id,
  run_attempt: z.number().int().positive(),
  path: Name,
  event: Name,
  head_sha: Sha,
  head_repository: z.object({ id: Id }).nullable(),
  display_title: Name,
  status: Name.nullable(),
  conclusion: Name.nullable(),
  html_url: Name,
})
export type Run = z.infer<typeof Run>

export const Artifact = z.object({
  id: Id,
  name: Name,
  size_in_bytes: z.number().int().nonnegative(),
  digest: Name.nullable().optional(),
  expired: z.boolean(),
})

/** A commit of the Git database. */
export const GitCommit = z.object({ sha: Sha, tree: z.object({ sha: Sha }), parents: z.array(z.object({ sha: Sha })), message: Text })

/** How the second of two commits stands to the first. */
export const Standing = z.object({ status: z.enum(['ahead', 'behind', 'identical', 'diverged']) })

export const GitRef = z.object({ ref: Name, object: z.object({ type: Name, sha: Sha }) })
export const GitTag = z.object({ object: z.object({ type: Name, sha: Sha }) })

export const FileContent = z.object({
  type: z.literal('file'),
  encoding: Name,
  size: z.number().int().nonnegative(),
  content: z.string(),
})

export const FolderContent = z.array(z.object({ type: Name, path: z.string().max(4096) }))

export const CheckRun = z.object({
  id: Id,
  name: Name,
  head_sha: Sha,
  external_id: Name.nullable(),
  status: Name,
  conclusion: Name.nullable(),
  html_url: Name.nullable(),
  output: z.object({
    title: Text.nullable(),
    summary: Text.nullable(),
    text: Text.nullable(),
    annotations_count: z.number().int().nonnegative(),
  }),
  app: z.object({ id: Id }).nullable(),
})

export const Dispatched = z.object({ workflow_run_id: Id, html_url: Name })

export const Deployment = z.object({
  id: Id,
  sha: Sha,
  environment: Name,
  url: Name,
  payload: z.union([z.record(z.string(), z.unknown()), z.string().max(100_000)]),
})
export const ListedDeployment = z.object({ id: Id, sha: Sha, ref: Name, environment: Name, production_environment: z.boolean().optional() })
/** As far as a deployment of GitHub's own is looked at. */
export const AdoptedDeployment = Deployment.omit({ payload: true })
export const LinkedStatus = z.object({ log_url: z.string().max(2000).nullish(), target_url: z.string().max(2000).nullish() })
export const ListedStatus = z.object({ state: Name, description: z.string().max(1000).nullish(), created_at: Name })
export const DeploymentStatus = z.object({ id: Id, state: Name, description: z.string().max(1000) })

export const Issue = z.object({
  number: Id,
  state: z.enum(['open', 'closed']),
  html_url: Name,
  body: Text.nullable().optional(),
  performed_via_github_app: z.object({ id: Id }).nullable().optional(),
})

export const Reaction = z.object({ id: Id, content: Name })

export const Asset = z.object({
  id: Id,
  name: Name,
  state: z.enum(['uploaded', 'open', 'starter']),
  size: z.number().int().nonnegative(),
  digest: Name.nullable().optional(),
})
export type Asset = z.infer<typeof Asset>

export const Release = z.object({
  id: Id,
  tag_name: Name,
  draft: z.boolean(),
  immutable: z.boolean().optional(),
  body: Text.nullable().optional(),
  html_url: Name,
  upload_url: Name,
  target_commitish: Name,
})
export type Release = z.infer<typeof Release>

/** @throws GitHubError `malformed`, naming the first part that does not fit */
export function parsed<Value>(schema: z.ZodType<Value>, data: unknown, what: string): Value {
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new GitHubError('malformed', `GitHub's answer to ${what} is not as documented: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
}
