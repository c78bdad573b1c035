import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, shippedMigrations, type Migration } from '../../../app/store/migrate.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import type { Sql } from '../../../app/store/sql.ts'

let sql: Sql
beforeAll(async () => {
  sql = await openPglite(null)
})
afterAll(async () => {
  await sql.close()
})

const shipped = shippedMigrations()
const extra: Migration = { name: '9998-extra.sql', text: 'create table conductor.extra (i int); insert into conductor.extra values (1)' }

test('each once, in order, and again is nothing', async () => {
  expect(shipped.map((one) => one.name)).toEqual(shipped.map((one) => one.name).toSorted())
  expect(await migrate(sql)).toEqual(shipped.map((one) => one.name))
  expect(await migrate(sql)).toEqual([])
})

test('one that fails leaves nothing behind, not even those before it', async () => {
  const broken = { name: '9999-broken.sql', text: 'create table conductor.half (i int); select nonsense' }
  await expect(migrate(sql, [...shipped, extra, broken])).rejects.toThrow(/nonsense/)
  expect(await sql.rows("select tablename from pg_tables where tablename in ('half', 'extra')")).toEqual([])
  expect(await migrate(sql)).toEqual([])
})

test('a changed file and a newer database are refused', async () => {
  const changed = shipped.map((one) => ({ ...one, text: `${one.text}-- changed` }))
  await expect(migrate(sql, changed)).rejects.toMatchObject({ code: 'migration-changed' })
  expect(await migrate(sql, [...shipped, extra])).toEqual([extra.name])
  await expect(migrate(sql)).rejects.toMatchObject({ code: 'schema-newer' })
})
