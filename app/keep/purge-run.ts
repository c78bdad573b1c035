/**
 * A purge, from the request to the tombstone. Nothing goes before the intent is on disk; what went is written down store by store; the tombstone is a
 * function of the log. So it may be killed between any two steps and taken up again, and it can never have purged without having said so.
 */
import { join } from 'node:path'
import { sha256 } from '../../evidence/core/digest.ts'
import type { Actor } from '../../evidence/keep/acts.ts'
import { KeepError } from '../../evidence/keep/error.ts'
import { distinct, openRequest, whyNotApprove, whyNotRequest, whyNotStart } from '../../evidence/keep/purge.ts'
import { readSigned, signAct, SIGNED_ACTS } from '../../evidence/keep/signed.ts'
import type { KeptPack } from '../../evidence/keep/state.ts'
import { tombstoneStatement } from '../../evidence/keep/tombstone.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { bundleBytes } from '../../evidence/sign/statement.ts'
import { payloadOf } from '../../evidence/verify/bundle.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import type { TrustedKey } from '../../evidence/verify/verifier.ts'
import { keeperOf, packOf, pendingOf, type Archive } from './archive.ts'
import { StorageError } from './error.ts'
import { readWhole, writeSynced } from './files.ts'
import type { LogView } from './log-file.ts'

const MAX_TOMBSTONE = 1024 * 1024

/** The signer's id is the person's name. */
export interface Person {
  readonly signer: Signer
  readonly actor: Actor
}

/** Purges need the people's keys: an approval is believed again at the start, not because it stands in the log. */
export interface PurgeArchive extends Archive {
  readonly people: readonly TrustedKey[]
  /** The App's key, which signs the tombstone. */
  readonly signer: Signer
  /** Folder of the log; tombstones lie in `tombstones/` below it. */
  readonly folder: string
}

/** @returns index of the request's entry @throws KeepError */
export async function requestPurge(archive: PurgeArchive, digest: string, reason: string, person: Person): Promise<number> {
  const { log, clock } = archive
  const pack = must(packOf(await log.read(), digest))
  const now = clock.now()
  const predicate = { schema_version: 1 as const, class: pack.class, until: pack.until, reason, by: person.signer.id, at: timestamp(now) }
  const signed = await signAct(person.signer, 'purge-request', digest, predicate)
  const { entries } = await log.act((view) => {
    const current = packOf(view, digest)
    if (current instanceof KeepError) return current
    const refused = whyNotRequest(current, now) ?? believedAs(signed, archive, 'purge-request', digest, person.actor)
    return refused ?? { acts: [{ type: 'purge.requested', data: { pack: digest, reason, by: person.actor, signed } }], value: null }
  })
  return entries.at(-1)?.index ?? 0
}

/** @returns how many approvals count now @throws KeepError */
export async function approvePurge(archive: PurgeArchive, digest: string, person: Person): Promise<number> {
  const { log, clock } = archive
  const now = clock.now()
  const pack = must(packOf(await log.read(), digest))
  const request = must(openRequest(pack, now))
  const asked = must(readSigned(request.signed, archive.people, 'purge-request', SIGNED_ACTS['purge-request']))
  const predicate = { schema_version: 1 as const, request: asked.digest, by: person.signer.id, at: timestamp(now) }
  const signed = await signAct(person.signer, 'purge-approval', digest, predicate)
  const { value } = await log.act((view) => {
    const current = packOf(view, digest)
    if (current instanceof KeepError) return current
    const refused = whyNotApprove(current, person.actor, now) ?? believedAs(signed, archive, 'purge-approval', digest, person.actor)
    if (refused !== null) return refused
    if (current.request?.id !== request.id) return new KeepError('no-request', 'another purge was asked for meanwhile; look again')
    const counted = distinct({ ...current.request, approvals: [...current.request.approvals, { by: person.actor, at: predicate.at, signed }] })
    return { acts: [{ type: 'purge.approved', data: { pack: digest, request: request.id, by: person.actor, signed } }], value: counted.length }
  })
  return value
}

