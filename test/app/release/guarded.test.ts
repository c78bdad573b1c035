import { describe, expect, test } from 'vitest'
import { gatherFull } from '../../../app/release/gather.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { commentOf, MERGED, pullOf, recordOf, rolloutOf } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

/** Our rule is on every environment that is asked about. */
function world(merged = true): World {
  const made = worldOf({ pull: pullOf(merged ? MERGED : {}) })
  made.guarded = new Set(['stage', 'prod'])
  return made
}

async function guardedIn(of: World, record: ReturnType<typeof recordOf>): Promise<readonly string[]> {
  const { full } = await gatherFull(of.context, record)
  return [...(full?.guarded ?? [])].toSorted()
}

function asked(of: World): readonly string[] {
  return of.asked.filter((name) => name.startsWith('guarded ')).toSorted()
}

describe('which environments our rule protects is asked (T51)', () => {
  test('once something can be promoted and somebody speaks, of those that are still to come', async () => {
    const merged = world()
    expect(await guardedIn(merged, recordOf({ state: 'merged' }))).toEqual([])
    expect(asked(merged)).toEqual([])
    merged.comments.push(commentOf('/help'))
    expect(await guardedIn(merged, recordOf({ state: 'merged' }))).toEqual(['prod'])
    expect(asked(merged)).toEqual(['guarded prod'])
    const before = world(false)
    before.comments.push(commentOf('/help'))
    expect(await guardedIn(before, recordOf())).toEqual([])
    expect(asked(before)).toEqual([])
  })

  test.each<[Rollout['stage'], readonly string[]]>([
    ['deploying', ['stage']],
    ['shifting', ['stage']],
    ['baking', ['stage']],
    ['waiting', ['stage']],
    ['withdrawing', []],
    ['withdrawn', []],
    ['left', []],
  ])('of the environment of a rollout that is %s, as long as a further step may come', async (stage, names) => {
    const running = world()
    const record = recordOf({ state: 'canary' }, { rollout: rolloutOf({ environment: 'stage', stage }), rollouts: 1 })
    expect(await guardedIn(running, record)).toEqual(names)
    expect(asked(running)).toEqual(names.map((name) => `guarded ${name}`))
  })
})
