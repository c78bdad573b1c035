/** `gates.supply_chain`: what a release is made of and who may have made it. The agent, its collectors and the gate read it; `budgets.vulnerabilities` stands beside it. */
import { z } from 'zod'
import { CommitSha, Duration } from '../primitives.ts'
import { Registries } from './registries.ts'
import { Audience, Day, RepositoryPath, Why } from './names.ts'

const Uri = z
  .string()
  .max(500)
  .regex(/^https:\/\/\S+$/, 'an https address')

/** Folder of the release branch that holds scan records, reports, attestations and the list of artifacts. */
export const EVIDENCE_FOLDER = 'supply-chain'

const Identity = z
  .strictObject({
    public_key: z
      .string()
      .max(4000)
      .regex(/^-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----\s*$/, 'a PEM public key (use a | block)')
      .optional()
      .describe('The key that signs this artifact.'),
    workflow: z
      .string()
      .max(300)
      .regex(
        /^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}\/\.github\/workflows\/[A-Za-z0-9._-]+\.ya?ml$/,
        'a workflow such as owner/repo/.github/workflows/build.yml',
      )
      .optional()
      .describe('Or the workflow whose keyless signature counts.'),
    digest: CommitSha.optional().describe('Commit of that workflow.'),
  })
  .refine((identity) => (identity.public_key === undefined) !== (identity.workflow === undefined), {
    path: ['public_key'],
    error: 'either a public_key, or a workflow with its digest',
  })
  .refine((identity) => (identity.workflow === undefined) === (identity.digest === undefined), {
    path: ['digest'],
    error: 'the commit of the workflow',
  })

const Artifact = z.strictObject({
  name: z.string().min(1).max(300).describe('As artifacts.json and the statements name it.'),
  signed_by: Identity.describe('Whose signature counts, and no other.'),
  builder: Uri.optional().describe('`builder.id` its provenance must have; default: any.'),
  build_type: Uri.default('https://actions.github.io/buildtypes/workflow/v1').describe('`buildType` its provenance must have.'),
  parameters: z
    .record(z.string().max(200), z.union([z.string().max(500), z.number(), z.boolean()]))
    .default({})
    .describe('External parameters it may have been built with, each with its value; any other is refused.'),
})
export type PinnedArtifact = z.infer<typeof Artifact>

const Licence = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9.+-]+$/, 'an SPDX licence id such as MIT')

const Exception = z.strictObject({
  rule: z
    .string()
    .max(100)
    .regex(
      /^(?:(?:vulnerability|licence|registry)\.[a-z][a-z0-9-]*|lock\.(?:unsupported|missing|unpinned|empty))$/,
      'a rule such as vulnerability.new-high, licence.forbidden, registry.moved-tag or lock.unsupported',
    )
    .describe('The rule that may be broken.'),
  subject: z.string().min(1).max(500).describe('What the finding is about, as it names it: `GHSA-… pkg:npm/name@1.0.0`, or the path of a lock file.'),
  owner: Audience.describe('Who answers for it.'),
  reason: Why.describe('Why it is bearable.'),
  until: Day.describe('Its last day, UTC.'),
})
export type SupplyChainException = z.infer<typeof Exception>

export const SupplyChainPolicy = z.strictObject({
  lockfiles: z
    .array(RepositoryPath)
    .max(200)
    .default([])
    .describe('Lock files that describe the release; default: every one outside of folders of vendored code.'),
  folder: RepositoryPath.default(EVIDENCE_FOLDER).describe('Where scan records, reports, attestations and artifacts.json lie.'),
  max_age: Duration.default('7d').describe('Oldest vulnerability report that still counts.'),
  max_database_age: Duration.default('7d').describe('Oldest vulnerability database, at the time of the report, that still counts.'),
  licences: z
    .strictObject({
      allow: z.array(Licence).max(500).default([]).describe('Only these; empty: all that are known and not denied.'),
      deny: z.array(Licence).max(500).default([]).describe('Never these.'),
      dev: z.boolean().default(false).describe('true: parts that only build or test are held to it, too.'),
    })
    .prefault({})
    .describe('Licences of what the release is made of.'),
  artifacts: z
    .array(Artifact)
    .max(100)
    .refine((artifacts) => new Set(artifacts.map((artifact) => artifact.name)).size === artifacts.length, 'artifacts with different names')
    .default([])
    .describe('What is built and shipped, each with whose signature and provenance count.'),
  no_artifacts: Why.optional().describe('Why nothing is built: then no signature is asked for, and everybody can read why.'),
  trusted_root: RepositoryPath.optional().describe('trusted_root.json on the base branch, for keyless signatures.'),
  registries: Registries.describe('Registries that hold what is released.'),
  exceptions: z.array(Exception).max(200).default([]).describe('Findings that may stand until a day.'),
})
export type SupplyChainPolicy = z.infer<typeof SupplyChainPolicy>
