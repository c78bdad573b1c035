/** Applies the migrations of `db/migrations` that DATABASE_URL has not seen, in order, each in its own transaction. `*.down.sql` is for people. */
import { readdirSync, readFileSync } from 'node:fs'
import { Client } from 'pg'

const folder = new URL('./migrations/', import.meta.url)
const client = new Client({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 10_000 })
await client.connect()
await client.query("set lock_timeout = '2s'")
await client.query('create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())')
const { rows } = await client.query('select name from schema_migrations')
const applied = new Set(rows.map((row) => row.name))
const names = readdirSync(folder).filter((name) => name.endsWith('.sql') && !name.endsWith('.down.sql'))
for (const name of names.sort()) {
  if (applied.has(name)) continue
  await client.query('begin')
  await client.query(readFileSync(new URL(name, folder), 'utf8'))
  await client.query('insert into schema_migrations (name) values ($1)', [name])
  await client.query('commit')
  console.log(JSON.stringify({ level: 'info', message: 'migrated', name }))
}
await client.end()
