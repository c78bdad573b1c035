/** The retention log -> what is known of each pack. Pure: the log is the state, and there is no other. */
import type { LedgerEntry } from '../ledger/chain.ts'
import { checkChain } from '../ledger/chain.ts'
import type { RetentionClass } from '../model/manifest.ts'
import { readAct, RETENTION_CHAIN, type Act, type Actor, type PackRef } from './acts.ts'
import { KeepError } from './error.ts'

export interface Hold {
  /** Index of its entry. */
  readonly id: number
  readonly reason: string
  readonly by: Actor
  readonly at: string
}

export interface PurgeRequest {
  readonly id: number
  readonly reason: string
  readonly by: Actor
  readonly at: string
  readonly signed: Readonly<Record<string, unknown>>
  readonly approvals: readonly { readonly by: Actor; readonly at: string; readonly signed: Readonly<Record<string, unknown>> }[]
}

export interface Copy {
  readonly store: string
  readonly location: string
  readonly since: string
  /** What the store itself enforces now. */
  readonly placed: { readonly until: string; readonly held: boolean }
  readonly verified: { readonly at: string; readonly ok: boolean; readonly what: string } | null
}

export interface KeptPack {
  readonly pack: PackRef
  readonly class: RetentionClass
  /** UTC, ISO 8601; never gets earlier. */
  readonly until: string
  readonly copies: readonly Copy[]
  readonly holds: readonly Hold[]
  readonly request: PurgeRequest | null
  readonly purge: {
    readonly request: number
    readonly startedAt: string
    readonly stores: readonly string[]
    readonly deleted: Readonly<Record<string, boolean>>
    readonly done: { readonly at: string; readonly tombstone: string } | null
  } | null
  readonly reads: number
}

export type Kept = ReadonlyMap<string, KeptPack>

/** @returns `log` when the chain breaks, is of something else, or holds an entry that cannot be read */
export function stateOf(entries: readonly LedgerEntry[]): Kept | KeepError {
  if (entries.length === 0) return new Map()
  const chain = checkChain(entries)
  if ('brokenAt' in chain) return new KeepError('log', `the retention log breaks at entry ${chain.brokenAt}: ${chain.why}`)
  const packs = new Map<string, KeptPack>()
  for (const entry of entries) {
    const act = entry.release === RETENTION_CHAIN ? readAct(entry.type, entry.data) : null
    if (act === null) return new KeepError('log', `entry ${entry.index} of the retention log is no act of this version`)
    if (act.type === 'mended') continue
    const digest = act.type === 'kept' ? act.data.pack.sha256 : act.data.pack
    const before = packs.get(digest)
    if (before === undefined && act.type !== 'kept') {
      // Elevated entries of a pack that is only a file here may be read too.
      if (act.type === 'access') continue
      return new KeepError('log', `entry ${entry.index} of the retention log speaks of a pack that was never kept`)
    }
    packs.set(digest, after(before, act, entry))
  }
  return packs
}

function after(before: KeptPack | undefined, act: Act, entry: LedgerEntry): KeptPack {
  if (act.type === 'kept') return kept(before, act.data, entry.at)
  // `stateOf` lets no other act come first.
  const pack = before as KeptPack
  switch (act.type) {
    case 'extended':
      return { ...pack, until: later(pack.until, act.data.until), class: act.data.class }
    case 'held':
      // What was asked for before a hold was asked for without knowing of it.
      return { ...pack, holds: [...pack.holds, { id: entry.index, reason: act.data.reason, by: act.data.by, at: entry.at }], request: null }
    case 'lifted':
      return { ...pack, holds: pack.holds.filter((hold) => hold.id !== act.data.hold) }
    case 'placed':
      return copied(pack, act.data.store, (copy) => ({ ...copy, placed: { until: act.data.until, held: act.data.held } }))
    case 'purge.requested':
      return { ...pack, request: { id: entry.index, reason: act.data.reason, by: act.data.by, at: entry.at, signed: act.data.signed, approvals: [] } }
    case 'purge.approved': {
      const { request } = pack
      if (request === null || request.id !== act.data.request) return pack
      const approvals = [...request.approvals, { by: act.data.by, at: entry.at, signed: act.data.signed }]
      return { ...pack, request: { ...request, approvals } }
    }
    case 'purge.started':
      return { ...pack, purge: { request: act.data.request, startedAt: entry.at, stores: act.data.stores, deleted: {}, done: null } }
    case 'purge.deleted':
      return pack.purge === null ? pack : { ...pack, purge: { ...pack.purge, deleted: { ...pack.purge.deleted, [act.data.store]: act.data.found } } }
    case 'purge.done':
      return pack.purge === null ? pack : { ...pack, purge: { ...pack.purge, done: { at: entry.at, tombstone: act.data.tombstone } } }
    case 'access':
      return { ...pack, reads: pack.reads + 1 }
    case 'verified':
      return copied(pack, act.data.store, (copy) => ({ ...copy, verified: { at: entry.at, ok: act.data.ok, what: act.data.what } }))
    default:
      return pack
  }
}

function kept(before: KeptPack | undefined, data: Extract<Act, { type: 'kept' }>['data'], at: string): KeptPack {
  const copy: Copy = { store: data.store, location: data.location, since: at, placed: { until: data.keep.until, held: false }, verified: null }
  if (before === undefined)
    return {
      pack: data.pack,
      class: data.keep.class,
      until: data.keep.until,
      copies: [copy],
      holds: [],
      request: null,
      purge: null,
      reads: 0,
    }
  return { ...before, until: later(before.until, data.keep.until), copies: [...before.copies.filter((one) => one.store !== data.store), copy] }
}

function copied(pack: KeptPack, store: string, change: (copy: Copy) => Copy): KeptPack {
  return { ...pack, copies: pack.copies.map((copy) => (copy.store === store ? change(copy) : copy)) }
}

/** Times in the one textual form sort as text. */
export function later(one: string, other: string): string {
  return one > other ? one : other
}
