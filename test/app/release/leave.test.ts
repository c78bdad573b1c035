import { expect, test } from 'vitest'
import { leaving, renewed } from '../../../app/release/leave.ts'
import type { Lease } from '../../../app/release/ports.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const LIFE_MS = 12_000

async function taken({ store, now }: World, owner: string): Promise<Lease> {
  const lease = await store.lease('release', owner, now, LIFE_MS)
  if (lease === null) throw new Error('the lease is free')
  return lease
}

test('within a third of its life everything leaves; then the lease is renewed first', async () => {
  const world = worldOf()
  const leave = leaving(world.ports, await taken(world, 'one'), LIFE_MS)
  for (let second = 0; second < 60; second++) {
    await leave()
    expect(await world.store.lease('release', 'two', world.now, LIFE_MS)).toBeNull()
    world.now += 1_000
  }
})

test('a third before its end at the latest, whatever was asked before', async () => {
  const world = worldOf()
  const leave = leaving(world.ports, await taken(world, 'one'), LIFE_MS)
  world.now += 3_999
  await leave()
  world.now += 4_000
  await leave()
  world.now += 8_000
  expect(await world.store.lease('release', 'two', world.now, LIFE_MS)).toBeNull()
})

test('nothing leaves of a process that slept until another took over', async () => {
  const world = worldOf()
  const leave = leaving(world.ports, await taken(world, 'one'), LIFE_MS)
  world.now += LIFE_MS
  await taken(world, 'two')
  await expect(leave()).rejects.toMatchObject({ code: 'late' })
  world.now += LIFE_MS
  await expect(leave()).rejects.toMatchObject({ code: 'late' })
})

test('a lease that ended is not taken anew in passing: the next holder need not wait for it', async () => {
  const world = worldOf()
  const lease = await taken(world, 'one')
  expect(await renewed(world.store, lease, world.now, LIFE_MS)).toBe(true)
  world.now += LIFE_MS
  expect(await renewed(world.store, lease, world.now, LIFE_MS)).toBe(false)
  expect(await taken(world, 'two')).toMatchObject({ owner: 'two' })
})
