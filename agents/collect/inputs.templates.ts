/** Input about files that came from golden templates: the files of the release, and every version of their templates. */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

const Pattern = z.string().min(1).max(300)

const TemplateVersion = ReadFile.extend({ version: z.number().int().nonnegative() })
export type TemplateVersion = z.infer<typeof TemplateVersion>

const TemplatedFile = ReadFile.extend({
  template: Pattern,
  values: z.record(z.string().max(60), z.string().max(500)),
  /** A plan that writes a file keeps no executable bit. */
  executable: z.boolean(),
  /** Its text where the release began; null: it was not there, or could not be read. */
  before: z.string().max(300_000).nullable(),
})
export type TemplatedFile = z.infer<typeof TemplatedFile>

export const Templates = z.strictObject({
  head: CommitSha,
  /** Whose templates they are: a release does not judge itself by its own. */
  base: CommitSha,
  /** Versions of each, oldest first. */
  templates: z.array(z.strictObject({ pattern: Pattern, versions: z.array(TemplateVersion).max(1000) })).max(100),
  files: z.array(TemplatedFile).max(100),
})
