import { describe, expect, test } from 'vitest'
import { carryOut, sets, type Carried } from '../../../app/release/outbox.ts'
import type { Effect, Lease, SealOutcome } from '../../../app/release/ports.ts'
import { HEAD, KEY, recordOf } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const weight = (key: string, percent: number, environment = 'prod'): Effect => ({ kind: 'weight.set', key, environment, router: 'proxy', percent })
const enter = (key: string): Effect => ({ kind: 'log.enter', key, seal: 1, pack: 'd'.repeat(64), path: '1.zip' })
const seal = (outcome: SealOutcome, number: number): Effect => ({ kind: 'pack.seal', key: `${outcome}/${number}`, outcome })
const issue = (key: string): Effect => ({ kind: 'issue.open', key, title: key, body: '', labels: [] })
const status = (key: string, deployment: number): Effect => ({ kind: 'deployment.status', key, deployment, state: 'success', description: '' })
const comment = (key: string, id: number | null): Effect => ({ kind: 'comment.write', key, pull: 3, comment: id, marker: 'm', body: key })

const dispatch = (key: string, inputs: Record<string, string>): Effect => ({
  kind: 'workflow.dispatch',
  key,
  workflow: 'deploy.yml',
  ref: 'main',
  inputs,
})

async function wanted(world: World, ...intents: Effect[]): Promise<Lease> {
  const lease = await world.store.lease('release', 'one', world.now, 15_000)
  if (lease === null) throw new Error('the lease is free')
  const before = await world.store.release(KEY)
  const change = { release: recordOf(), expected: before?.revision ?? null, lease, intents, events: [], verdicts: [] }
  if (!(await world.store.commit(change))) throw new Error('nobody else writes')
  return lease
}

async function run(world: World, lease: Lease): Promise<Carried> {
  return await carryOut(world.ports, lease, recordOf(), 15_000)
}

async function states(world: World): Promise<string[]> {
  return (await world.store.outbox(KEY)).map((row) => `${row.key} ${row.state} ${row.attempts}`)
}

const failing = (code?: string): World =>
  worldOf({
    perform: () => {
      throw Object.assign(new Error('502 from GitHub'), { code })
    },
  })

/** A look in every second, which is a tick of a canary. */
async function seconds(world: World, count: number): Promise<void> {
  const store = world.store
  for (let second = 0; second < count; second++) {
    const lease = await store.lease('release', 'one', world.now, 15_000)
    if (lease === null) throw new Error('the lease is free')
    await run(world, lease)
    world.now += 1_000
  }
}
const HOUR = 3_600

test('each intent is carried out once, in the order wanted', async () => {
  const world = worldOf()
  const lease = await wanted(world, issue('a'), issue('b'))
  expect(await run(world, lease)).toEqual({ progress: true, pending: 0, lost: false })
  expect(await run(world, lease)).toEqual({ progress: false, pending: 0, lost: false })
  expect(world.done.map((effect) => effect.key)).toEqual(['a', 'b'])
  expect(await states(world)).toEqual(['a done 1', 'b done 1'])
  const types = (await world.store.ledger(KEY)).map((entry) => `${entry.type} ${String(entry.data['key'])}`)
  expect(types).toEqual(['effect.intended a', 'effect.intended b', 'effect.done a', 'effect.done b'])
})

test('traffic comes before everything else', async () => {
  const world = worldOf()
  await run(world, await wanted(world, issue('a'), issue('b'), weight('w', 0)))
  expect(world.done.map((effect) => effect.key)).toEqual(['w', 'a', 'b'])
})

test('the status comment is edited when nothing else is left to do, once for all that happened', async () => {
  const world = worldOf()
  const lease = await wanted(world, comment('create', null), comment('one', 5), issue('a'))
  expect(await run(world, lease)).toEqual({ progress: true, pending: 1, lost: false })
  await wanted(world, comment('two', 5), issue('b'))
  expect(await run(world, lease)).toEqual({ progress: true, pending: 1, lost: false })
  expect(world.done.map((effect) => effect.key)).toEqual(['create', 'a', 'b'])
  expect(await run(world, lease)).toEqual({ progress: true, pending: 0, lost: false })
  expect(world.done.map((effect) => effect.key)).toEqual(['create', 'a', 'b', 'two'])
})

