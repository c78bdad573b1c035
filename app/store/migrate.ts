/**
 * Brings a database to this version's tables: every file of `migrations/` in the order of its name, each once, all in one transaction. Processes that
 * start together queue on a table lock (never an advisory lock: those do not survive a connection pooler). An applied file must never change.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { sha256 } from '../../evidence/core/digest.ts'
import { StoreError } from './error.ts'
import type { Query, Sql } from './sql.ts'

export interface Migration {
  readonly name: string
  readonly text: string
}

const CREATE = `
  create schema if not exists conductor;
  create table if not exists conductor.migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now());
`

/** The migrations of this version, from the folder beside this file. */
export function shippedMigrations(folder: URL = new URL('migrations/', import.meta.url)): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
}

/**
 * @returns names of the migrations applied now; empty when the database was up to date
 * @throws StoreError `migration-changed`, `schema-newer`
 */
export async function migrate(sql: Sql, migrations: readonly Migration[] = shippedMigrations()): Promise<readonly string[]> {
  await createOnce(sql)
  return sql.transaction(async (query) => {
    await query.script('lock table conductor.migrations in access exclusive mode')
    return apply(query, migrations)
  })
}

/** `if not exists` is not safe against itself: the slower of two creators may see a duplicate key. It then exists. */
async function createOnce(sql: Sql): Promise<void> {
  try {
    await sql.script(CREATE)
  } catch (error) {
    if (!['23505', '42P06', '42P07'].includes((error as { code?: string }).code ?? '')) throw error
    await sql.script(CREATE)
  }
}

async function apply(query: Query, migrations: readonly Migration[]): Promise<readonly string[]> {
  const known = await query.rows<{ name: string; sha256: string }>('select name, sha256 from conductor.migrations')
  const applied = new Map(known.map((row) => [row.name, row.sha256]))
  const shipped = new Set(migrations.map((migration) => migration.name))
  for (const name of applied.keys())
    if (!shipped.has(name))
      throw new StoreError('schema-newer', `The database has migration ${name}, which this version does not know. Start the newer version.`)
  const now: string[] = []
  for (const { name, text } of migrations) {
    const digest = sha256(text)
    const before = applied.get(name)
    if (before === digest) continue
    if (before !== undefined)
      throw new StoreError('migration-changed', `Migration ${name} was applied with other text. Restore the file and add a new migration instead.`)
    await query.script(text)
    await query.rows('insert into conductor.migrations (name, sha256) values ($1, $2)', [name, digest])
    now.push(name)
  }
  return now
}
