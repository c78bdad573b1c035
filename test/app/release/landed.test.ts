import { describe, expect, test } from 'vitest'
import { landedOf } from '../../../app/release/landed.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import { dataOf } from '../../../app/release/state.ts'
import { HEAD, KEY, MERGED, pullOf, recordOf, REPOSITORY, rolloutOf } from '../../support/release.ts'
import { worldOf } from '../../support/release-ports.ts'

const MADE = '9'.repeat(40)

async function asked(of: {
  pull?: Parameters<typeof pullOf>[0]
  landed?: boolean
  trees?: readonly [string, string]
  data?: Parameters<typeof recordOf>[1]
}): Promise<{ landed: Awaited<ReturnType<typeof landedOf>>; calls: readonly string[] }> {
  const pull = pullOf(of.pull ?? MERGED)
  const world = worldOf({ pull })
  world.landed = of.landed ?? true
  const [head, made] = of.trees ?? ['a', 'b']
  world.trees.set(HEAD, { commit: HEAD, tree: head }).set(MADE, { commit: MADE, tree: made })
  const landed = await landedOf(world.ports.read, recordOf({}, of.data), pull)
  return { landed, calls: world.asked }
}

describe('what a merge brought', () => {
  test.each<[string, Parameters<typeof asked>[0], 'itself' | 'equal-tree' | 'other' | null, number]>([
    ['a merge commit: the proven commit itself, for one question', {}, 'itself', 1],
    ['a fast-forward: it is the proven commit, and nobody is asked', { pull: { ...MERGED, mergeCommit: HEAD } }, 'itself', 0],
    ['a squash of another tree', { landed: false }, 'other', 3],
    ['a squash of the same tree', { landed: false, trees: ['a', 'a'] }, 'equal-tree', 3],
    ['no merge', { pull: {} }, null, 0],
    ['a merge whose commit GitHub does not tell', { pull: { ...MERGED, mergeCommit: null } }, null, 0],
    ['a rollout that began before this was asked', { data: { rollout: rolloutOf() } }, null, 0],
    ['what is known already', { landed: false, data: { landed: { commit: MADE, as: 'itself' } } }, 'itself', 0],
  ])('%s', async (_what, of, as, calls) => {
    const told = await asked(of)
    expect([told.landed?.as ?? null, told.calls.length]).toEqual([as, calls])
  })

  test('is asked once, kept, and an incident in the ledger when it is another commit', async () => {
    const world = worldOf({ pull: pullOf(MERGED) })
    world.landed = false
    const lease = await world.store.lease(`release/${KEY}`, 'test', world.now, 1_000)
    if (lease === null) throw new Error('the lease is free')
    await world.store.commit({ release: recordOf({ state: 'proving' }), expected: null, lease, intents: [], events: [], verdicts: [] })
    await world.store.free(lease)
    for (let look = 0; look < 3; look++) await reconcile(world.context, { repository: REPOSITORY, pull: 3, mode: 'full' })
    expect(world.asked.filter((what) => what.startsWith('contains'))).toHaveLength(1)
    const record = await world.store.release(KEY)
    expect(record === null ? null : dataOf(record).landed).toEqual({ commit: MADE, as: 'other' })
    const incidents = (await world.store.ledger(KEY)).filter(({ type }) => type === 'incident').map(({ data }) => data)
    expect(incidents).toContainEqual({ code: 'command.other-commit', head: HEAD })
  })
})
