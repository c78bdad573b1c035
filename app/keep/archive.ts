/**
 * Everything that is done with kept packs, over the retention log and the stores: keep, hold, lift, read, verify. The log comes first: what it does not
 * say was not done, and what a store does not do yet is done at the next `settle`. Purges are in `purge-run.ts`.
 */
import { sha256 } from '../../evidence/core/digest.ts'
import { isElevated } from '../../evidence/keep/elevated.ts'
import type { Actor, PackRef } from '../../evidence/keep/acts.ts'
import { KeepError } from '../../evidence/keep/error.ts'
import { gone, holdToLift, whyNotHold } from '../../evidence/keep/hold.ts'
import type { KeptPack } from '../../evidence/keep/state.ts'
import type { ManifestKeep } from '../../evidence/model/manifest.ts'
import { StorageError } from './error.ts'
import type { Keeper } from './keeper.ts'
import type { LogView, RetentionLog } from './log-file.ts'

export interface Archive {
  readonly log: RetentionLog
  /** By name. */
  readonly keepers: ReadonlyMap<string, Keeper>
  readonly clock: { now(): number }
  /** Patterns of entries whose reading is accounted for. */
  readonly elevated: readonly string[]
}

/** What one store could not do yet, in words. */
export interface Pending {
  readonly store: string
  readonly code: string
  readonly message: string
}

/** @throws StorageError `unknown-store` */
export function keeperOf(archive: Pick<Archive, 'keepers'>, name: string): Keeper {
  const keeper = archive.keepers.get(name)
  if (keeper === undefined)
    throw new StorageError('unknown-store', `the operator's file has no store ${name}; it has ${[...archive.keepers.keys()].join(', ') || 'none'}`)
  return keeper
}

/** @throws KeepError `unknown-pack` */
export function packOf(view: LogView, digest: string): KeptPack | KeepError {
  return view.packs.get(digest) ?? new KeepError('unknown-pack', `the retention log knows no pack ${digest}`)
}

/**
 * Puts a pack into a store, reads it back, and writes down that it is there. Twice is once. Every pack before it in its chain is kept as long as it is.
 * @throws StorageError; KeepError `purging`, `purged`: what was purged does not come back
 */
export async function keep(
  archive: Archive,
  of: { readonly pack: PackRef; readonly keep: ManifestKeep; readonly store: string; readonly bytes: Uint8Array; readonly by: Actor },
): Promise<{ readonly location: string; readonly until: string }> {
  const { pack, store, by } = of
  const keeper = keeperOf(archive, store)
  const before = (await archive.log.read()).packs.get(pack.sha256)
  const over = before === undefined ? null : gone(before)
  if (over !== null) throw over
  const { location } = await keeper.put(pack, of.bytes, of.keep.until)
  await archive.log.act(({ packs }) => {
    const known = packs.get(pack.sha256)
    const late = known === undefined ? null : gone(known)
    if (late !== null) return late
    const isThere = known?.copies.some((copy) => copy.store === store && copy.location === location) === true
    const last = lastToKeep(packs, pack, of.keep)
    const longer = [
      ...((known?.until ?? of.keep.until) < last.until ? [pack.sha256] : []),
      ...chainBefore(packs, pack).flatMap((one) => (one.purge === null && one.until < last.until ? one.pack.sha256 : [])),
    ]
    return {
      acts: [
        ...(isThere ? [] : [{ type: 'kept' as const, data: { pack, keep: of.keep, store, location, by } }]),
        ...longer.map((followed) => ({
          type: 'extended' as const,
          data: { pack: followed, until: last.until, class: last.class, why: `the pack ${last.pack} follows it and is kept until then` },
        })),
      ],
      value: null,
    }
  })
  return { location, until: of.keep.until }
}

/** How long a pack and those before it are kept: as long as itself, or one that follows it and was kept before it. */
function lastToKeep(packs: LogView['packs'], { sha256: pack }: PackRef, keep: ManifestKeep): ManifestKeep & { readonly pack: string } {
  const after = [...packs.values()].filter((one) => one.pack.previous === pack && one.purge === null)
  const [longest] = after.filter((one) => one.until > keep.until).toSorted((a, b) => (a.until < b.until ? 1 : -1))
  return longest === undefined ? { ...keep, pack } : { class: longest.class, until: longest.until, pack: longest.pack.sha256 }
}

/** The kept packs that a pack follows, newest first. */
export function chainBefore(packs: LogView['packs'], pack: Pick<PackRef, 'previous'>): readonly KeptPack[] {
  const found = new Map<string, KeptPack>()
  for (let at = pack.previous; at !== null && !found.has(at);) {
    const one = packs.get(at)
    if (one === undefined) break
    found.set(at, one)
    at = one.pack.previous
  }
  return [...found.values()]
}

