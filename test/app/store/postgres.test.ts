import { describe, expect, test } from 'vitest'
import { openPostgres } from '../../../app/store/postgres.ts'
import { postgresBinaries, startCluster } from '../../support/postgres.ts'

const binaries = postgresBinaries()

describe.skipIf(binaries === null)('PostgreSQL goes away', () => {
  test('a transaction that is open is rejected, and so is what comes after; the process lives', async () => {
    const cluster = await startCluster(binaries ?? '')
    const sql = await openPostgres(await cluster.database())
    // An error that nobody listens for fails the run.
    await expect(
      sql.transaction(async (query) => {
        await query.rows('select 1')
        await cluster.stop()
        await query.rows('select 1')
      }),
    ).rejects.toThrow(/terminat|ECONNRESET|closed|not queryable/i)
    await expect(sql.rows('select 1')).rejects.toThrow(/ECONNREFUSED|terminat|closed/i)
    await sql.close()
  })

  test('an address where nobody listens is a StoreError', async () => {
    await expect(openPostgres('postgres://nobody@127.0.0.1:9/none')).rejects.toMatchObject({ code: 'unreachable' })
  })
})
