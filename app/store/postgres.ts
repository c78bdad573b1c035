/** A PostgreSQL server as the store's database; several App processes may share it. Statements and waits are bounded, so a stuck server is an error. */
import { Pool, type PoolClient } from 'pg'
import { StoreError } from './error.ts'
import type { Query, Sql } from './sql.ts'

const AGAIN = new Set(['40001', '40P01'])

/**
 * @param url `postgres://user@host/database`
 * @throws StoreError `unreachable`
 */
export async function openPostgres(url: string, connections = 10): Promise<Sql> {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'release-conductor',
  })
  // A connection that breaks is replaced by the pool on next use, and a query on it is rejected; without a listener it would end the process: one for
  // the idle ones, one for each that is in use, also between the queries of a transaction.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  try {
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    throw new StoreError(
      'unreachable',
      `The database of DATABASE_URL does not answer: ${(error as Error).message}. Check address, user and password.`,
      {
        cause: error,
      },
    )
  }
  let closing: Promise<void> | null = null
  return {
    engine: 'postgres',
    ...queryOf(pool),
    transaction: (work) => attempt(pool, work, 3),
    close() {
      closing ??= pool.end()
      return closing
    },
  }
}

function queryOf(of: Pool | PoolClient): Query {
  return {
    async rows<Row extends object>(text: string, values: readonly unknown[] = []) {
      return (await of.query(text, [...values])).rows as Row[]
    },
    async script(text) {
      await of.query(text)
    },
  }
}

async function attempt<T>(pool: Pool, work: (query: Query) => Promise<T>, left: number): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const answer = await work(queryOf(client))
    await client.query('commit')
    return answer
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    const code = (error as { code?: unknown }).code
    if (left <= 1 || typeof code !== 'string' || !AGAIN.has(code)) throw error
  } finally {
    client.release(broken)
  }
  return attempt(pool, work, left - 1)
}
