/** The store with one of its defences switched off. */
import type { StorePort } from '../../app/release/ports.ts'
import type { MemoryStore } from './memory-store.ts'

const free: StorePort['free'] = async () => {}
const locks: StorePort['locks'] = async () => []

/** Everybody always gets a lease, and none is ever too old. */
export function unleased(store: MemoryStore): StorePort {
  return instead(store, { lease: async (key, owner) => store.level(key, owner), free })
}

/** No environment is ever another's. */
export function unlocked(store: MemoryStore): StorePort {
  return instead(store, { locks, commit: (change) => store.commit({ ...change, lock: null }) })
}

/** What was answered is forgotten with the commit that answers it. */
export function unanswered(store: MemoryStore): StorePort {
  return instead(store, { commit: (change) => store.commit({ ...change, answered: [] }) })
}

function instead(store: StorePort, own: Partial<StorePort>): StorePort {
  return new Proxy(store, {
    get(target, property) {
      const other: unknown = Reflect.get(own, property)
      if (other !== undefined) return other
      const member: unknown = Reflect.get(target, property, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
