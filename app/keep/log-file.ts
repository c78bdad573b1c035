/**
 * The retention log: `<artifacts_dir>/retention/log.jsonl`, one hash chain of everything that happens to kept packs, append-only and synced. One writer at
 * a time: whoever decides something decides it on the log as it is, and appends in the same breath. `audit verify` reads it like any ledger.
 *
 * A crash may tear the last line, which then nobody was told of: the next writer cuts it off and says so in the chain. Anything else that is wrong with
 * the file stops every act, because nobody could say what is held.
 */
import { mkdir, open, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { RETENTION_CHAIN, type Act } from '../../evidence/keep/acts.ts'
import { KeepError } from '../../evidence/keep/error.ts'
import { stateOf, type Kept } from '../../evidence/keep/state.ts'
import { link, type LedgerEntry } from '../../evidence/ledger/chain.ts'
import { LedgerError } from '../../evidence/ledger/error.ts'
import { readLedger } from '../../evidence/ledger/lines.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { lockDirectory, type DirectoryLock } from '../store/lock.ts'
import { StoreError } from '../store/error.ts'
import { StorageError } from './error.ts'
import { diskError, readWhole, syncFolder } from './files.ts'

const NEWLINE = 0x0a
const MAX_BYTES = 256 * 1024 * 1024
const WAIT_MS = 10_000

export interface LogView {
  readonly entries: readonly LedgerEntry[]
  readonly packs: Kept
}

/** What to append, and what to answer; or why nothing happens. */
export type Decision<Value> = { readonly acts: readonly Act[]; readonly value: Value } | KeepError

export interface RetentionLog {
  readonly path: string
  /** @throws StorageError `log` when the file does not hold */
  read(): Promise<LogView>
  /** Decides on the log as it is and appends, with nobody in between; on disk when it resolves. @throws StorageError `busy`, `log`; KeepError when the decision is no */
  act<Value>(decide: (view: LogView) => Decision<Value>): Promise<{ readonly value: Value; readonly entries: readonly LedgerEntry[] }>
}

/** @param folder made when absent @param clock epoch milliseconds */
export function retentionLog(folder: string, clock: { now(): number }): RetentionLog {
  const path = join(folder, 'log.jsonl')

  async function load(): Promise<{ readonly view: LogView; readonly whole: number; readonly torn: Uint8Array }> {
    const bytes =
      (await readWhole(path, MAX_BYTES).catch((error: unknown) => {
        throw diskError(error, `reading ${path}`)
      })) ?? new Uint8Array()
    const whole = bytes.lastIndexOf(NEWLINE) + 1
    return { view: viewOf(bytes.subarray(0, whole)), whole, torn: bytes.subarray(whole) }
  }

  function viewOf(bytes: Uint8Array): LogView {
    if (bytes.length === 0) return { entries: [], packs: new Map() }
    try {
      const { entries } = readLedger(bytes)
      const packs = stateOf(entries)
      if (packs instanceof KeepError) throw packs
      return { entries, packs }
    } catch (cause) {
      if (!(cause instanceof LedgerError) && !(cause instanceof KeepError)) throw cause
      throw new StorageError('log', `${path} does not hold: ${cause.message}. Restore it from a copy; until then nothing is held, read or purged.`, {
        cause,
      })
    }
  }

  return {
    path,
    read: async () => (await load()).view,
    async act(decide) {
      const lock = await locked(folder)
      try {
        const { view, whole, torn } = await load()
        const decision = decide(view)
        if (decision instanceof KeepError) throw decision
        const mended: Act[] = torn.length === 0 ? [] : [{ type: 'mended', data: { bytes: torn.length, sha256: sha256(torn) } }]
        const acts = decision.acts.length === 0 ? [] : [...mended, ...decision.acts]
        const entries = chained(view.entries.at(-1) ?? null, acts, timestamp(clock.now()))
        if (entries.length > 0) await append(path, folder, whole, entries)
        return { value: decision.value, entries: entries.slice(acts.length - decision.acts.length) }
      } finally {
        lock.release()
      }
    },
  }
}

function chained(last: LedgerEntry | null, acts: readonly Act[], at: string): LedgerEntry[] {
  const entries: LedgerEntry[] = []
  for (const { type, data } of acts) entries.push(link(entries.at(-1) ?? last, { release: RETENTION_CHAIN, at, type, data }))
  return entries
}

async function append(path: string, folder: string, whole: number, entries: readonly LedgerEntry[]): Promise<void> {
  try {
    const fresh = whole === 0
    if (!fresh) await truncate(path, whole)
    const file = await open(path, fresh ? 'w' : 'a', 0o600)
    try {
      await file.writeFile(entries.map((entry) => `${canonicalize(entry)}\n`).join(''))
      await file.sync()
    } finally {
      await file.close()
    }
    if (fresh) await syncFolder(folder)
  } catch (error) {
    throw diskError(error, `writing ${path}`)
  }
}

async function locked(folder: string): Promise<DirectoryLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw diskError(error, `making ${folder}`)
  })
  for (let waited = 0; ; waited += 20) {
    try {
      return lockDirectory(folder)
    } catch (error) {
      if (!(error instanceof StoreError)) throw diskError(error, `locking ${folder}`)
      if (waited >= WAIT_MS) throw new StorageError('busy', `another process writes ${join(folder, 'log.jsonl')}. Try again.`, { cause: error })
    }
    await sleep(20)
  }
}
