/**
 * In-toto Statement v1 and the predicates of this product. A statement is evidence only after `evidence/verify` has checked its signature, identity,
 * subject and commit. https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
import { z } from 'zod'
import { Finding } from './finding.ts'
import { STATEMENT_TYPE, Topic } from './kinds.ts'
import { GateId } from './phases.ts'
import { CommitSha, RepositoryName, Sha256, Timestamp, Version } from './primitives.ts'
import { AgentResponse } from './response.ts'
import { LiveSchema } from './schema-range.ts'
import { Outcome, Verdict } from './verdict.ts'
import { VerdictContext } from './verdict-context.ts'

/** Where a statement was made: the job that signed it. For keyless signing each of these must equal the certificate; for a key it must equal the run the App reads from the API. */
export const Origin = z.strictObject({
  repository: RepositoryName,
  repository_id: z.number().int().positive(),
  sha: CommitSha,
  ref: z.string().max(300),
  event: z.string().max(50),
  /** Caller workflow, `owner/repo/.github/workflows/x.yml@ref`. */
  workflow: z.string().max(500),
  /** The reusable workflow that really ran, `owner/repo/path@ref`, and its commit. */
  signer_workflow: z.string().max(500),
  signer_digest: CommitSha,
  run_id: z.number().int().positive(),
  run_attempt: z.number().int().positive(),
  runner_environment: z.string().max(50),
})
export type Origin = z.infer<typeof Origin>

export const Subject = z.strictObject({
  name: z.string().min(1).max(500),
  digest: z
    .strictObject({ sha256: Sha256.optional(), gitCommit: CommitSha.optional() })
    .refine((digest) => digest.sha256 !== undefined || digest.gitCommit !== undefined, 'a sha256 or a gitCommit'),
})
export type Subject = z.infer<typeof Subject>

/** Digest of one collected input, so that a change of that input invalidates exactly the gates that read it. */
export const InputDigest = z.strictObject({ kind: z.string().min(1).max(60), sha256: Sha256 })
export type InputDigest = z.infer<typeof InputDigest>

export const AgentResponsePredicate = z.strictObject({
  schema_version: z.literal(1),
  topic: Topic,
  agent: z.strictObject({ id: z.string().max(20), name: z.string().max(100), version: z.number().int().positive() }),
  response: AgentResponse,
  findings: z.array(Finding).max(2000),
  inputs: z.array(InputDigest).max(100),
  origin: Origin,
  made_at: Timestamp,
})
export type AgentResponsePredicate = z.infer<typeof AgentResponsePredicate>

/** The receipt that a gate can fail: each planted fault turned it red, each healthy twin did not. */
export const SelfTestPredicate = z.strictObject({
  schema_version: z.literal(1),
  gate: GateId,
  gate_version: z.number().int().positive(),
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        unit: z.string().min(1).max(100),
        expected: z.enum(['red', 'green']),
        got: z.enum(['red', 'green']),
      }),
    )
    .min(2)
    .max(1000),
  origin: Origin,
  made_at: Timestamp,
})
export type SelfTestPredicate = z.infer<typeof SelfTestPredicate>

/** What the deploy job says it really runs (SPEC part 13, What runs it). */
export const RolloutEventPredicate = z.strictObject({
  schema_version: z.literal(1),
  event: z.enum(['deployed', 'withdrawn']),
  environment: z.string().max(60),
  step: z.number().int().min(0).max(100),
  plan: z.string().max(64),
  version: Version,
  /** The release's commit: the first subject of the statement. The job itself runs on the default branch. */
  sha: CommitSha,
  digests: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)),
  /** Absent: the job does not tell it. */
  schema: LiveSchema.optional(),
  origin: Origin,
  made_at: Timestamp,
})
export type RolloutEventPredicate = z.infer<typeof RolloutEventPredicate>

/** A gate's verdict with all that it takes to compute it again: the statements it cites and the config lie beside it in the pack. */
export const VerdictPredicate = z.strictObject({ schema_version: z.literal(1), verdict: Verdict, context: VerdictContext })
export type VerdictPredicate = z.infer<typeof VerdictPredicate>

/** An approver's command, as it was when it was executed. */
export const ApprovalPredicate = z.strictObject({
  schema_version: z.literal(1),
  /** Or `page:` and the id of a command that was given on the release page. */
  comment_node_id: z.string().max(200),
  /** Absent: a comment on the pull request. */
  source: z.literal('page').optional(),
  actor: z.strictObject({ login: z.string().max(100), id: z.number().int().positive(), role: z.string().max(100) }),
  command: z.string().max(500),
  plan: z.string().regex(/^[0-9a-f]{32}$/),
  step: z.number().int().min(1).max(100),
  environment: z.string().max(60),
  /** Of an elevated command; absent: none was given. */
  reason: z.string().max(1000).optional(),
  /** The security key that signed it: the beginning of the SHA-256 of its credential's id. Absent: none did. */
  step_up: z.strictObject({ method: z.literal('webauthn'), key: z.string().regex(/^[0-9a-f]{16}$/) }).optional(),
  at: Timestamp,
})
export type ApprovalPredicate = z.infer<typeof ApprovalPredicate>

/** What was agreed to, as it was shown: with the release's commit and repository id, everything the plan id is made of (`planId`). */
export const DecisionPredicate = z.strictObject({
  schema_version: z.literal(1),
  decision: z.enum(['go', 'no_go']),
  version: Version,
  /** Base branch. */
  base: z.string().min(1).max(300),
  environment: z.string().max(60),
  /** Percent it may go up to. */
  step: z.number().int().min(1).max(100),
  /** Gate -> outcome, and the digest of the verdict without its time and trace (`verdictDigest`). */
  gates: z.partialRecord(GateId, z.strictObject({ outcome: Outcome, verdict: Sha256 })),
  policy_digest: Sha256,
  evidence_root: Sha256,
  schema_range: z.string().max(200).nullable(),
  /** Image -> digest that served when it was decided. */
  deployed: z.record(z.string(), z.string().max(200)),
  plan: z.string().regex(/^[0-9a-f]{32}$/),
  /** By which decision of the policy of commands; the bundle lies in the pack. Absent: before policies were logged. */
  authorised: z
    .strictObject({
      decision_id: z.string().max(100),
      policy: Sha256,
      revision: z.string().max(100),
      /** SHA-256 over the canonical form of what the policy saw. */
      input_digest: Sha256,
      /** How many people it took. */
      need: z.number().int().positive(),
    })
    .optional(),
  reasons: z.array(z.string().max(2000)).max(200),
  at: Timestamp,
})
export type DecisionPredicate = z.infer<typeof DecisionPredicate>

export const Statement = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(Subject).min(1).max(1024),
  predicateType: z.string().max(300),
  predicate: z.record(z.string(), z.unknown()),
})
export type Statement = z.infer<typeof Statement>
