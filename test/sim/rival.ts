/** Another release of the repository, of which only its lock is of interest. */
import type { Change } from '../../app/release/ports.ts'
import { emptyData } from '../../app/release/state.ts'
import type { MemoryStore } from './memory-store.ts'
import { HEADS, REPOSITORY } from './setting.ts'
import type { Truth } from './truth.ts'

const KEY = `${REPOSITORY.id}#2`
const RELEASE = {
  key: KEY,
  repository: REPOSITORY,
  pull: 2,
  version: 'v1.9.0',
  head: HEADS[1] ?? '',
  base: 'main',
  state: 'canary',
  traceId: '',
} as const

interface Deed {
  readonly at: number
  readonly what: string
  readonly run: () => Promise<void>
}

export function rivalOf({ rival: { from, to } }: Truth, store: MemoryStore): readonly Deed[] {
  if (to === 0) return []
  return [
    { at: from, what: 'another release takes prod', run: () => commit(store, null, { kind: 'take', environment: 'prod', rollout: 1, since: from }) },
    { at: to, what: 'another release has ended', run: () => commit(store, 1, { kind: 'free', environment: 'prod', fence: 1 }) },
  ]
}

async function commit(store: MemoryStore, expected: number | null, lock: NonNullable<Change['lock']>): Promise<void> {
  const lease = await store.lease(`release/${KEY}`, 'rival', 0, 1_000_000)
  if (lease === null) throw new Error('nobody else looks at it')
  const release = { ...RELEASE, revision: 1, dueAt: null, data: { ...emptyData(0) } }
  await store.commit({ release, expected, lease, intents: [], events: [], verdicts: [], lock })
}