/** What is done of a deploy run and of the weights 0 after it. */
async function withHome(...keys: readonly string[]): Promise<string[]> {
  const world = worldOf()
  await run(
    world,
    await wanted(world, dispatch('7#3/rollout/1/prod/50/run', { step: '50', environment: 'prod' }), ...keys.map((key) => weight(key, 0))),
  )
  return world.done.map((effect) => effect.key)
}

describe('an attempt without an outcome', () => {
  test('is looked for first, and is not done again when it happened', async () => {
    const world = worldOf({ found: (effect) => ({ id: 42, url: effect.key }) })
    const lease = await wanted(world, issue('a'))
    await world.store.start('a', lease)
    expect(await run(world, lease)).toMatchObject({ progress: true, pending: 0 })
    expect(world.done).toEqual([])
    expect((await world.store.outbox(KEY))[0]).toMatchObject({ state: 'done', outcome: { id: 42 } })
    expect((await world.store.ledger(KEY)).map((entry) => entry.type)).toEqual(['effect.intended', 'effect.done', 'effect.recovered'])
  })

  test('is done when it certainly did not happen', async () => {
    const world = worldOf()
    const lease = await wanted(world, issue('a'))
    await world.store.start('a', lease)
    await run(world, lease)
    expect(world.asked).toEqual(['find a'])
    expect(world.done.map((effect) => effect.key)).toEqual(['a'])
  })

  test('stays open when the world cannot tell: it is never done on a guess', async () => {
    const world = worldOf({
      found: () => {
        throw new Error('502')
      },
    })
    const lease = await wanted(world, issue('a'))
    await world.store.start('a', lease)
    expect(await run(world, lease)).toEqual({ progress: false, pending: 1, lost: false })
    expect(world.done).toEqual([])
  })

  test('is not looked for when it was never tried', async () => {
    const world = worldOf()
    await run(world, await wanted(world, issue('a')))
    expect(world.asked).toEqual([])
  })
})

