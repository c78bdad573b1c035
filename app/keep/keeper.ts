/**
 * The contract of a place where packs are kept. One port, four kinds: a directory, an S3 bucket with object lock, the GitHub release, and the App's own
 * `artifacts_dir`. Things are addressed by their SHA-256, and each call may be repeated: after a crash the caller simply asks again.
 *
 * `put` answers only after the bytes were read back and have their digest. `get` never answers other bytes. A place that enforces time and holds by itself
 * (object lock) says so in `head`; the others rely on the retention log, which is asked first in any case.
 */
import type { PackRef } from '../../evidence/keep/acts.ts'

export interface Placed {
  /** For people: a path, an address without query. */
  readonly location: string
}

export interface Found {
  readonly size: number
  /** Until when the place itself refuses to delete; null: it does not refuse. UTC, ISO 8601. */
  readonly lockedUntil: string | null
  /** The place's own hold. */
  readonly held: boolean
  /** The place never deletes this. */
  readonly immutable: boolean
}

/** What is kept: a pack, or what stays of one. */
export type Item = Pick<PackRef, 'sha256' | 'repository' | 'repository_id' | 'version' | 'seal'>

export interface Keeper {
  readonly name: string
  readonly kind: 'directory' | 's3' | 'github-release' | 'artifacts'
  /** May things that are no packs be put here? */
  readonly takesAnything: boolean
  /** Idempotent; a longer `until` extends, a shorter one changes nothing. @throws StorageError */
  put(item: Item, bytes: Uint8Array, until: string): Promise<Placed>
  /** The bytes, when they are there with their digest; null: absent. @throws StorageError `changed` */
  get(item: Item): Promise<Uint8Array | null>
  /** null: absent. @throws StorageError */
  head(item: Item): Promise<Found | null>
  /** SHA-256 of everything of ours that lies here. @throws StorageError */
  list(): Promise<readonly string[]>
  hold(item: Item, on: boolean): Promise<void>
  extend(item: Item, until: string): Promise<void>
  /** Every copy and version. @throws StorageError `locked`, `immutable` */
  delete(item: Item): Promise<'deleted' | 'absent'>
  /** What the operator should know before relying on it; empty: nothing. @throws StorageError `unreachable` */
  check(): Promise<readonly string[]>
}

/** Largest thing that is kept, in bytes: as much as a pack may unpack to. */
export const MAX_ITEM = 512 * 1024 * 1024
