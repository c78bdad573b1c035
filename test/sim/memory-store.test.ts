import { expect, test } from 'vitest'
import { storeContract } from '../app/store/contract.ts'
import { MemoryStore } from './memory-store.ts'

storeContract('in memory', async (clock) => ({ store: new MemoryStore(clock), close: async () => {} }))

test('the switch really switches the leases off: two owners hold at once', async () => {
  const store = new MemoryStore({ now: () => 0 })
  expect(await store.lease('7#3', 'one', 0, 10)).not.toBeNull()
  expect(await store.lease('7#3', 'two', 0, 10)).toBeNull()
  expect(store.level('7#3', 'two').fence).toBe(store.level('7#3', 'one').fence)
})
