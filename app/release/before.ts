/** What a rollout remembers of the version before: what it would go back to, and whether the database schema lets it. */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { SchemaRange, SchemaVersion } from '../../evidence/model/schema-range.ts'

/** What an environment runs. */
export const Serving = z.strictObject({ version: z.string(), sha: CommitSha, digests: z.record(z.string(), z.string()) })
export type Serving = z.infer<typeof Serving>

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
