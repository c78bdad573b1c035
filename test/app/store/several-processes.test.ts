/** Sessions, keys and commands of the page on PostgreSQL, as two processes that share it see them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openKeys, type Keys } from '../../../app/store/keys.ts'
import { openPostgres } from '../../../app/store/postgres.ts'
import { openSessions } from '../../../app/store/sessions.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { openStore } from '../../../app/store/store.ts'
import type { PageOrder, StorePort } from '../../../app/release/ports.ts'
import { postgresBinaries, startCluster, type Cluster } from '../../support/postgres.ts'
import { HEAD, KEY, NOW, recordOf } from '../../support/release.ts'

const binaries = postgresBinaries()
const clock = { now: () => NOW }
let cluster: Cluster
let processes: readonly { readonly sql: Sql; readonly store: StorePort; readonly keys: Keys }[]

async function open(url: string): Promise<(typeof processes)[number]> {
  const sql = await openPostgres(url)
  return { sql, store: await openStore(sql, clock), keys: openKeys(sql, clock) }
}

function order(id: string): PageOrder {
  return { id, text: '/approve', author: { login: 'é', id: 21 }, head: HEAD, at: NOW, key: null }
}

describe.skipIf(binaries === null)('PostgreSQL', () => {
  beforeAll(async () => {
    cluster = await startCluster(binaries ?? '')
    const url = await cluster.database()
    processes = [await open(url), await open(url)]
  })
  afterAll(async () => {
    for (const { sql } of processes) await sql.close()
    await cluster.stop()
  })

  test('a session that one process began the other knows, and ends', async () => {
    const [one, other] = processes.map(({ sql }) => openSessions(sql, clock))
    await one?.begin('a'.repeat(64), { id: 21, login: 'é' })
    expect(await other?.find('a'.repeat(64))).toEqual({ id: 21, login: 'é' })
    await other?.end('a'.repeat(64))
    expect(await one?.find('a'.repeat(64))).toBeNull()
  })

  test('one signature is one command, whichever processes it is sent to at once', async () => {
    const [one, other] = processes as readonly [(typeof processes)[number], (typeof processes)[number]]
    await one.keys.ask(21, { id: 'r', about: { kind: 'register', name: 'k' }, nonce: '0' })
    const key = { id: 'k', name: 'k', publicKey: Uint8Array.of(1, 255), counter: 0, registeredAt: NOW, countsFrom: NOW, usedAt: null }
    expect(await other.keys.register('r', 21, key)).toBe(true)
    expect(await one.keys.of(21)).toEqual([key])
    for (let round = 0; round < 5; round += 1) {
      await one.keys.ask(21, { id: `c${round}`, about: { kind: 'command', release: KEY, text: '/approve', head: HEAD }, nonce: '0' })
      // Many keys never count.
      const used = { id: 'k', from: 0, to: 0 }
      const sent = Array.from({ length: 6 }, (_, at) =>
        (at % 2 === 0 ? one : other).keys.order(`c${round}`, 21, used, { release: KEY, order: order(`${round}/${at}`) }),
      )
      expect((await Promise.all(sent)).filter(Boolean)).toHaveLength(1)
    }
    expect(await other.store.pageOrders(KEY)).toHaveLength(5)
  })

  test('a command that one process kept the other answers, in the change that says so', async () => {
    const [one, other] = processes as readonly [(typeof processes)[number], (typeof processes)[number]]
    expect(await one.store.order('7#9', order('o'))).toBe(true)
    const lease = await other.store.lease('7#9', 'other', NOW, 30_000)
    if (lease === null) throw new Error('nobody else holds it')
    const release = { ...recordOf(), key: '7#9' }
    expect(
      await other.store.commit({ release, expected: null, lease, intents: [], events: [{ type: 'x', data: {} }], verdicts: [], answered: ['o'] }),
    ).toBe(true)
    expect([await one.store.pageOrders('7#9'), (await one.store.ledger('7#9', { from: 0, count: 5 })).length]).toEqual([[], 1])
  })
})