describe('a newer intent for the same thing', () => {
  test('replaces an older weight: a late retry never gives traffic back', async () => {
    const world = worldOf()
    const lease = await wanted(world, weight('up', 50))
    await world.store.start('up', lease)
    await wanted(world, weight('home', 0))
    await run(world, lease)
    expect(world.done).toEqual([weight('home', 0)])
    expect(await states(world)).toEqual(['up failed 1', 'home done 1'])
    await run(world, lease)
    expect(world.done).toEqual([weight('home', 0)])
  })

  test('also when the newer one is done already', async () => {
    const world = worldOf()
    const lease = await wanted(world, weight('up', 50), weight('home', 0))
    await world.store.start('home', lease)
    await world.store.settle('home', { outcome: { id: null } }, [])
    await run(world, lease)
    expect(world.done).toEqual([])
    expect(await states(world)).toEqual(['up failed 0', 'home done 1'])
  })

  test('of another environment, deployment or comment replaces nothing', async () => {
    const world = worldOf()
    const lease = await wanted(world, weight('a', 50), weight('b', 50, 'stage'), status('c', 1), status('d', 2), comment('e', 5))
    await run(world, lease)
    await run(world, lease)
    expect(world.done.map((effect) => effect.key)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('an end replaces the seal of its decision, which nothing rests on any more, and no other seal', async () => {
    const world = worldOf()
    await run(world, await wanted(world, seal('proven', 1), seal('proven', 2), seal('promoted', 2), seal('rolled_back', 2)))
    expect(world.done.map((effect) => effect.key)).toEqual(['promoted/2', 'rolled_back/2'])
    const two = worldOf()
    await run(two, await wanted(two, seal('proven', 1), seal('proven', 2)))
    expect(two.done.map((effect) => effect.key)).toEqual(['proven/1', 'proven/2'])
  })

  test('a deploy run of a step takes the place of one that was not started yet, in its environment; no other run does', async () => {
    const world = worldOf()
    const runs = [
      dispatch('evidence', { phase: 'P0' }),
      dispatch('a', { step: '50', environment: 'prod' }),
      dispatch('b', { step: '10', environment: 'stage' }),
      dispatch('c', { step: '0', environment: 'prod' }),
      dispatch('more', { phase: 'P1' }),
      dispatch('hook', { step: '50', environment: 'prod', hook: 'pre' }),
    ]
    await run(world, await wanted(world, ...runs))
    expect(world.done.map((effect) => effect.key)).toEqual(['c', 'evidence', 'b', 'more', 'hook'])
  })

  test('a deploy run that GitHub did not take is not started once its rollout goes home; a rehearsal and another rollout change nothing', async () => {
    expect(await withHome('7#3/rollout/1/prod/withdraw')).toEqual(['7#3/rollout/1/prod/withdraw'])
    for (const other of ['7#3/rollout/1/prod/rehearsal/1/home', '7#3/rollout/2/prod/withdraw', '7#3/rollout/1/stage/withdraw'])
      expect(await withHome(other)).toEqual([other, '7#3/rollout/1/prod/50/run'])
  })

  test('never replaces the writing that creates the comment', async () => {
    const world = worldOf()
    const lease = await wanted(world, comment('create', null), comment('one', 5), comment('two', 5))
    await run(world, lease)
    await run(world, lease)
    expect(world.done.map((effect) => effect.key)).toEqual(['create', 'two'])
  })

  test('is known by what it sets', () => {
    const update: Effect = {
      kind: 'check.update',
      key: 'k',
      checkRun: 9,
      name: 'n',
      status: 'queued',
      conclusion: null,
      output: { title: '', summary: '' },
    }
    expect(sets(update)).toBe('check 9')
    expect(sets(weight('k', 1))).toBe('weight prod proxy')
    for (const effect of [issue('k'), { kind: 'tag.create', key: 'k', tag: 'v1.0.0', sha: HEAD } as const]) expect(sets(effect)).toBeNull()
  })
})

test('a workflow that takes traffic back lets no hook be asked any more', async () => {
  const world = worldOf()
  await run(
    world,
    await wanted(world, dispatch('hook', { step: '50', environment: 'prod', hook: 'pre' }), dispatch('home', { step: '0', environment: 'prod' })),
  )
  expect(world.done.map((effect) => effect.key)).toEqual(['home'])
})

test('the workflow that takes traffic back is never given up', async () => {
  const world = failing()
  await wanted(world, dispatch('home', { step: '0', environment: 'prod' }), dispatch('up', { step: '10', environment: 'stage' }))
  await seconds(world, HOUR + 60)
  expect(await states(world)).toEqual([`home started ${HOUR + 60}`, expect.stringMatching(/^up failed/)])
})

describe('a slow log', () => {
  test('comes after everything else', async () => {
    const world = worldOf()
    await run(world, await wanted(world, enter('l'), issue('a'), weight('w', 0)))
    expect(world.done.map((effect) => effect.key)).toEqual(['w', 'a', 'l'])
  })

  test('is not asked while it is being asked: no attempt, no entry in the ledger', async () => {
    const world = worldOf()
    const lease = await wanted(world, enter('l'))
    const ports = { ...world.ports, effects: { ...world.ports.effects, waits: () => true } }
    expect(await carryOut(ports, lease, recordOf(), 15_000)).toEqual({ progress: false, pending: 1, lost: false })
    expect([world.done, await states(world), (await world.store.ledger(KEY)).length]).toEqual([[], ['l intended 0'], 1])
  })

  test('is asked for as long as it takes', async () => {
    const world = failing()
    await wanted(world, enter('l'), issue('a'))
    await seconds(world, HOUR + 60)
    expect(await states(world)).toEqual([`l started ${HOUR + 60}`, expect.stringMatching(/^a failed/)])
  })
})

test.each(['limited', 'unavailable', 'unknown', 'late'])(
  'what fails by what passes (%s) is never given up, and tried ever more seldom',
  async (code) => {
    const world = failing(code)
    await wanted(world, issue('a'))
    await seconds(world, 35)
    expect(await states(world)).toEqual(['a started 6'])
    world.perform = () => ({ id: 1 })
    await seconds(world, 30)
    expect(await states(world)).toEqual(['a done 7'])
    const long = failing(code)
    await wanted(long, issue('a'))
    await seconds(long, 3 * HOUR)
    expect((await long.store.outbox(KEY))[0]).toMatchObject({ state: 'started', attempts: expect.toSatisfy((attempts: number) => attempts < 100) })
  },
)

test('a message that cannot be sent for an hour is no news any more', async () => {
  const world = failing('unreachable')
  await wanted(world, { kind: 'message.send', key: 'm', webhook: 'chat', text: '' })
  await seconds(world, HOUR + 60)
  expect(await states(world)).toEqual([expect.stringMatching(/^m failed/)])
})

describe('the lease', () => {
  test('lost to another process stops everything at once', async () => {
    const world = worldOf()
    const lease = await wanted(world, issue('a'), weight('w', 50))
    world.now += 16_000
    expect(await world.store.lease('release', 'two', world.now, 15_000)).not.toBeNull()
    expect(await run(world, lease)).toMatchObject({ progress: false, lost: true })
    expect(world.done).toEqual([])
    expect(await states(world)).toEqual(['a intended 0', 'w intended 0'])
  })

  test('lost between two effects stops before the second', async () => {
    const world = worldOf()
    const lease = await wanted(world, issue('a'), issue('b'))
    world.perform = () => {
      world.now += 16_000
      void world.store.lease('release', 'two', world.now, 15_000)
      return { id: 1 }
    }
    expect(await run(world, lease)).toMatchObject({ lost: true })
    expect(world.done.map((effect) => effect.key)).toEqual(['a'])
  })
})

describe('failure', () => {
  test('leaves it for the next attempt, and what comes after it is tried', async () => {
    const world = failing()
    const lease = await wanted(world, issue('a'), issue('b'))
    expect(await run(world, lease)).toEqual({ progress: false, pending: 2, lost: false })
    expect(await states(world)).toEqual(['a started 1', 'b started 1'])
    expect((await world.store.outbox(KEY))[0]?.error).toBe('502 from GitHub')
  })

  test.each(['forbidden', 'refused', 'malformed', undefined])(
    'that a person must mend (%s) is given up after an hour, and said in the ledger',
    async (code) => {
      const world = failing(code)
      await wanted(world, issue('a'))
      await seconds(world, HOUR - 60)
      expect(await states(world)).toEqual([expect.stringMatching(/^a started/)])
      await seconds(world, 180)
      expect(await states(world)).toEqual([expect.stringMatching(/^a failed/)])
      const last = (await world.store.ledger(KEY)).at(-1)
      expect(last).toMatchObject({ type: 'effect.failed', data: { key: 'a', final: true, error: '502 from GitHub' } })
    },
  )

  test('counts the hour anew when something else was the matter in between', async () => {
    const world = failing('forbidden')
    await wanted(world, issue('a'))
    await seconds(world, HOUR - 60)
    world.perform = failing('unavailable').perform
    await seconds(world, 120)
    world.perform = failing('forbidden').perform
    await seconds(world, 180)
    expect(await states(world)).toEqual([expect.stringMatching(/^a started/)])
  })

  test('pauses that effect alone: another is tried at once', async () => {
    const world = failing('unavailable')
    await wanted(world, issue('a'))
    await seconds(world, 8)
    expect(await states(world)).toEqual(['a started 4'])
    await wanted(world, issue('b'))
    await seconds(world, 1)
    expect(await states(world)).toEqual(['a started 4', 'b started 1'])
  })

  test('of a weight is never given up', async () => {
    const world = failing()
    const lease = await wanted(world, weight('home', 0))
    for (let attempt = 0; attempt < 40; attempt++) expect(await run(world, lease)).toMatchObject({ pending: 1 })
    expect(await states(world)).toEqual(['home started 40'])
    world.perform = () => ({ id: null })
    await run(world, lease)
    expect(await states(world)).toEqual(['home done 41'])
  })
})
