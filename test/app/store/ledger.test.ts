import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StorePort } from '../../../app/release/ports.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import { openStore } from '../../../app/store/store.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { KEY, NOW } from '../../support/release.ts'

const clock = { now: () => NOW }
let sql: Sql
let kept: StorePort
beforeAll(async () => {
  sql = await openPglite(null)
  kept = await openStore(sql, clock)
})
afterAll(async () => {
  await sql.close()
})

describe.each([
  ['in memory', () => new MemoryStore(clock)],
  ['in PGlite', () => kept],
])('%s', (_, make) => {
  test('a part of the ledger is those entries, and no others', async () => {
    const store = make()
    await store.append('7#9', [{ type: 'other', data: {} }])
    await store.append(
      KEY,
      Array.from({ length: 5 }, (__, at) => ({ type: `entry ${at}`, data: {} })),
    )
    const part = async (from: number, count: number): Promise<unknown> =>
      (await store.ledger(KEY, { from, count })).map(({ index, type }) => [index, type])
    expect(await part(1, 2)).toEqual([
      [1, 'entry 1'],
      [2, 'entry 2'],
    ])
    expect([await part(4, 9), await part(5, 1), await part(0, 0)]).toEqual([[[4, 'entry 4']], [], []])
    expect(await store.ledger(KEY)).toHaveLength(5)
  })
})
