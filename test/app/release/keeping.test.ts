import { expect, test } from 'vitest'
import { keeping } from '../../../app/release/keeping.ts'
import { carryOut } from '../../../app/release/outbox.ts'
import type { Effect } from '../../../app/release/ports.ts'
import { KEY, recordOf } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const keep = (store: string): Effect => ({
  kind: 'pack.keep',
  key: `${KEY}/seal/2/1/keep/${store}`,
  store,
  path: '/p',
  sha256: 'd'.repeat(64),
  seal: 2,
})

async function waiting(world: World, ...intents: Effect[]): Promise<void> {
  const lease = await world.store.lease('release', 'one', world.now, 15_000)
  if (lease === null) throw new Error('the lease is free')
  await world.store.commit({ release: recordOf(), expected: null, lease, intents, events: [], verdicts: [] })
}
const states = async (world: World): Promise<string[]> =>
  (await world.store.outbox(KEY)).map((row) => `${row.state} ${row.attempts} ${row.error ?? ''}`.trim())

test('each pack is kept once, and its release is named so that people see it', async () => {
  const world = worldOf()
  await waiting(world, keep('archive'), keep('bucket'))
  const worker = keeping(world.ports, 'one')
  expect(await worker.round()).toEqual([KEY])
  expect(world.done).toHaveLength(2)
  expect(await worker.round()).toEqual([])
  expect(await states(world)).toEqual(['done 1', 'done 1'])
})

test('a look never carries it out, so a store that is away holds up nothing', async () => {
  const world = worldOf()
  await waiting(world, keep('bucket'))
  const lease = await world.store.lease('release', 'one', world.now, 15_000)
  if (lease === null) throw new Error('the lease is free')
  expect(await carryOut(world.ports, lease, recordOf(), 15_000)).toEqual({ progress: false, pending: 0, lost: false })
  expect(world.done).toEqual([])
})

test('a store that is away is tried again ever later, for ever, and told to people once', async () => {
  const world = worldOf({
    perform: () => {
      throw new Error('bucket could not be reached')
    },
  })
  await waiting(world, keep('bucket'))
  const worker = keeping(world.ports, 'one', 1_000)
  expect(await worker.round()).toEqual([KEY])
  expect(await worker.round()).toEqual([])
  const tried: number[] = []
  const start = world.now
  for (let minute = 0; minute < 24 * 60; minute++) {
    world.now = start + minute * 60_000
    const before = (await world.store.outbox(KEY))[0]?.attempts ?? 0
    expect(await worker.round()).toEqual([])
    if (((await world.store.outbox(KEY))[0]?.attempts ?? 0) > before) tried.push(minute)
  }
  expect(tried.length).toBeGreaterThan(24)
  expect(tried.length).toBeLessThan(40)
  expect(await states(world)).toMatchObject([expect.stringMatching(/^started \d+ bucket could not be reached$/)])
  world.perform = () => ({ id: null })
  world.now += 3_600_000
  expect(await worker.round()).toEqual([KEY])
  expect((await states(world))[0]).toMatch(/^done/)
})

test('the GitHub release is published here too, first: an upload of minutes holds up no look', async () => {
  const world = worldOf()
  const publish: Effect = {
    kind: 'release.publish',
    key: `${KEY}/publish`,
    tag: 'v2.0.0',
    sha: 'a'.repeat(40),
    name: 'v2.0.0',
    body: '',
    prerelease: false,
    assets: [],
  }
  await waiting(world, keep('bucket'), publish)
  const lease = await world.store.lease('release', 'one', world.now, 15_000)
  if (lease === null) throw new Error('the lease is free')
  expect(await carryOut(world.ports, lease, recordOf(), 15_000)).toEqual({ progress: false, pending: 0, lost: false })
  await keeping(world.ports, 'one').round()
  expect(world.done.map(({ kind }) => kind)).toEqual(['release.publish', 'pack.keep'])
})

test('an upload whose answer was lost is looked for before it is done again', async () => {
  const world = worldOf({ found: () => ({ id: 9 }) })
  await waiting(world, keep('bucket'))
  const lease = await world.store.lease('release', 'one', world.now, 15_000)
  if (lease === null) throw new Error('the lease is free')
  await world.store.start(keep('bucket').key, lease)
  await keeping(world.ports, 'one').round()
  expect([world.done, await states(world)]).toEqual([[], ['done 2']])
})

test('each thing that is sent renews the lease, and none leaves once another process has it', async () => {
  const world = worldOf()
  await waiting(world, keep('bucket'))
  const { effects } = world.ports
  const sent: string[] = []
  const perform: typeof effects.perform = async (repository, effect, leave) => {
    for (let call = 0; call < 4; call++) {
      await leave()
      sent.push(`call ${call}`)
      world.now += 10 * 60_000
      if (call === 1) {
        world.now += 10 * 60_000
        await world.store.lease(`keep/${effect.key}`, 'other', world.now, 3_600_000)
      }
    }
    return await effects.perform(repository, effect, leave)
  }
  await keeping({ ...world.ports, effects: { ...effects, perform } }, 'one').round()
  expect(sent).toEqual(['call 0', 'call 1'])
})

test('one that fails does not keep another waiting', async () => {
  const world = worldOf({
    perform: (effect) => {
      if (effect.key.endsWith('bucket')) throw new Error('away')
      return { id: null }
    },
  })
  await waiting(world, keep('bucket'), keep('archive'))
  await keeping(world.ports, 'one').round()
  expect(await states(world)).toEqual(['started 1 away', 'done 1'])
})

test('two processes do not keep the same pack at the same time, and a new one tries at once', async () => {
  const world = worldOf()
  await waiting(world, keep('bucket'))
  const held = await world.store.lease(`keep/${KEY}/seal/2/1/keep/bucket`, 'other', world.now, 60_000)
  expect(await keeping(world.ports, 'one').round()).toEqual([])
  expect(world.done).toEqual([])
  if (held !== null) await world.store.free(held)
  expect(await keeping(world.ports, 'two').round()).toEqual([KEY])
})

test('asked to stop it begins nothing more', async () => {
  const world = worldOf()
  await waiting(world, keep('bucket'))
  expect(await keeping(world.ports, 'one').round(AbortSignal.abort())).toEqual([])
  expect(world.done).toEqual([])
})
