/** Input about what registries hold of a release: its references, tags, mirrors, and what refers to it. */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'

const Text = z.string().max(500)
/** `digest` is null when the registry has no such thing; `why` says why nobody could ask. */
const Held = z.strictObject({ repository: Text, digest: Text.nullable(), why: Text.nullable() })

const RegistryRepository = z.strictObject({
  repository: Text,
  /** As the config says it, in milliseconds. */
  retention_ms: z.number().int().positive(),
  /** Of references.json: a digest, a tag, or nothing. */
  reference: Text.nullable(),
  held: Held.nullable(),
  mirrors: z.array(Held).max(10),
  /** Tags that were recorded, each with what it is now, here and in the mirrors. */
  tags: z.array(z.strictObject({ tag: Text, recorded: Text, now: z.array(Held).max(11) })).max(200),
  /** Of the referrers of the image; null: the registry tells none. */
  referrers: z
    .array(z.strictObject({ digest: Text, type: Text }))
    .max(500)
    .nullable(),
})
export type RegistryRepository = z.infer<typeof RegistryRepository>

export const Registry = z.strictObject({
  head: CommitSha,
  /** How long evidence is kept, in milliseconds: an image must not go before it. */
  evidence_ms: z.number().int().positive(),
  repositories: z.array(RegistryRepository).max(50),
})
