/**
 * What can happen to a kept pack, as entries of the retention log: one hash chain (`evidence/ledger`) for each place where packs are kept, beside the
 * packs and not in a release's own ledger, because that one is closed by the seal long before anybody reads, holds or purges.
 */
import { z } from 'zod'
import { ManifestKeep, RetentionClass } from '../model/manifest.ts'
import { RepositoryName, Sha256, Timestamp, Version } from '../model/primitives.ts'

/** The chain's name in its entries. */
export const RETENTION_CHAIN = 'retention'

/**
 * How sure we are of a name. `app`: the App did it by itself. `key`: the act is signed with the key that the operator's file gives to this person.
 * `claimed`: the person said so (`--as`, or Git's user.email); a command line cannot know better, and whoever may write the log may write any name.
 */
export const Actor = z.strictObject({ name: z.string().min(1).max(100), how: z.enum(['app', 'key', 'claimed']) })
export type Actor = z.infer<typeof Actor>

/** What a store needs to find a pack, and a person to know it. */
export const PackRef = z.strictObject({
  /** Of the zip: the pack's name in every store. */
  sha256: Sha256,
  size: z.number().int().positive(),
  /** SHA-256 of its manifest.json. */
  manifest: Sha256,
  repository: RepositoryName,
  repository_id: z.number().int().positive(),
  version: Version,
  seal: z.number().int().positive(),
  /** Digest of the pack it follows. */
  previous: Sha256.nullable(),
  sealed_at: Timestamp,
})
export type PackRef = z.infer<typeof PackRef>

export const StoreName = z.string().min(1).max(100)
const Reason = z.string().min(1).max(500)
const EntryIndex = z.number().int().nonnegative()
/** A signed statement, whole: `evidence/keep/signed.ts`. */
const Signed = z.record(z.string(), z.unknown())

const EVENTS = {
  /** A store has the pack: put and read back. The first of a pack brings it under the policy. */
  kept: z.strictObject({ pack: PackRef, keep: ManifestKeep, store: StoreName, location: z.string().max(1000), by: Actor }),
  /** Kept longer: a time can only grow. */
  extended: z.strictObject({ pack: Sha256, until: Timestamp, class: RetentionClass, why: Reason }),
  held: z.strictObject({ pack: Sha256, reason: Reason, by: Actor }),
  /** `hold`: index of the entry that set it. */
  lifted: z.strictObject({ pack: Sha256, hold: EntryIndex, reason: Reason, by: Actor }),
  /** A store now enforces this. */
  placed: z.strictObject({ pack: Sha256, store: StoreName, until: Timestamp, held: z.boolean() }),
  'purge.requested': z.strictObject({ pack: Sha256, reason: Reason, by: Actor, signed: Signed }),
  'purge.approved': z.strictObject({ pack: Sha256, request: EntryIndex, by: Actor, signed: Signed }),
  /** The intent, before the first byte goes. `stores`: where it goes from. */
  'purge.started': z.strictObject({ pack: Sha256, request: EntryIndex, stores: z.array(StoreName).min(1).max(20), by: Actor }),
  /** The outcome in one store; `found` is false when it was gone already. */
  'purge.deleted': z.strictObject({ pack: Sha256, request: EntryIndex, store: StoreName, found: z.boolean() }),
  'purge.failed': z.strictObject({ pack: Sha256, request: EntryIndex, store: StoreName, code: z.string().max(60), message: z.string().max(1000) }),
  /** `tombstone`: SHA-256 of the signed statement. */
  'purge.done': z.strictObject({ pack: Sha256, request: EntryIndex, tombstone: Sha256 }),
  /** Before the bytes are shown. */
  access: z.strictObject({
    pack: Sha256,
    path: z.string().min(1).max(300),
    sha256: Sha256,
    elevated: z.boolean(),
    reason: Reason.nullable(),
    by: Actor,
  }),
  /** A store's copy was read back whole. */
  verified: z.strictObject({ pack: Sha256, store: StoreName, ok: z.boolean(), what: z.string().max(1000) }),
  /** A torn end of the file, which no act ever waited for, was cut off. */
  mended: z.strictObject({ bytes: z.number().int().positive(), sha256: Sha256 }),
} as const

export type ActType = keyof typeof EVENTS
export type Act = { readonly [Type in ActType]: { readonly type: Type; readonly data: z.infer<(typeof EVENTS)[Type]> } }[ActType]

/** An entry's type and data -> the act, or null when it is none of ours. */
export function readAct(type: string, data: unknown): Act | null {
  if (!Object.hasOwn(EVENTS, type)) return null
  const parsed = EVENTS[type as ActType].safeParse(data)
  return parsed.success ? ({ type, data: parsed.data } as Act) : null
}