/** Holds a pack: from the moment it is written down. Stores that enforce holds themselves follow. @throws KeepError, StorageError of the log */
export async function hold(
  archive: Archive,
  digest: string,
  reason: string,
  by: Actor,
): Promise<{ readonly id: number; readonly pending: readonly Pending[] }> {
  const { entries } = await archive.log.act((view) => {
    const pack = packOf(view, digest)
    if (pack instanceof KeepError) return pack
    return whyNotHold(pack) ?? { acts: [{ type: 'held', data: { pack: digest, reason, by } }], value: null }
  })
  return { id: entries.at(-1)?.index ?? 0, pending: await settle(archive, digest) }
}

/** @param id of the hold; needed when there are several @throws KeepError */
export async function lift(
  archive: Archive,
  digest: string,
  id: number | undefined,
  reason: string,
  by: Actor,
): Promise<{ readonly id: number; readonly left: number; readonly pending: readonly Pending[] }> {
  const { value } = await archive.log.act((view) => {
    const pack = packOf(view, digest)
    if (pack instanceof KeepError) return pack
    const found = holdToLift(pack, id)
    if (found instanceof KeepError) return found
    return {
      acts: [{ type: 'lifted', data: { pack: digest, hold: found.id, reason, by } }],
      value: { id: found.id, left: pack.holds.length - 1 },
    }
  })
  return { ...value, pending: await settle(archive, digest) }
}

/** Brings what the stores enforce to what the log says. What cannot be done now is answered, and done at the next call. */
export async function settle(archive: Archive, digest: string): Promise<readonly Pending[]> {
  const pack = (await archive.log.read()).packs.get(digest)
  if (pack === undefined || pack.purge !== null) return []
  const held = pack.holds.length > 0
  const pending: Pending[] = []
  for (const { store, placed } of pack.copies) {
    if (placed.held === held && placed.until >= pack.until) continue
    try {
      const keeper = keeperOf(archive, store)
      if (placed.until < pack.until) await keeper.extend(pack.pack, pack.until)
      if (placed.held !== held) await keeper.hold(pack.pack, held)
      await archive.log.act(() => ({ acts: [{ type: 'placed', data: { pack: digest, store, until: pack.until, held } }], value: null }))
    } catch (error) {
      pending.push(pendingOf(store, error))
    }
  }
  return pending
}

/** The bytes of a pack from the first store that has them whole; a store that fails is passed over. @throws StorageError `absent`, or the last failure */
export async function fetchPack(archive: Archive, pack: KeptPack): Promise<Uint8Array> {
  const over = gone(pack)
  if (over !== null) throw over
  let failed: unknown = null
  for (const { store } of pack.copies) {
    try {
      const bytes = await keeperOf(archive, store).get(pack.pack)
      if (bytes !== null) return bytes
    } catch (error) {
      failed = error
    }
  }
  throw failed ?? new StorageError('absent', `no store has ${pack.pack.sha256} any more`)
}

/**
 * Writes down that somebody reads an entry; only then may its bytes be shown. An elevated entry needs a reason. When this throws, show nothing.
 * @throws KeepError `reason`, StorageError of the log
 */
export async function recordAccess(
  archive: Archive,
  of: { readonly pack: string; readonly path: string; readonly bytes: Uint8Array; readonly reason: string | null; readonly by: Actor },
): Promise<{ readonly elevated: boolean; readonly entry: number | null }> {
  const elevated = isElevated(of.path, archive.elevated)
  if (elevated && of.reason === null) throw new KeepError('reason', `${of.path} may hold personal data: reading it needs a reason`)
  if (!elevated && of.reason === null) return { elevated, entry: null }
  const data = { pack: of.pack, path: of.path, sha256: sha256(of.bytes), elevated, reason: of.reason, by: of.by }
  const { entries } = await archive.log.act(() => ({ acts: [{ type: 'access', data }], value: null }))
  return { elevated, entry: entries.at(-1)?.index ?? null }
}

/** Reads every copy back and writes down how it was. @param look says what is wrong with whole bytes; '' when nothing */
export async function verifyCopies(
  archive: Archive,
  pack: KeptPack,
  look: (bytes: Uint8Array) => string,
): Promise<readonly { readonly store: string; readonly ok: boolean; readonly what: string }[]> {
  const found: { store: string; ok: boolean; what: string }[] = []
  for (const { store } of pack.copies) {
    let what: string
    try {
      const bytes = await keeperOf(archive, store).get(pack.pack)
      what = bytes === null ? 'it is not there' : look(bytes)
    } catch (error) {
      const { code, message } = pendingOf(store, error)
      what = `${code}: ${message}`
    }
    found.push({ store, ok: what === '', what: what.slice(0, 1000) })
  }
  await archive.log.act(() => ({ acts: found.map((one) => ({ type: 'verified', data: { pack: pack.pack.sha256, ...one } })), value: null }))
  return found
}

export function pendingOf(store: string, error: unknown): Pending {
  const code = error instanceof StorageError || error instanceof KeepError ? error.code : 'unreachable'
  return { store, code, message: (error instanceof Error ? error.message : String(error)).slice(0, 1000) }
}
