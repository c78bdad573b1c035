import { expect, test } from 'vitest'
import { openMembers } from '../../../app/web/members.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { ADDRESSES } from '../../support/shown.ts'

const clock = { now: () => 0 }
const parts: Parameters<typeof openMembers>[1] = {
  sql: {
    engine: 'pglite',
    rows: async () => [],
    script: async () => {},
    transaction: async () => await Promise.reject(new Error('none')),
    close: async () => {},
  },
  store: new MemoryStore(clock),
  clock,
  log: { info() {}, warn() {}, error() {} },
  addresses: ADDRESSES.page,
  onOrder: async () => {},
}
const operator: Parameters<typeof openMembers>[0] = {
  login: { clientId: 'Iv23li', clientSecret: 'c'.repeat(40), keyCooldown: { ms: 1, words: '1ms' } },
  publicUrl: 'https://conductor.example',
  github: { apiUrl: 'https://api.github.com', appId: 1, privateKey: '' },
  signing: { id: 'app', key: 'a key' },
}

test('without a client, or without an address to come back to, there is nothing for members', () => {
  expect(openMembers({ ...operator, login: null }, parts)).toBeNull()
  expect(openMembers({ ...operator, publicUrl: null }, parts)).toBeNull()
  expect(Object.keys(openMembers(operator, parts) ?? {}).toSorted()).toEqual(['account', 'act', 'login'])
})
