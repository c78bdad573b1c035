/** What agents would change (Agent RPC v2, PLAN and APPLY): data that a person can read, and nobody carries out without one. */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { sha256 } from '../core/digest.ts'
import { RepositoryPath } from './config/names.ts'
import { CommitSha, RepositoryName, Sha256 } from './primitives.ts'

const Said = {
  text: z.string().max(2_000_000),
  /** Of the text. */
  sha256: Sha256,
  why: z.string().min(1).max(500),
}

/** Each is carried out so that twice is once: what already says the same stays. */
export const PlannedAction = z
  .discriminatedUnion('kind', [
    /** A file of the repository under release. */
    z.strictObject({ kind: z.literal('file.write'), path: RepositoryPath, ...Said }),
    /** A ruleset of the repository, by its name; the text is the JSON that GitHub's API takes. */
    z.strictObject({ kind: z.literal('ruleset.write'), path: z.string().min(1).max(300), ...Said }),
    /** A deployment, by its number, gets the status inactive, and its teardown workflow runs; the text is what is said of it. */
    z.strictObject({ kind: z.literal('deployment.end'), path: z.string().regex(/^deployments\/\d{1,20}$/), ...Said }),
    /** The one comment of its kind on a pull request, written or edited in place; the first line of the text is its mark. */
    z.strictObject({ kind: z.literal('comment.write'), path: z.string().regex(/^pulls\/\d{1,20}\/comments\/[a-z]+$/), ...Said }),
    /** An annotation of a Grafana, found again by its tags; the text is the JSON of where it stands and what it says. */
    z.strictObject({ kind: z.literal('annotation.write'), path: z.string().regex(/^annotations\/[\w.+-]{1,100}$/), ...Said }),
  ])
  .refine(({ text, sha256: told }) => sha256(text) === told, { path: ['sha256'], error: 'the SHA-256 of the text' })
export type PlannedAction = z.infer<typeof PlannedAction>

export const ActionPlan = z.strictObject({
  schema_version: z.literal(1),
  agent: z.string().min(1).max(100),
  actions: z.array(PlannedAction).max(100),
})
export type ActionPlan = z.infer<typeof ActionPlan>

/** All that the agents of a phase would change, seen at one commit; what a person says yes to. */
export const ChangeSet = z.strictObject({
  schema_version: z.literal(1),
  repository: RepositoryName,
  /** The commit that was looked at. */
  sha: CommitSha,
  base: z.string().min(1).max(255),
  /** The release pull request; null: none was named. */
  pull: z.number().int().positive().nullable(),
  plans: z.array(ActionPlan).max(100),
})
export type ChangeSet = z.infer<typeof ChangeSet>

/** Beside the plans. */
export const CHANGES_FILE = 'plan/changes.json'

/** 32 hex digits of the SHA-256 over its RFC 8785 form: the same set, the same id. */
export function changeSetId(set: ChangeSet): string {
  return sha256(canonicalize(set)).slice(0, 32)
}
