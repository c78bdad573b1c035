/** What the operator's file says of keeping packs: `stores`, each by the name a repository's `evidence.store` may use, and `retention`. */
import { z } from 'zod'
import { ELEVATED } from '../../evidence/keep/elevated.ts'
import { Duration } from '../../evidence/model/primitives.ts'
import { USED_BY } from '../limits.ts'
import { ARTIFACTS } from './keepers/artifacts.ts'

const Path = z.string().min(1).max(1000)
export const GITHUB_RELEASE = 'github-release'

export const StoreEntryName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name such as evidence-bucket')
  .refine((name) => name !== ARTIFACTS && name !== GITHUB_RELEASE, `another name: ${ARTIFACTS} and ${GITHUB_RELEASE} are there by themselves`)

const DirectoryEntry = z.strictObject({ kind: z.literal('directory'), path: Path, ...USED_BY })

const EnvironmentName = z.string().regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'the name of an environment variable')
/** Never the secret itself: a file or a variable that holds it. */
const Secret = z.union([z.strictObject({ file: Path }), z.strictObject({ env: EnvironmentName })], {
  error: 'either { file: PATH } or { env: NAME }',
})
export type Secret = z.infer<typeof Secret>

/** The bytes of a pack are not for everybody on the way: only a server on this machine may do without TLS, or one the operator says so of. */
const S3Entry = z
  .strictObject({
    kind: z.literal('s3'),
    endpoint: z
      .string()
      .max(500)
      .refine(
        (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).username === '' && new URL(text).search === '',
        {
          error: 'an https address such as https://s3.eu-central-1.amazonaws.com',
        },
      ),
    allow_http: z.boolean().default(false),
    region: z.string().regex(/^[a-z0-9-]{1,50}$/, 'a region such as eu-central-1'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'a bucket name'),
    prefix: z
      .string()
      .regex(/^(?:[A-Za-z0-9_-]{1,60}\/){0,5}$/, 'nothing, or folders that end with a slash')
      .default(''),
    key_id: Secret,
    secret: Secret,
    mode: z.enum(['compliance', 'governance', 'none']).default('compliance'),
    timeout: Duration.default('60s'),
    ...USED_BY,
  })
  .refine((entry) => entry.allow_http || entry.endpoint.startsWith('https:') || isLoopback(entry.endpoint), {
    path: ['endpoint'],
    error: 'an https address, or allow_http: true',
  })

export const StoreEntry = z.union([DirectoryEntry, S3Entry], { error: 'a store of kind directory or s3, with its keys' })
export type StoreEntry = z.infer<typeof StoreEntry>

function isLoopback(endpoint: string): boolean {
  return URL.canParse(endpoint) && /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(new URL(endpoint).hostname)
}

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
