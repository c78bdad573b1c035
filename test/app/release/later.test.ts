import { describe, expect, test } from 'vitest'
import { openHotfixes } from '../../../app/release/debt.ts'
import { gatherFull } from '../../../app/release/gather.ts'
import type { ReleaseRecord, ReleaseState } from '../../../app/release/ports.ts'
import type { Granted } from '../../../app/release/voice.ts'
import { HEAD, MERGED, NOW, pullOf, recordOf, rolloutOf, verdictOf, voiceOf } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const GRANTED: Granted = {
  gate: 'hotfix',
  lane: { must_hold: ['hardening'], covers: ['perf', 'slo'] },
  reason: 'the checkout is down',
  head: HEAD,
  grantedBy: [voiceOf(), voiceOf({ id: 22, login: 'second' })],
  grantedAt: NOW,
  expiresAt: NOW + 86_400_000,
}
const LABELLED = { labels: ['hotfix'], head: { ref: 'release/v2.0.1', sha: HEAD, repositoryId: 7 } }
const SERVED = { rollout: rolloutOf({ stage: 'done', step: 100, startedAt: NOW, shiftedAt: NOW }), rollouts: 1, completed: ['prod'] }

async function worldWith(others: readonly ReleaseRecord[], slo: 'pass' | 'waived' = 'pass'): Promise<World> {
  const world = worldOf({ pull: pullOf({ ...LABELLED, ...MERGED }) })
  for (const release of others) {
    const lease = await world.store.lease(release.key, 'test', world.now, 1_000)
    if (lease === null) throw new Error('the lease is free')
    const verdicts = [verdictOf('perf'), verdictOf('slo', slo, 'gate.waived')].map((verdict) => ({ gate: verdict.gate, verdict, context: null }))
    await world.store.commit({ release, expected: null, lease, intents: [], events: [], verdicts })
    await world.store.free(lease)
  }
  return world
}
const later = (pull: number, state: ReleaseState = 'ga'): ReleaseRecord => recordOf({ key: `7#${pull}`, pull, state, version: `v2.0.${pull}` })

describe('a later release', () => {
  const shipped = recordOf({ state: 'ga', version: 'v2.0.1' }, { waivers: [GRANTED], ...SERVED })

  test('is asked about while something is owed: the newest that could pay and contains the commit', async () => {
    const world = await worldWith([later(8), later(9), later(10, 'proving'), later(2)])
    world.contained = true
    expect((await gatherFull(world.context, shipped)).full?.later).toEqual({ version: 'v2.0.9', holds: ['perf', 'slo'] })
    world.contained = false
    expect((await gatherFull(world.context, shipped)).full?.later).toBeUndefined()
    expect(openHotfixes([{ ...GRANTED, settled: { at: NOW, why: 'x', proven: true } }])).toEqual([])
  })

  test('in which a gate is waived pays for nothing, and GitHub is not asked; nor is one more than three', async () => {
    const world = await worldWith([later(8)], 'waived')
    expect((await gatherFull(world.context, shipped)).full?.later).toBeUndefined()
    expect(world.asked.filter((what) => what.startsWith('contains'))).toEqual([])
    const many = await worldWith([later(8), later(9), later(10), later(11)])
    many.contained = false
    await gatherFull(many.context, shipped)
    expect(many.asked.filter((what) => what.startsWith('contains'))).toHaveLength(3)
  })
})
