/** An archive over plain variables: a log that a crash can interrupt, and stores that can be away; what persists is in {@link Disk}, all else is a process. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PurgeArchive } from '../../../app/keep/purge-run.ts'
import { StorageError } from '../../../app/keep/error.ts'
import type { Keeper } from '../../../app/keep/keeper.ts'
import type { RetentionLog } from '../../../app/keep/log-file.ts'
import type { PackRef } from '../../../evidence/keep/acts.ts'
import { RETENTION_CHAIN } from '../../../evidence/keep/acts.ts'
import { ELEVATED } from '../../../evidence/keep/elevated.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { stateOf, type Kept } from '../../../evidence/keep/state.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { link, type LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { timestamp } from '../../../evidence/model/primitives.ts'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import type { Person } from '../../../app/keep/purge-run.ts'

export const DAY = 86_400_000
export const SEALED = Date.parse('2026-11-22T12:00:00.000Z')
export const BYTES = Buffer.from('the bytes of a pack')
export const PACK: PackRef = {
  sha256: sha256(BYTES),
  size: BYTES.length,
  manifest: 'a'.repeat(64),
  repository: 'acme/shop',
  repository_id: 7,
  version: 'v2.0.0',
  seal: 2,
  previous: null,
  sealed_at: timestamp(SEALED),
}
export const KEEP = { class: 'release', until: timestamp(SEALED + 400 * DAY) } as const
export const APP = { name: 'app', how: 'app' } as const
export const CLAIMED = { name: 'alice@example.com', how: 'claimed' } as const

const KEYS = Object.fromEntries(['app', 'alice', 'bob', 'carol', 'dave'].map((name) => [name, generateKeyPair()]))
export const PUBLIC = Object.entries(KEYS).map(([id, pair]) => ({ id, publicKeyPem: pair.publicKeyPem }))
export const PEOPLE = PUBLIC.filter(({ id }) => id !== 'app')
export const APP_KEY = PUBLIC.filter(({ id }) => id === 'app')

export function person(name: string): Person {
  return { signer: localKeySigner({ id: name, privateKeyPem: KEYS[name]?.privateKeyPem ?? '' }), actor: { name, how: 'key' } }
}

/** The power went. */
export class Crash extends Error {}

export interface Disk {
  now: number
  readonly entries: LedgerEntry[]
  /** Store -> digest -> bytes. */
  readonly stores: Map<string, Map<string, Uint8Array>>
  readonly holds: Map<string, Set<string>>
  readonly away: Set<string>
  readonly folder: string
  /** Steps until the power goes; null: it stays. A step is a change of the log or of a store: it goes before or after it. */
  power: { left: number; readonly after: boolean } | null
  steps: number
}

export function diskOf(stores: readonly string[] = ['archive', 'bucket']): Disk {
  return {
    now: SEALED,
    entries: [],
    stores: new Map(stores.map((name) => [name, new Map()])),
    holds: new Map(stores.map((name) => [name, new Set()])),
    away: new Set(),
    folder: mkdtempSync(join(tmpdir(), 'conductor-keep-')),
    power: null,
    steps: 0,
  }
}

async function step<Value>(disk: Disk, change: () => Value): Promise<Value> {
  disk.steps += 1
  const { power } = disk
  const last = power !== null && power.left-- === 0
  if (last && !power.after) throw new Crash('before')
  const value = change()
  if (last) throw new Crash('after')
  return value
}

export function packsOn(disk: Disk): Kept {
  const packs = stateOf(disk.entries)
  if (packs instanceof KeepError) throw packs
  return packs
}

/** A process that just started on this disk. */
export function archiveOn(disk: Disk): PurgeArchive {
  const clock = { now: () => disk.now }
  const log: RetentionLog = {
    path: 'memory',
    read: async () => ({ entries: [...disk.entries], packs: packsOn(disk) }),
    act: async (decide) => {
      const decision = decide({ entries: [...disk.entries], packs: packsOn(disk) })
      if (decision instanceof KeepError) throw decision
      const made: LedgerEntry[] = []
      for (const { type, data } of decision.acts)
        made.push(link(made.at(-1) ?? disk.entries.at(-1) ?? null, { release: RETENTION_CHAIN, at: timestamp(disk.now), type, data }))
      await step(disk, () => disk.entries.push(...made))
      return { value: decision.value, entries: made }
    },
  }
  const { signer } = person('app')
  return {
    log,
    clock,
    keepers: new Map([...disk.stores.keys()].map((name) => [name, memoryKeeper(disk, name)])),
    elevated: ELEVATED,
    people: PEOPLE,
    signer: { id: signer.id, sign: (bytes) => step(disk, () => signer.sign(bytes)) },
    folder: disk.folder,
  }
}

function memoryKeeper(disk: Disk, name: string): Keeper {
  const things = disk.stores.get(name) ?? new Map<string, Uint8Array>()
  const held = disk.holds.get(name) ?? new Set<string>()
  const change = async <Value>(work: () => Value): Promise<Value> => {
    if (disk.away.has(name)) throw new StorageError('unreachable', `${name} is away`)
    return step(disk, work)
  }
  return {
    name,
    kind: 'directory',
    takesAnything: true,
    put: (item, bytes) => change(() => (things.set(item.sha256, bytes), { location: `${name}/${item.sha256}` })),
    get: async (item) => {
      if (disk.away.has(name)) throw new StorageError('unreachable', `${name} is away`)
      return things.get(item.sha256) ?? null
    },
    head: async (item) => {
      if (disk.away.has(name)) throw new StorageError('unreachable', `${name} is away`)
      const bytes = things.get(item.sha256)
      return bytes === undefined ? null : { size: bytes.length, lockedUntil: null, held: held.has(item.sha256), immutable: false }
    },
    list: async () => [...things.keys()],
    hold: (item, on) => change(() => void (on ? held.add(item.sha256) : held.delete(item.sha256))),
    extend: () => change(() => {}),
    delete: (item) => change(() => (things.delete(item.sha256) ? 'deleted' : 'absent')),
    check: async () => [],
  }
}
