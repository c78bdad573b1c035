import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../../app/store/migrate.ts'
import { CHALLENGE_MS, MOST_KEYS, openKeys, type About, type Keys, type SecurityKey } from '../../../app/store/keys.ts'
import { MOST_ORDERS, readOrders } from '../../../app/store/page-orders.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import type { Sql } from '../../../app/store/sql.ts'
import type { PageOrder } from '../../../app/release/ports.ts'
import { HEAD, KEY } from '../../support/release.ts'

let sql: Sql
let keys: Keys
let now = 1_000_000_000
let registrations = 0
const COMMAND: About = { kind: 'command', release: KEY, text: '/approve', head: HEAD }

beforeAll(async () => {
  sql = await openPglite(null)
  await migrate(sql)
  keys = openKeys(sql, { now: () => now })
})
afterAll(async () => {
  await sql.close()
})
beforeEach(async () => {
  await sql.script('truncate conductor.keys, conductor.challenges, conductor.page_orders')
})

function key(id: string, countsFrom = 0): SecurityKey {
  return { id, name: `key ${id}`, publicKey: Uint8Array.of(1, 2, 255), counter: 5, registeredAt: now, countsFrom, usedAt: null }
}

async function asked(about: About, user = 21, id = 'c'): Promise<string> {
  await keys.ask(user, { id, about, nonce: 'f'.repeat(64) })
  return id
}

async function registered(id: string, countsFrom = 0, user = 21): Promise<boolean> {
  return keys.register(await asked({ kind: 'register', name: id }, user, `register ${id} ${(registrations += 1)}`), user, key(id, countsFrom))
}

function order(id = 'o'): { readonly release: string; readonly order: PageOrder } {
  return {
    release: KEY,
    order: { id, text: '/approve', author: { login: 'a', id: 21 }, head: HEAD, at: now, key: { id: '0'.repeat(16), registeredAt: 0 } },
  }
}

const USED = { id: 'k', from: 5, to: 6 }

test('a key is kept as it was registered, for its owner, and once', async () => {
  expect(await registered('k')).toBe(true)
  expect([await keys.of(21), await keys.of(22)]).toEqual([[key('k')], []])
  expect([await registered('k'), await registered('k', 0, 22)]).toEqual([false, false])
})

test('so many keys, and no more', async () => {
  for (let number = 0; number < MOST_KEYS; number += 1) expect(await registered(String(number))).toBe(true)
  expect(await registered('one more')).toBe(false)
  expect(await registered('of another', 0, 22)).toBe(true)
})

test('a challenge is theirs who was asked, for five minutes', async () => {
  await asked(COMMAND)
  expect(await keys.challenge('c', 21)).toEqual({ id: 'c', about: COMMAND, nonce: 'f'.repeat(64) })
  expect([await keys.challenge('c', 22), await keys.challenge('d', 21)]).toEqual([null, null])
  await registered('k')
  now += CHALLENGE_MS
  expect([await keys.challenge('c', 21), await keys.order('c', 21, USED, order())]).toEqual([null, false])
})

test('what was signed is kept with the counter, once; sent again it is nothing', async () => {
  await registered('k')
  await asked(COMMAND)
  const both = await Promise.all([keys.order('c', 21, USED, order('one')), keys.order('c', 21, USED, order('two'))])
  expect(both.filter(Boolean)).toHaveLength(1)
  expect(await readOrders(sql, KEY)).toHaveLength(1)
  expect(await keys.of(21)).toMatchObject([{ counter: 6, usedAt: now }])
})

test.each<[string, () => Promise<boolean>]>([
  ['a counter that was used meanwhile', async () => keys.order('c', 21, { id: 'k', from: 4, to: 6 }, order())],
  ['a key of somebody else', async () => keys.order(await asked(COMMAND, 22, 'd'), 22, USED, order())],
  ['a challenge of somebody else', async () => keys.order('c', 22, USED, order())],
  ['a key that does not count yet', async () => (await registered('fresh', now + 1)) && keys.order('c', 21, { ...USED, id: 'fresh' }, order())],
])('%s keeps nothing, and uses up nothing', async (_, attempt) => {
  await registered('k')
  await asked(COMMAND)
  expect([await attempt(), await readOrders(sql, KEY)]).toEqual([false, []])
  expect(await keys.order('c', 21, USED, order())).toBe(true)
})

test('where too many commands wait, the signature is still good', async () => {
  await registered('k')
  for (let number = 0; number < MOST_ORDERS; number += 1) {
    await asked(COMMAND)
    expect(await keys.order('c', 21, { id: 'k', from: 5 + number, to: 6 + number }, order(String(number)))).toBe(true)
  }
  await asked(COMMAND)
  const last = { id: 'k', from: 5 + MOST_ORDERS, to: 6 + MOST_ORDERS }
  expect(await keys.order('c', 21, last, order('late'))).toBe(false)
  await sql.script('truncate conductor.page_orders')
  expect(await keys.order('c', 21, last, order('late'))).toBe(true)
})

test('a fresh key counts once an older one lets it, and not by itself', async () => {
  await registered('k')
  await registered('fresh', now + 1_000)
  const trust: About = { kind: 'trust', key: 'fresh' }
  expect(await keys.trust(await asked(trust), 21, { ...USED, id: 'fresh' }, 'fresh')).toBe(false)
  expect(await keys.trust(await asked(trust, 21, 'd'), 21, USED, 'fresh')).toBe(true)
  expect((await keys.of(21)).find(({ id }) => id === 'fresh')?.countsFrom).toBe(now)
})

test('a key is removed by its owner alone', async () => {
  await registered('k')
  expect([await keys.remove(22, 'k'), await keys.remove(21, 'k'), await keys.of(21)]).toEqual([false, true, []])
})
