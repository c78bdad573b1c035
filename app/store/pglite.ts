/**
 * The embedded database: PostgreSQL in this process, its files in a directory, for one process at a time. Opening takes the lock, finishes a first
 * start that was interrupted, and makes every commit durable (see `synced-files.ts`). Memory only when no directory is given: for tests.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { StoreError } from './error.ts'
import { lockDirectory } from './lock.ts'
import type { Query, Sql } from './sql.ts'
import { durableStart, SyncedFiles } from './synced-files.ts'

export interface PgliteSql extends Sql {
  /** For pg-boss, which brings its own adapter. */
  readonly pglite: PGlite
}

async function open(directory: string, onSync?: () => void): Promise<PGlite> {
  return PGlite.create({ fs: new SyncedFiles(directory, onSync), startParams: durableStart() })
}

/** A first start writes some hundred files; it happens beside the real place and is moved there whole. */
async function openWhole(directory: string, onSync?: () => void): Promise<PGlite> {
  const place = join(directory, 'pgdata')
  if (!existsSync(place)) {
    const fresh = join(directory, 'pgdata.new')
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh, { mode: 0o700 })
    await (await open(fresh)).close()
    renameSync(fresh, place)
  }
  return open(place, onSync)
}

/**
 * @param directory the data directory, made with mode 0700 when absent; null: in memory
 * @param onSync called after each sync to disk
 * @throws StoreError `locked`, `unreachable`
 */
export async function openPglite(directory: string | null, onSync?: () => void): Promise<PgliteSql> {
  const lock = directory === null ? null : lockDirectory(directory)
  try {
    const pglite = directory === null ? await PGlite.create() : await openWhole(directory, onSync)
    return over(pglite, () => lock?.release())
  } catch (error) {
    lock?.release()
    if (error instanceof StoreError) throw error
    throw new StoreError('unreachable', `The embedded database in ${directory} does not start: ${(error as Error).message}. Restore the directory.`, {
      cause: error,
    })
  }
}

function queryOf(of: PGlite | Transaction): Query {
  return {
    async rows<Row extends object>(text: string, values: readonly unknown[] = []) {
      return (await of.query<Row>(text, [...values])).rows
    },
    async script(text) {
      await of.exec(text)
    },
  }
}

function over(pglite: PGlite, closed: () => void): PgliteSql {
  let closing: Promise<void> | null = null
  return {
    engine: 'pglite',
    pglite,
    ...queryOf(pglite),
    transaction: (work) => pglite.transaction((transaction) => work(queryOf(transaction))),
    close() {
      closing ??= pglite.close().finally(closed)
      return closing
    },
  }
}
