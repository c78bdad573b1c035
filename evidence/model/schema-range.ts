/**
 * The file that says which versions of the database schema the code of its commit can run: `environments.<name>.schema.file` of the config. Versions are
 * numbers that rise with every migration, such as 41 or 20261126093000.
 */
import { z } from 'zod'

export const SCHEMA_FILE_MAX_BYTES = 4096

export const SchemaVersion = z.number().int().nonnegative()

export const SchemaRange = z
  .strictObject({ min: SchemaVersion.describe('The oldest.'), max: SchemaVersion.describe('The newest.') })
  .refine(({ min, max }) => min <= max, { path: ['max'], error: 'a version not below `min`' })
export type SchemaRange = z.infer<typeof SchemaRange>

export const SchemaFile = z.strictObject({
  $schema: z.string().max(300).optional(),
  runs: SchemaRange.describe('Both included.'),
})
export type SchemaFile = z.infer<typeof SchemaFile>

/** What a deploy job says of the schema of its environment. */
export const LiveSchema = z.strictObject({
  /** The version that is there. */
  live: SchemaVersion,
  /** The version it is about to become, by a migration that has not run yet. */
  becomes: SchemaVersion.optional(),
})
export type LiveSchema = z.infer<typeof LiveSchema>
