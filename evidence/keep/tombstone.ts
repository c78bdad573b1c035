/**
 * What stays of a purged pack: what it was, why and when it went, who asked and who said yes (their signed acts, whole), and where it was deleted.
 * Signed by the App. `readTombstone` needs the App's public key and the people's, and nothing else.
 */
import { z } from 'zod'
import { ManifestKeep } from '../model/manifest.ts'
import { Sha256, Timestamp } from '../model/primitives.ts'
import type { TrustedKey } from '../verify/verifier.ts'
import { PackRef, StoreName } from './acts.ts'
import { KeepError } from './error.ts'
import { APPROVERS, distinct, REQUEST_LASTS } from './purge.ts'
import { keepStatement, readSigned, SIGNED_ACTS } from './signed.ts'
import type { KeptPack } from './state.ts'

const Signed = z.record(z.string(), z.unknown())

export const Tombstone = z.strictObject({
  schema_version: z.literal(1),
  pack: PackRef,
  keep: ManifestKeep,
  reason: z.string().min(1).max(500),
  requested_by: z.string().min(1).max(100),
  approved_by: z.array(z.string().min(1).max(100)).min(APPROVERS).max(20),
  /** Bundles: one request, then the approvals in the order of `approved_by`. */
  request: Signed,
  approvals: z.array(Signed).min(APPROVERS).max(20),
  stores: z
    .array(z.strictObject({ store: StoreName, found: z.boolean() }))
    .min(1)
    .max(20),
  started_at: Timestamp,
  purged_at: Timestamp,
  /** The retention log up to the last deletion: its length and last hash. A log that does not reach it was cut. */
  log: z.strictObject({ entries: z.number().int().positive(), root: Sha256 }),
})
export type Tombstone = z.infer<typeof Tombstone>

/**
 * The bytes to sign: a function of the log, so that a purge that is taken up again says the same.
 * @param purgedAt of the entry of the last deletion @param log up to that entry
 */
export function tombstoneStatement(pack: KeptPack, purgedAt: string, log: Tombstone['log']): Uint8Array | KeepError {
  const { purge, request } = pack
  if (purge === null || request === null || purge.stores.some((store) => purge.deleted[store] === undefined))
    return new KeepError('purging', 'not every store has deleted it yet')
  const approvals = distinct(request)
  const parsed = Tombstone.safeParse({
    schema_version: 1,
    pack: pack.pack,
    keep: { class: pack.class, until: pack.until },
    reason: request.reason,
    requested_by: request.by.name,
    approved_by: approvals.map((approval) => approval.by.name),
    request: request.signed,
    approvals: approvals.map((approval) => approval.signed),
    stores: purge.stores.map((store) => ({ store, found: purge.deleted[store] ?? false })),
    started_at: purge.startedAt,
    purged_at: purgedAt,
    log,
  } satisfies Tombstone)
  if (!parsed.success) return new KeepError('malformed', `the tombstone would not fit its schema: ${parsed.error.issues[0]?.path.join('.') ?? ''}`)
  return keepStatement('tombstone', pack.pack.sha256, parsed.data)
}

export interface TombstoneReport {
  readonly tombstone: Tombstone
  /** Id of the App's key. */
  readonly signer: string
  /** SHA-256 of the signed statement. */
  readonly digest: string
}

/**
 * Does it prove that this pack went as the policy says? Never throws on hostile input.
 * @param of.keys the App's @param of.people the people's, each id being the name the act was done under
 */
export function readTombstone(of: {
  readonly bundle: unknown
  readonly keys: readonly TrustedKey[]
  readonly people: readonly TrustedKey[]
}): TombstoneReport | KeepError {
  const read = readSigned(of.bundle, of.keys, 'tombstone', Tombstone)
  if (read instanceof KeepError) return read
  const { predicate: tombstone, pack, signer, digest } = read
  const { keep, reason, started_at, purged_at } = tombstone
  if (pack !== tombstone.pack.sha256) return contradiction('it is about another pack than it says')
  if (started_at < keep.until) return contradiction(`the deletion began at ${started_at}, before ${keep.until}`)
  if (purged_at < started_at) return contradiction('it ended before it began')

  const request = readSigned(tombstone.request, of.people, 'purge-request', SIGNED_ACTS['purge-request'])
  if (request instanceof KeepError) return new KeepError(request.code, `the request: ${request.message}`, { cause: request })
  const asked = request.predicate
  if (request.pack !== pack || request.signer !== tombstone.requested_by || asked.by !== request.signer || asked.reason !== reason)
    return contradiction('the request is another one')
  if (asked.at > started_at || Date.parse(started_at) - Date.parse(asked.at) > REQUEST_LASTS) return contradiction('the request is not of that time')

  const people: string[] = []
  for (const [at, bundle] of tombstone.approvals.entries()) {
    const approval = readSigned(bundle, of.people, 'purge-approval', SIGNED_ACTS['purge-approval'])
    if (approval instanceof KeepError) return new KeepError(approval.code, `approval ${at + 1}: ${approval.message}`, { cause: approval })
    const { by, at: when, request: about } = approval.predicate
    if (approval.pack !== pack || about !== request.digest || approval.signer !== tombstone.approved_by[at] || by !== approval.signer)
      return contradiction(`approval ${at + 1} is of something else`)
    if (when < asked.at || when > started_at) return contradiction(`approval ${at + 1} is not of that time`)
    people.push(approval.signer)
  }
  if (people.includes(request.signer)) return new KeepError('own-request', `${request.signer} asked and approved`)
  if (new Set(people).size !== people.length) return new KeepError('same-person', 'one person approved twice')
  if (people.length < APPROVERS || people.length !== tombstone.approved_by.length)
    return new KeepError('too-few-approvers', `${people.length} approvals; ${APPROVERS} are needed`)
  return { tombstone, signer, digest }
}

function contradiction(message: string): KeepError {
  return new KeepError('contradiction', message)
}
