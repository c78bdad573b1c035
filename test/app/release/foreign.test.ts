import { expect, test } from 'vitest'
import { refuseForeign } from '../../../app/release/foreign.ts'
import type { Effect, Outcome } from '../../../app/release/ports.ts'
import { KEY, recordOf, REPOSITORY } from '../../support/release.ts'
import { runOf, worldOf, type World } from '../../support/release-ports.ts'

const DISPATCH: Effect = { kind: 'workflow.dispatch', key: `${KEY}/rollout/1/prod/10/run`, workflow: 'deploy.yml', ref: 'main', inputs: {} }

/** @param outcome of the run that our release started; null: nobody knows its number yet */
async function asked(run: number, outcome: Outcome | null, over: Parameters<typeof worldOf>[0] = {}, title = ''): Promise<World> {
  const world = worldOf(over)
  const lease = await world.store.lease('r', 'one', 0, 1_000_000)
  if (lease === null) throw new Error('nobody else has it')
  await world.store.commit({ release: recordOf({ state: 'canary' }), expected: null, lease, intents: [DISPATCH], events: [], verdicts: [] })
  if (outcome !== null) {
    await world.store.start(DISPATCH.key, lease)
    await world.store.settle(DISPATCH.key, { outcome }, [])
  }
  world.runs.push(runOf(run, { title, status: 'waiting', conclusion: null }))
  await refuseForeign(world.ports, REPOSITORY, [{ run, environment: 'prod' }])
  return world
}

const heard = { perform: () => ({ id: null, data: { heard: 1 } }) }

test('a run that no release started is rejected, with why and what to do, and the open release’s ledger says so', async () => {
  const world = await asked(77, { id: 9 }, heard)
  expect(world.done).toMatchObject([
    {
      kind: 'deployment.review',
      run: 77,
      environment: 'prod',
      state: 'rejected',
      comment: expect.stringMatching(/did not start this run.*Next: promote/),
    },
  ])
  expect((await world.store.ledger(KEY)).at(-1)).toMatchObject({ type: 'deployment.refused', data: { run: 77, environment: 'prod' } })
})

test('one that a release started is left to it, by name', async () => {
  const world = await asked(9, { id: 9 })
  expect(world.done).toEqual([])
  expect(await refuseForeign(world.ports, REPOSITORY, [{ run: 9, environment: 'prod' }])).toEqual(new Set([KEY]))
})

test('one that GitHub did not wait for is answered, and nothing is noted', async () => {
  const world = await asked(77, { id: 9 }, { perform: () => ({ id: null, data: { heard: 0 } }) })
  expect((await world.store.ledger(KEY)).map(({ type }) => type)).not.toContain('deployment.refused')
})

test('while a run of ours has no number yet, its title tells: ours is asked about again, another is rejected', async () => {
  await expect(asked(77, null, heard, `deploy ${DISPATCH.key}`)).rejects.toThrow('not known yet')
  await expect(asked(77, { id: null }, heard, `deploy ${DISPATCH.key}`)).rejects.toThrow('not known yet')
  expect((await asked(77, null, heard, 'deploy by hand')).done).toHaveLength(1)
})

test('nothing is read when nobody waits', async () => {
  const world = worldOf()
  world.store.releasesOf = async () => {
    throw new Error('nobody asks')
  }
  await expect(refuseForeign(world.ports, REPOSITORY, [])).resolves.toEqual(new Set())
})
