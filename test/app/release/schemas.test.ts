import { describe, expect, test } from 'vitest'
import { gatherFull } from '../../../app/release/gather.ts'
import type { ReleaseRecord } from '../../../app/release/ports.ts'
import { liveSchemas, schemaOf as begun } from '../../../app/release/schemas.ts'
import { CONFIG_PATH } from '../../../evidence/model/config.ts'
import {
  CONFIG_COMMIT,
  configText,
  DIGESTS,
  fullOf,
  HEAD,
  MERGED,
  NOW,
  OTHER_HEAD,
  pullOf,
  recordOf,
  rolloutOf,
  schemaOf,
} from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const CONFIG = configText({}, ', schema: { file: db/schema.json }')
const runs = (min: number, max: number): string => JSON.stringify({ runs: { min, max } })

class Refused extends Error {
  readonly code: string
  constructor(code: string) {
    super(`GitHub says ${code}`)
    this.code = code
  }
}

/** @param files text by commit; an error is thrown */
async function worldWith(files: Readonly<Record<string, string | Error>>): Promise<World> {
  const world = worldOf({ pull: pullOf(MERGED), config: CONFIG })
  world.ports.read.file = async (_repository, path, ref) => {
    if (path === CONFIG_PATH) return { text: CONFIG, commit: CONFIG_COMMIT }
    world.asked.push(`${path} ${ref}`)
    const file = files[ref]
    if (file instanceof Error) throw file
    return file === undefined ? null : { text: file, commit: ref }
  }
  const stable = recordOf(
    { key: '7#2', pull: 2, state: 'ga', version: 'v1.9.0', head: OTHER_HEAD },
    { rollout: rolloutOf({ stage: 'done', digests: DIGESTS, schema: schemaOf({ live: 41, toldAt: 7 }) }), rollouts: 1 },
  )
  const lease = await world.store.lease('other', 'test', world.now, 1_000)
  if (lease === null) throw new Error('the lease is free')
  await world.store.commit({ release: stable, expected: null, lease, intents: [], events: [], verdicts: [] })
  return world
}

const gathered = async (files: Readonly<Record<string, string | Error>>, record = recordOf({ state: 'merged' })) =>
  (await gatherFull((await worldWith(files)).context, record)).full ?? fullOf()

test('the file is read at the release commit and at the one that serves', async () => {
  const full = await gathered({ [HEAD]: runs(41, 42), [OTHER_HEAD]: runs(40, 41) })
  expect(full.schemas).toEqual({ prod: { runs: { min: 41, max: 42 }, before: { min: 40, max: 41 }, version: 'v1.9.0' } })
  expect(full.live).toEqual({ prod: { live: 41, at: 7 } })
  expect(begun(full, 'prod')).toMatchObject({ live: 41, toldAt: 7, version: 'v1.9.0' })
})

test.each<[string, string | Error | undefined, RegExp]>([
  ['is absent', undefined, /^there is no db\/schema.json at 111111111111$/],
  ['is no JSON', 'runs: 41', /cannot be read/],
  ['says something else', '{"runs": {"min": 42, "max": 41}}', /does not say it as \{"runs"/],
  ['has a key twice', '{"runs": {"min": 1, "max": 2}, "runs": {"min": 1, "max": 9}}', /cannot be read/],
  ['is too large', new Refused('too-large'), /cannot be read: GitHub says too-large/],
  ['is a folder', new Refused('refused'), /cannot be read/],
])('one that %s is said so', async (_what, file, words) => {
  const full = await gathered({ ...(file !== undefined && { [HEAD]: file }), [OTHER_HEAD]: runs(40, 41) })
  expect(full.schemas['prod']).toMatchObject({ runs: expect.stringMatching(words), before: { min: 40, max: 41 } })
  expect(begun(full, 'prod')).toMatch(words)
})

test('GitHub out of reach is no answer: the look is tried again', async () => {
  await expect(gathered({ [HEAD]: new Refused('unavailable') })).rejects.toThrow('unavailable')
})

test('nothing is asked for before the merge, nor of a rollout that runs: its ranges are frozen', async () => {
  const world = await worldWith({})
  await gatherFull(world.context, recordOf({ state: 'canary' }, { rollout: rolloutOf({ schema: schemaOf() }), rollouts: 1 }))
  world.pull = pullOf()
  await gatherFull(world.context, recordOf())
  expect(world.asked.filter((what) => what.startsWith('db/'))).toEqual([])
})

const told = (key: string, over: Parameters<typeof schemaOf>[0]): ReleaseRecord =>
  recordOf({ key }, { rollout: rolloutOf({ schema: schemaOf(over) }), rollouts: 1 })

describe('what is live', () => {
  test('is the newest word of any release, also of one that went back', () => {
    const records = [
      told('7#1', { live: 41, toldAt: 5 }),
      told('7#2', { live: 42, becomes: 43, toldAt: NOW }),
      told('7#4', { live: null, toldAt: NOW + 1 }),
    ]
    expect(liveSchemas(records)).toEqual({ prod: { live: 42, becomes: 43, at: NOW } })
    expect(liveSchemas([recordOf()])).toEqual({})
  })
})
