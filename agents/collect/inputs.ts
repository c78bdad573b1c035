/**
 * The closed list of what an agent can be given. Each kind has a schema, so a recorded input (`inputs/<sha256>` of a pack) can be read back and every
 * report computed again from it. Collectors produce these; agents see nothing else.
 */
import { z } from 'zod'
import { digestOf, sha256 } from '../../evidence/core/digest.ts'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { Protection, Workflows } from './inputs.ci.ts'
import { Manifests } from './inputs.deploy.ts'
import { Dashboards } from './inputs.dashboards.ts'
import { Load } from './inputs.load.ts'
import { Logs } from './inputs.logs.ts'
import { RegistryImages } from './inputs.images.ts'
import { Decisions } from './inputs.decisions.ts'
import { Registry } from './inputs.registry.ts'
import { Objectives } from './inputs.objectives.ts'
import { PolicyEvaluations } from './inputs.policies.ts'
import { Probes } from './inputs.probes.ts'
import { Previews } from './inputs.previews.ts'
import { Templates } from './inputs.templates.ts'
import { Attestations, Lockfiles, ReadFile, VulnerabilityReports } from './inputs.supply-chain.ts'

export { PREVIEWS_MARK } from './inputs.previews.ts'

const Path = z.string().min(1).max(4096)

/** One commit of the release, as Git has it. */
export const Commit = z.strictObject({
  sha: CommitSha,
  /** More than one: a merge. */
  parents: z.array(CommitSha).max(64),
  author: z.strictObject({ name: z.string().max(500), email: z.string().max(500) }),
  subject: z.string().max(10_000),
  body: z.string().max(100_000),
})
export type Commit = z.infer<typeof Commit>

/** Everything on the head that the base does not have. */
export const Commits = z.strictObject({
  base: CommitSha,
  head: CommitSha,
  /** Newest first. */
  commits: z.array(Commit).max(5000),
  /** Changed between the merge base and the head; sorted; deleted ones included. */
  paths: z.array(Path).max(50_000),
})

export const PullRequest = z.strictObject({
  number: z.number().int().positive(),
  title: z.string().max(1000),
  body: z.string().max(200_000),
  /** Sorted. */
  labels: z.array(z.string().max(200)).max(200),
  head: z.strictObject({ ref: z.string().max(300), sha: CommitSha }),
  base: z.strictObject({ ref: z.string().max(300), sha: CommitSha }),
})
export type PullRequest = z.infer<typeof PullRequest>

/** `file` is null when the repository has no CODEOWNERS in any of the three places GitHub reads. */
export const Codeowners = z.strictObject({
  file: z.strictObject({ path: Path, text: z.string().max(3_000_000) }).nullable(),
  /** What GitHub finds wrong with that file at this commit: owners it does not know or who cannot own here, and lines it cannot use. */
  problems: z
    .array(
      z.strictObject({
        line: z.number().int().positive(),
        column: z.number().int().positive(),
        kind: z.string().max(100),
        message: z.string().max(2000),
      }),
    )
    .max(5000),
})

export const Dockerfiles = z.strictObject({
  head: CommitSha,
  /** Sorted by path. `text` is null when the file could not be read as text: `why` says so. */
  files: z.array(z.strictObject({ path: Path, text: z.string().max(300_000).nullable(), why: z.string().max(300).nullable() })).max(500),
})

/** What the releases before measured, of the base branch; `file` is null when there is none. */
export const TrendFile = z.strictObject({ base: CommitSha, path: Path, file: ReadFile.nullable() })

/** `.github/release-conductor.yml` of the base branch. */
export const Policy = z.strictObject({ base: CommitSha, path: Path, text: z.string().max(1_000_000) })

export const INPUTS = {
  commits: Commits,
  pullRequest: PullRequest,
  codeowners: Codeowners,
  workflows: Workflows,
  protection: Protection,
  manifests: Manifests,
  decisions: Decisions,
  registry: Registry,
  templates: Templates,
  policies: PolicyEvaluations,
  dockerfiles: Dockerfiles,
  registryImages: RegistryImages,
  lockfiles: Lockfiles,
  vulnerabilityReports: VulnerabilityReports,
  attestations: Attestations,
  objectives: Objectives,
  load: Load,
  previews: Previews,
  probes: Probes,
  dashboards: Dashboards,
  logs: Logs,
  trend: TrendFile,
  policy: Policy,
} as const

export type InputKind = keyof typeof INPUTS
export type Inputs = { readonly [Kind in InputKind]: z.infer<(typeof INPUTS)[Kind]> }

/** A recorded input, as it lies in `inputs/<sha256>` (canonical JSON). */
export const RecordedInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('commits'), value: Commits }),
  z.strictObject({ kind: z.literal('pullRequest'), value: PullRequest }),
  z.strictObject({ kind: z.literal('codeowners'), value: Codeowners }),
  z.strictObject({ kind: z.literal('workflows'), value: Workflows }),
  z.strictObject({ kind: z.literal('protection'), value: Protection }),
  z.strictObject({ kind: z.literal('manifests'), value: Manifests }),
  z.strictObject({ kind: z.literal('decisions'), value: Decisions }),
  z.strictObject({ kind: z.literal('registry'), value: Registry }),
  z.strictObject({ kind: z.literal('templates'), value: Templates }),
  z.strictObject({ kind: z.literal('policies'), value: PolicyEvaluations }),
  z.strictObject({ kind: z.literal('dockerfiles'), value: Dockerfiles }),
  z.strictObject({ kind: z.literal('registryImages'), value: RegistryImages }),
  z.strictObject({ kind: z.literal('lockfiles'), value: Lockfiles }),
  z.strictObject({ kind: z.literal('vulnerabilityReports'), value: VulnerabilityReports }),
  z.strictObject({ kind: z.literal('attestations'), value: Attestations }),
  z.strictObject({ kind: z.literal('objectives'), value: Objectives }),
  z.strictObject({ kind: z.literal('load'), value: Load }),
  z.strictObject({ kind: z.literal('previews'), value: Previews }),
  z.strictObject({ kind: z.literal('probes'), value: Probes }),
  z.strictObject({ kind: z.literal('dashboards'), value: Dashboards }),
  z.strictObject({ kind: z.literal('logs'), value: Logs }),
  z.strictObject({ kind: z.literal('trend'), value: TrendFile }),
  z.strictObject({ kind: z.literal('policy'), value: Policy }),
])
export type RecordedInput = z.infer<typeof RecordedInput>

/** What staleness of a pull request is measured by: what a person can edit. The App computes the same from the API. */
export function pullRequestDigest(pull: { readonly title: string; readonly body: string; readonly labels: readonly string[] }): string {
  return digestOf({ title: pull.title, body: pull.body, labels: pull.labels.toSorted() })
}

/** The digest of the config as bytes. The App computes the same from the file at the base. */
export function policyDigest(text: string): string {
  return sha256(text)
}

/** InputDigest.sha256 of one input: what is compared to say "stale". Kinds the App cannot see have the digest of the whole value. */
export function inputDigest(input: RecordedInput): string {
  if (input.kind === 'pullRequest') return pullRequestDigest(input.value)
  if (input.kind === 'policy') return policyDigest(input.value.text)
  return digestOf(input.value)
}
