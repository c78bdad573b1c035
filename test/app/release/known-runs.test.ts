import { expect, test } from 'vitest'
import { knownRuns } from '../../../app/release/known-runs.ts'
import type { Part } from '../../../app/release/ports.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import { commentOf, KEY, REPOSITORY } from '../../support/release.ts'
import { runOf, worldOf, type World } from '../../support/release-ports.ts'

/** A release whose proof is on its way, seen by one process. */
async function proving(): Promise<World> {
  const world = worldOf()
  await look(world)
  const dispatched = (await world.store.outbox(KEY)).find(({ effect }) => effect.kind === 'workflow.dispatch')
  world.runs = [runOf(dispatched?.outcome?.id ?? 0, { status: 'in_progress', conclusion: null })]
  await look(world)
  return world
}

async function look(world: World, changed?: readonly Part[]): Promise<readonly string[]> {
  world.asked.length = 0
  await reconcile(world.context, { repository: REPOSITORY, pull: 3, mode: 'full', ...(changed && { changed }) })
  return world.asked.filter((what) => ['run', 'comments', 'artifacts'].includes(what))
}

test.each<[string, readonly Part[] | undefined, readonly string[]]>([
  ['anything', undefined, ['run', 'comments']],
  ['a run', ['runs'], ['run']],
  ['a comment', ['comments'], ['comments']],
  ['a comment and a run', ['comments', 'runs'], ['run', 'comments']],
  ['the pull request', ['pull'], []],
])('a look that %s brought asks about that alone', async (_what, changed, asked) => {
  expect(await look(await proving(), changed)).toEqual(asked)
})

test('a run that ended is seen once a look is about runs, with its evidence, and then asked about no more', async () => {
  const world = await proving()
  const [run] = world.runs
  world.runs = [runOf(run?.id ?? 0)]
  expect(await look(world, ['pull'])).toEqual([])
  expect((await look(world, ['runs'])).slice(0, 2)).toEqual(['run', 'artifacts'])
  expect(await look(world, ['comments'])).toEqual(['comments'])
})

test('once another process has changed the release, runs are asked about again', async () => {
  const world = await proving()
  const record = await world.store.release(KEY)
  const lease = await world.store.lease(`release/${KEY}`, 'another', world.now, 1_000)
  if (record === null || lease === null) throw new Error('the release is there and free')
  const release = { ...record, revision: record.revision + 1 }
  await world.store.commit({ release, expected: record.revision, lease, intents: [], events: [], verdicts: [] })
  await world.store.free(lease)
  expect(await look(world, ['pull'])).toEqual(['run'])
  expect(await look(world, ['pull'])).toEqual([])
})

test('a command in a look that follows no comment waits for one that does; its own look answers it once', async () => {
  const world = await proving()
  world.comments = [commentOf('/status', 'second', 22)]
  const reactions = () => world.done.filter(({ kind }) => kind === 'reaction.add').length
  await look(world, ['pull', 'runs'])
  expect(reactions()).toBe(0)
  expect(await look(world, ['comments'])).toEqual(['comments'])
  const answered = reactions()
  expect(answered).toBeGreaterThan(0)
  await look(world)
  expect(reactions()).toBe(answered)
})

test('what is known of the longest unseen release goes first', () => {
  const known = knownRuns()
  for (let number = 0; number <= 500; number += 1) known.keep({ key: `7#${number}`, revision: 1 }, new Map())
  expect([known.of({ key: '7#0', revision: 1 }), known.of({ key: '7#500', revision: 1 })?.size]).toEqual([undefined, 0])
  known.moved({ key: '7#500', revision: 1 })
  expect([known.of({ key: '7#500', revision: 1 }), known.of({ key: '7#500', revision: 2 })?.size]).toEqual([undefined, 0])
  known.moved({ key: '7#500', revision: 7 })
  expect(known.of({ key: '7#500', revision: 2 })).toBeUndefined()
})