export interface Purged {
  readonly tombstone: string
  readonly sha256: string
  readonly stores: readonly { readonly store: string; readonly found: boolean }[]
}

/** Runs or takes up a purge. @throws KeepError when it may not; StorageError when a store does not let go (run it again later) */
export async function runPurge(archive: PurgeArchive, digest: string, by: Actor): Promise<Purged> {
  const { log } = archive
  let pack = must(packOf(await log.read(), digest))
  if (pack.purge === null) {
    await willLetGo(archive, pack)
    await start(archive, digest, by)
  } else if (pack.purge.done !== null) return purgedOf(archive, pack)
  pack = must(packOf(await log.read(), digest))
  const purge = pack.purge
  if (purge === null) throw new KeepError('no-request', 'the purge did not begin')
  for (const store of purge.stores.filter((name) => purge.deleted[name] === undefined)) await deleteFrom(archive, pack, purge.request, store)
  return finish(archive, digest)
}

/** Before anything goes: a place that would refuse stops the whole purge, so that no half of one is begun in vain. */
async function willLetGo(archive: PurgeArchive, pack: KeptPack): Promise<void> {
  const refused = whyNotStart(pack, archive.clock.now())
  if (refused !== null) throw refused
  for (const { store } of pack.copies) {
    const found = await keeperOf(archive, store).head(pack.pack)
    if (found === null) continue
    if (found.immutable) throw new StorageError('immutable', `${store} never deletes it. Delete it there by hand, as its owner; then run this again.`)
    if (found.held)
      throw new StorageError('locked', `${store} holds it itself. Lift that hold, or run \`evidence hold\` and \`release-hold\` once more.`)
    if (found.lockedUntil !== null && !(Date.parse(found.lockedUntil) <= archive.clock.now()))
      throw new StorageError('locked', `${store} locks it until ${found.lockedUntil}`)
  }
}

async function start({ log, clock, people }: PurgeArchive, digest: string, by: Actor): Promise<void> {
  await log.act((view) => {
    const pack = packOf(view, digest)
    if (pack instanceof KeepError) return pack
    if (pack.purge !== null) return { acts: [], value: null }
    const refused = whyNotStart(pack, clock.now()) ?? whyNotBelieved(pack, people)
    if (refused !== null || pack.request === null) return refused ?? new KeepError('no-request', 'nobody asked for this purge')
    const stores = [...new Set(pack.copies.map((copy) => copy.store))]
    return { acts: [{ type: 'purge.started', data: { pack: digest, request: pack.request.id, stores, by } }], value: null }
  })
}

/** The signatures themselves, once more: a name in the log is not a person. */
function whyNotBelieved({ pack, request }: KeptPack, people: readonly TrustedKey[]): KeepError | null {
  if (request === null) return new KeepError('no-request', 'nobody asked for this purge')
  const asked = readSigned(request.signed, people, 'purge-request', SIGNED_ACTS['purge-request'])
  if (asked instanceof KeepError) return asked
  if (asked.pack !== pack.sha256 || asked.signer !== request.by.name)
    return new KeepError('bad-signature', 'the request was signed for something else')
  for (const { by, signed } of distinct(request)) {
    const approval = readSigned(signed, people, 'purge-approval', SIGNED_ACTS['purge-approval'])
    if (approval instanceof KeepError) return approval
    if (approval.pack !== pack.sha256 || approval.predicate.request !== asked.digest || approval.signer !== by.name)
      return new KeepError('bad-signature', `the approval of ${by.name} was signed for something else`)
  }
  return null
}

