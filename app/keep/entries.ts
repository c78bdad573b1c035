/** What the operator's file says of keeping packs: `stores`, each by the name a repository's `evidence.store` may use, and `retention`. */
import { z } from 'zod'
import { ELEVATED } from '../../evidence/keep/elevated.ts'
import { ARTIFACTS } from './keepers/artifacts.ts'

const Path = z.string().min(1).max(1000)
export const GITHUB_RELEASE = 'github-release'

export const StoreEntryName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name such as evidence-bucket')
  .refine((name) => name !== ARTIFACTS && name !== GITHUB_RELEASE, `another name: ${ARTIFACTS} and ${GITHUB_RELEASE} are there by themselves`)

export const DirectoryEntry = z.strictObject({ kind: z.literal('directory'), path: Path })
export const StoreEntry = z.discriminatedUnion('kind', [DirectoryEntry])
export type StoreEntry = z.infer<typeof StoreEntry>

const PersonName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name such as alice')

export const RetentionEntry = z.strictObject({
  /** Who may ask for purges and approve them: a public key in PEM each. */
  people: z.record(PersonName, z.strictObject({ public_key_file: Path })).default({}),
  /** Entries whose reading is accounted for. */
  elevated: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(100)
    .default([...ELEVATED]),
})
export type RetentionEntry = z.infer<typeof RetentionEntry>
