import { expect, test } from 'vitest'
import { next } from '../../../app/release/next.ts'
import { carryOut } from '../../../app/release/outbox.ts'
import type { Effect, Ports } from '../../../app/release/ports.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { factsOf, fullOf, KEY, NOW, orderOf, recordOf, SETTINGS } from '../../support/release.ts'

const clock = { now: () => NOW }

test('a command is seen at once: the eyes come before anything else it leads to, and before what is wanted beside it', async () => {
  const store = new MemoryStore(clock)
  const lease = await store.lease(`release/${KEY}`, 'test', NOW, 1_000)
  if (lease === null) throw new Error('no lease')
  const step = next(recordOf(), factsOf(fullOf({ orders: [orderOf('/status')] })))
  await store.commit({ release: step.record, expected: null, lease, intents: step.intents, events: [], verdicts: [] })
  const done: Effect[] = []
  const effects: Ports['effects'] = {
    perform: async (_repository, effect) => {
      done.push(effect)
      return { id: done.length }
    },
    find: async () => null,
  }
  const ports = { store, effects, clock, log: { info() {}, warn() {}, error() {} } } as unknown as Ports
  await carryOut(ports, lease, step.record, SETTINGS.leaseMs)
  expect(done.length).toBeGreaterThan(2)
  expect(done[0]).toMatchObject({ kind: 'reaction.add', content: 'eyes' })
  expect(done[0]?.key).toMatch(/\/comment\/\d+\/seen$/)
  expect(done.filter(({ kind }) => kind === 'reaction.add')).toHaveLength(2)
})
