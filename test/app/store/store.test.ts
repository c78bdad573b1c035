import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../../../app/store/migrate.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import { openPostgres } from '../../../app/store/postgres.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { openStore } from '../../../app/store/store.ts'
import { postgresBinaries, startCluster, type Cluster } from '../../support/postgres.ts'
import { storeContract } from './contract.ts'

const TABLES = [
  'releases',
  'leases',
  'effects',
  'verdicts',
  'sources',
  'evidence',
  'rejections',
  'blobs',
  'samples',
  'chains',
  'ledger',
  'environments',
]

/** One PGlite for the file, since a start takes seconds; each case gets empty tables. */
async function empty(sql: Sql): Promise<void> {
  await migrate(sql)
  await sql.script('alter table conductor.ledger disable trigger ledger_append_only')
  await sql.script(`truncate ${TABLES.map((table) => `conductor.${table}`).join(', ')} restart identity`)
  await sql.script('alter table conductor.ledger enable trigger ledger_append_only')
}

describe('embedded', () => {
  let sql: Sql
  beforeAll(async () => {
    sql = await openPglite(null)
  })
  afterAll(async () => {
    await sql.close()
  })
  storeContract('PGlite', async (clock) => {
    await empty(sql)
    return { store: await openStore(sql, clock), close: async () => {} }
  })

  test('the ledger table refuses to change or lose an entry', async () => {
    const store = await openStore(sql, { now: () => 0 })
    await store.append('1#1', [{ type: 'kept', data: {} }])
    for (const attack of [`update conductor.ledger set type = 'other'`, 'delete from conductor.ledger', 'truncate conductor.ledger'])
      await expect(sql.script(attack)).rejects.toMatchObject({ code: 'RC001' })
    expect((await store.ledger('1#1')).map((entry) => entry.type)).toEqual(['kept'])
  })
})

const binaries = postgresBinaries()
describe.skipIf(binaries === null)('server', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster(binaries ?? '')
  })
  afterAll(async () => {
    await cluster.stop()
  })
  storeContract('PostgreSQL', async (clock) => {
    const sql = await openPostgres(await cluster.database())
    return { store: await openStore(sql, clock), close: () => sql.close() }
  })

  test('two processes that start together migrate once', async () => {
    const url = await cluster.database()
    const both = await Promise.all([openPostgres(url, 2), openPostgres(url, 2), openPostgres(url, 2)])
    const applied = await Promise.all(both.map((sql) => migrate(sql)))
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1)
    await Promise.all(both.map((sql) => sql.close()))
  })
})