async function deleteFrom(archive: PurgeArchive, { pack }: KeptPack, request: number, store: string): Promise<void> {
  try {
    const answer = await keeperOf(archive, store).delete(pack)
    await archive.log.act(() => ({
      acts: [{ type: 'purge.deleted', data: { pack: pack.sha256, request, store, found: answer === 'deleted' } }],
      value: null,
    }))
  } catch (error) {
    const { code, message } = pendingOf(store, error)
    await archive.log.act(() => ({ acts: [{ type: 'purge.failed', data: { pack: pack.sha256, request, store, code, message } }], value: null }))
    throw error
  }
}

/** Tombstone first, then the entry that names it; both again after a crash. */
async function finish(archive: PurgeArchive, digest: string): Promise<Purged> {
  const view = await archive.log.read()
  const pack = must(packOf(view, digest))
  const statement = must(statementOf(view, pack))
  const bundle = await signOnce(archive, digest, statement)
  for (const store of pack.purge?.stores ?? []) {
    const keeper = keeperOf(archive, store)
    // Kept once more as long as its pack was.
    const until = timestamp(archive.clock.now() + Date.parse(pack.until) - Date.parse(pack.pack.sealed_at))
    if (keeper.takesAnything) await keeper.put({ ...pack.pack, sha256: sha256(bundle) }, bundle, until)
  }
  await archive.log.act((now) => {
    const current = packOf(now, digest)
    if (current instanceof KeepError) return current
    if (current.purge === null || current.purge.done !== null) return { acts: [], value: null }
    return { acts: [{ type: 'purge.done', data: { pack: digest, request: current.purge.request, tombstone: sha256(statement) } }], value: null }
  })
  return purgedOf(archive, must(packOf(await archive.log.read(), digest)))
}

/** A tombstone that a crash left behind is taken as it is: signatures differ, and there shall be one. */
async function signOnce(archive: PurgeArchive, digest: string, statement: Uint8Array): Promise<Uint8Array> {
  const path = tombstonePath(archive, digest)
  const there = await readWhole(path, MAX_TOMBSTONE)
  const payload = there === null ? null : payloadOf(there)
  if (there !== null && payload !== null && !(payload instanceof EvidenceError) && Buffer.from(payload).equals(statement)) return there
  const bundle = bundleBytes(await archive.signer.sign(statement))
  await writeSynced(path, bundle, 0o444)
  return bundle
}

/** What the log says up to the last deletion, whoever asks and whenever. */
function statementOf(view: LogView, pack: KeptPack): Uint8Array | KeepError {
  const digest = pack.pack.sha256
  const last = view.entries.findLast((entry) => entry.type === 'purge.deleted' && entry.data['pack'] === digest)
  if (last === undefined) return new KeepError('purging', 'no store has deleted it yet')
  return tombstoneStatement(pack, last.at, { entries: last.index + 1, root: last.hash })
}

function purgedOf(archive: PurgeArchive, { pack, purge }: KeptPack): Purged {
  const stores = (purge?.stores ?? []).map((store) => ({ store, found: purge?.deleted[store] ?? false }))
  return { tombstone: tombstonePath(archive, pack.sha256), sha256: purge?.done?.tombstone ?? '', stores }
}

export function tombstonePath(archive: Pick<PurgeArchive, 'folder'>, digest: string): string {
  return join(archive.folder, 'tombstones', `${digest}.sigstore.json`)
}

/** Is this act really signed by the person it is about to be written down for? */
function believedAs(
  signed: unknown,
  { people }: PurgeArchive,
  kind: 'purge-request' | 'purge-approval',
  digest: string,
  by: Actor,
): KeepError | null {
  const read = kind === 'purge-request' ? readSigned(signed, people, kind, SIGNED_ACTS[kind]) : readSigned(signed, people, kind, SIGNED_ACTS[kind])
  if (read instanceof KeepError) return read
  return read.pack === digest && read.signer === by.name && by.how === 'key' ? null : new KeepError('bad-signature', `it is not signed by ${by.name}`)
}

function must<Value>(answer: Value | KeepError): Value {
  if (answer instanceof KeepError) throw answer
  return answer
}
