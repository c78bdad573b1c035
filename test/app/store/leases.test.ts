import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Lease } from '../../../app/release/ports.ts'
import { freeLease, takeLease } from '../../../app/store/leases.ts'
import { migrate } from '../../../app/store/migrate.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import type { Sql } from '../../../app/store/sql.ts'

let sql: Sql
beforeAll(async () => {
  sql = await openPglite(null)
  await migrate(sql)
})
afterAll(async () => {
  await sql.close()
})

const keys = async (): Promise<readonly string[]> =>
  (await sql.rows<{ key: string }>('select key from conductor.leases order by key')).map(({ key }) => key)

test('leases of what comes once leave no row when they are freed by their holder; others keep their fence', async () => {
  const all = ['keep/7#3/seal/proven/1/keep/s3', `other/7/${'1'.repeat(40)}`, 'release/7#3']
  const taken: Lease[] = []
  for (const key of all) taken.push((await takeLease(sql, key, 'one', 1_000, 500)) as Lease)
  for (const lease of taken) await freeLease(sql, { ...lease, owner: 'another' })
  expect(await keys()).toEqual(all)
  for (const lease of taken) await freeLease(sql, lease)
  expect(await keys()).toEqual(['release/7#3'])
  expect(await takeLease(sql, 'release/7#3', 'two', 1_000, 500)).toMatchObject({ fence: 2 })
})

test('a lease whose row went is never the one that a sleeper has, when it is taken anew', async () => {
  const slept = (await takeLease(sql, 'keep/7#3/a', 'one', 1_000, 500)) as Lease
  const next = (await takeLease(sql, 'keep/7#3/a', 'two', 2_000, 500)) as Lease
  await freeLease(sql, next)
  expect((await takeLease(sql, 'keep/7#3/a', 'one', 2_100, 500))?.fence).toBeGreaterThan(Math.max(slept.fence, next.fence))
})
