import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Change, Lease, PageOrder, StorePort } from '../../../app/release/ports.ts'
import { MOST_ORDERS } from '../../../app/store/page-orders.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import { openStore } from '../../../app/store/store.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { HEAD, KEY, NOW, recordOf } from '../../support/release.ts'

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

function order(id: string): PageOrder {
  return { id, text: '/approve', author: { login: 'é', id: 21 }, head: HEAD, at: NOW, key: null }
}

async function change(store: StorePort, expected: number | null, answered: readonly string[]): Promise<boolean> {
  const lease = (await store.lease(KEY, 'one', NOW, 30_000)) as Lease
  const of: Change = { release: recordOf(), expected, lease, intents: [], events: [], verdicts: [], answered }
  return store.commit(of)
}

describe.each([
  ['in memory', () => new MemoryStore(clock)],
  ['in PGlite', () => kept],
])('%s', (_, make) => {
  test('a command of the page waits until a change answers it, and only that one; a change that is refused answers nothing', async () => {
    const store = make()
    for (const id of ['b', 'a', 'b']) expect(await store.order(KEY, order(id))).toBe(true)
    expect(await store.order('7#13', order('c'))).toBe(true)
    expect(await store.pageOrders(KEY)).toEqual([order('b'), order('a')])
    expect(await change(store, 4, ['b'])).toBe(false)
    expect(await store.pageOrders(KEY)).toHaveLength(2)
    expect(await change(store, null, ['b'])).toBe(true)
    expect([await store.pageOrders(KEY), await store.pageOrders('7#13')]).toEqual([[order('a')], [order('c')]])
  })

  test('of a release so many wait, and no more', async () => {
    const store = make()
    for (let number = 0; number < MOST_ORDERS; number += 1) expect(await store.order('7#14', order(`many ${number}`))).toBe(true)
    expect([await store.order('7#14', order('one more')), await store.order('7#15', order('another'))]).toEqual([false, true])
  })
})
