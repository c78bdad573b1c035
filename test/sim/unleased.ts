/** The store with its leases switched off: everybody always gets one, and none is ever too old. */
import type { StorePort } from '../../app/release/ports.ts'
import type { MemoryStore } from './memory-store.ts'

const free: StorePort['free'] = async () => {}

export function unleased(store: MemoryStore): StorePort {
  const lease: StorePort['lease'] = async (key, owner) => store.level(key, owner)
  return new Proxy<StorePort>(store, {
    get(target, property) {
      if (property === 'lease') return lease
      if (property === 'free') return free
      const member: unknown = Reflect.get(target, property, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
