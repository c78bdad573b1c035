/** What a rollout remembers of the way back: to which version, whether the database schema lets it, and how it was rehearsed. */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { SchemaRange, SchemaVersion } from '../../evidence/model/schema-range.ts'

/** What an environment runs. */
export const Serving = z.strictObject({ version: z.string(), sha: CommitSha, digests: z.record(z.string(), z.string()) })
export type Serving = z.infer<typeof Serving>

/** A way back that was tried out, and how long it took from the decision on; null: it was not reached. Milliseconds. */
export const Rehearsal = z.strictObject({
  environment: z.string(),
  at: z.number().nonnegative(),
  by: z.string(),
  homeMs: z.number().nonnegative().nullable(),
  greenMs: z.number().nonnegative().nullable(),
  failed: z.string().nullable(),
})
export type Rehearsal = z.infer<typeof Rehearsal>

/** One that runs. Epoch milliseconds. */
export const RunningRehearsal = z.strictObject({
  number: z.number().int().positive(),
  by: z.string(),
  at: z.number().nonnegative(),
  homeAt: z.number().nonnegative().nullable(),
  /** When it was green, or given up; from then on the traffic returns. */
  endedAt: z.number().nonnegative().nullable(),
  failed: z.string().nullable(),
})

/** What of the database schema decides about the way back. */
export const Schema = z.strictObject({
  /** Versions that this release runs. */
  runs: SchemaRange,
  /** Those that the version before runs; null: not known, and `unknown` says why. */
  before: SchemaRange.nullable(),
  unknown: z.string(),
  /** The version before; null: not known. */
  version: z.string().nullable(),
  /** As a deploy job said it last; null: none did. */
  live: SchemaVersion.nullable(),
  /** What a migration that has not run yet will make of it; null: none was told. */
  becomes: SchemaVersion.nullable(),
  /** Epoch milliseconds. */
  toldAt: z.number().nonnegative(),
  /** Why there may be no way back; null: that is not accepted. */
  accepted: z.string().nullable(),
})
export type Schema = z.infer<typeof Schema>
