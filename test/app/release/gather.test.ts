import type { Limits } from '../../../app/limits.ts'
import { describe, expect, test } from 'vitest'
import { gatherFull, gatherTick } from '../../../app/release/gather.ts'
import type { Counted, ReleaseRecord } from '../../../app/release/ports.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { CONFIG_COMMIT, configText, DIGESTS, HEAD, KEY, MERGED, OTHER_HEAD, pullOf, recordOf, rolloutOf, verdictOf } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

async function keep(world: World, record: ReleaseRecord): Promise<void> {
  const lease = await world.store.lease(record.key, 'test', world.now, 1_000)
  if (lease === null) throw new Error('the lease is free')
  await world.store.commit({ release: record, expected: null, lease, intents: [], events: [], verdicts: [] })
}

const other = (pull: number, state: ReleaseRecord['state'], since: number, shop: string): ReleaseRecord =>
  recordOf({ key: `7#${pull}`, pull, state }, { rollout: rolloutOf({ number: 1, since, stage: 'done', digests: { shop } }), rollouts: 1 })

describe('the config', () => {
  test.each<[string, Parameters<typeof pullOf>[0], readonly string[]]>([
    ['before the merge from the base branch, never from the head', {}, ['main']],
    ['after the merge from the commit it was last read at, the calendar from the base branch', MERGED, [CONFIG_COMMIT, 'main']],
  ])('is read %s', async (_when, pull, ref) => {
    const world = worldOf({ pull: pullOf(pull) })
    const refs: string[] = []
    const read = { ...world.ports.read }
    world.ports.read.file = (repository, path, at, maxBytes) => {
      refs.push(at)
      return read.file(repository, path, at, maxBytes)
    }
    await gatherFull(world.context, recordOf({}, { policy: { commit: CONFIG_COMMIT, digest: sha256(configText()) } }))
    expect(refs).toEqual(ref)
  })

  test('that is the same on a base that went on is named by the commit it was first read at: that is no news', async () => {
    const world = worldOf()
    world.ports.read.file = async () => ({ text: configText(), commit: OTHER_HEAD })
    const first = { commit: CONFIG_COMMIT, digest: sha256(configText()) }
    expect((await gatherFull(world.context, recordOf({}, { policy: first }))).full?.config).toMatchObject({ ok: true, commit: CONFIG_COMMIT })
    const changed = { ...first, digest: '0'.repeat(64) }
    expect((await gatherFull(world.context, recordOf({}, { policy: changed }))).full?.config).toMatchObject({ ok: true, commit: OTHER_HEAD })
  })

  test.each<[string, string, readonly string[]]>([
    ['a freeze that is declared after the merge counts', 'release: { base: [main], window: { allow: ["Mon 08:00-16:00"] } }', ['Mon 08:00-16:00']],
    ['a calendar that cannot be read leaves the one of the merge', 'release: 1', []],
  ])('%s', async (_what, release, expected) => {
    const world = worldOf({ pull: pullOf(MERGED) })
    const changed = configText().replace('release: { base: [main, "support/*"] }', release)
    world.ports.read.file = async (_repository, _path, at) => ({ text: at === 'main' ? changed : configText(), commit: CONFIG_COMMIT })
    const record = recordOf({ state: 'merged' }, { policy: { commit: CONFIG_COMMIT, digest: sha256(configText()) } })
    const full = (await gatherFull(world.context, record)).full
    expect(full?.window?.allow).toEqual(expected)
    expect(full?.config).toMatchObject({ digest: sha256(configText()) })
  })
})

test('the inputs are those of now until the merge, and those of the merge afterwards', async () => {
  const inputs = { pullRequest: '3'.repeat(64), policy: '4'.repeat(64) }
  const now = (await gatherFull(worldOf().context, recordOf({}, { inputs }))).full?.inputs
  expect(now).toMatchObject({ policy: sha256(configText()) })
  expect(now?.['pullRequest']).not.toBe(inputs.pullRequest)
  const merged = await gatherFull(worldOf({ pull: pullOf({ ...MERGED, title: 'Changed later' }) }).context, recordOf({ state: 'merged' }, { inputs }))
  expect(merged.full?.inputs).toEqual(inputs)
})

test('verdicts are of the head that is there now; after the merge of the one that was merged', async () => {
  const pull = { head: { ref: 'release/v2.0.0', sha: OTHER_HEAD, repositoryId: 7 } }
  const moved = await gatherFull(worldOf({ pull: pullOf(pull) }).context, recordOf())
  expect(new Set(moved.full?.verdicts.map((verdict) => verdict.sha))).toEqual(new Set([OTHER_HEAD]))
  const merged = await gatherFull(worldOf({ pull: pullOf({ ...pull, ...MERGED }) }).context, recordOf({ state: 'merged' }))
  expect(new Set(merged.full?.verdicts.map((verdict) => verdict.sha))).toEqual(new Set([recordOf().head]))
})

test('what serves now is what the newest release that reached everyone ran; one that came back does not count', async () => {
  const world = worldOf()
  for (const record of [
    other(1, 'ga', 50, 'old'),
    other(2, 'closed', 90, 'newest'),
    other(4, 'ga', 70, 'middle'),
    other(5, 'rolled_back', 99, 'bad'),
    other(6, 'canary', 100, 'running'),
  ])
    await keep(world, record)
  expect((await gatherFull(world.context, recordOf())).full?.deployed).toEqual({
    prod: { version: 'v2.0.0', sha: HEAD, digests: { shop: 'newest' } },
  })
})

test('the newest rehearsal of the repository is known, with its commit', async () => {
  const world = worldOf()
  const one = { environment: 'stage', by: 'a', homeMs: 1, greenMs: 2, failed: null }
  await keep(
    world,
    recordOf(
      { key: '7#1', pull: 1, head: OTHER_HEAD },
      {
        rehearsals: [
          { ...one, at: 5 },
          { ...one, at: 9 },
        ],
      },
    ),
  )
  await keep(world, recordOf({ key: '7#2', pull: 2 }, { rehearsals: [{ ...one, at: 7 }] }))
  expect((await gatherFull(world.context, recordOf())).full?.rehearsed).toEqual({ ...one, at: 9, sha: OTHER_HEAD })
  expect((await gatherFull(worldOf().context, recordOf())).full?.rehearsed).toBeNull()
})

describe('samples', () => {
  test('are taken while a rollout moves traffic, and kept', async () => {
    const world = worldOf()
    const record = recordOf({ state: 'canary' }, { rollout: rolloutOf({ digests: DIGESTS }), rollouts: 1 })
    expect((await gatherTick(world.context, record)).samples).toHaveLength(1)
    world.now += 1_000
    expect((await gatherTick(world.context, record)).samples.map((sample) => sample.at)).toEqual([world.now - 1_000, world.now])
    expect(await world.store.samples(KEY, '1/prod')).toHaveLength(2)
  })

  test('hold what the router counted, or why it did not say', async () => {
    const world = worldOf()
    const record = recordOf({ state: 'canary' }, { rollout: rolloutOf({ digests: DIGESTS }), rollouts: 1 })
    const asked: string[] = []
    const told: Counted[] = [
      { routed: { canary: 1, stable: 9 }, note: '' },
      { routed: null, note: 'router: no answer' },
    ]
    const counted = async (router: string): Promise<Counted | null> => {
      asked.push(router)
      return told.shift() ?? null
    }
    const context = { ...world.context, ports: { ...world.ports, traffic: { counted } } }
    for (let look = 0; look < 3; look++) {
      world.now += 1_000
      await gatherTick(context, record)
    }
    expect(asked).toEqual(['proxy', 'proxy', 'proxy'])
    expect(await world.store.samples(KEY, '1/prod')).toMatchObject([
      { routed: { canary: 1, stable: 9 }, note: 'nothing is measured' },
      { routed: null, note: 'nothing is measured; router: no answer' },
      { note: 'nothing is measured' },
    ])
    expect((await world.store.samples(KEY, '1/prod'))[2]).not.toHaveProperty('routed')
  })

  test('ask no router where the deploy workflow moves the traffic', async () => {
    const world = worldOf()
    const rollout = rolloutOf({ digests: DIGESTS, policy: { ...rolloutOf().policy, router: null } })
    const { samples } = await gatherTick(
      { ...world.context, ports: { ...world.ports, traffic: { counted: () => Promise.reject(new Error('asked')) } } },
      recordOf({ state: 'canary' }, { rollout, rollouts: 1 }),
    )
    expect(samples).toHaveLength(1)
  })

  test.each(['done', 'withdrawn'] as const)('are not taken when it is %s', async (stage) => {
    const world = worldOf()
    const facts = await gatherTick(world.context, recordOf({ state: 'stage' }, { rollout: rolloutOf({ stage }), rollouts: 1 }))
    expect(facts).toMatchObject({ full: null, samples: [] })
    expect(await world.store.samples(KEY, '1/prod')).toEqual([])
  })
})

test('what the operator gave to others is neither sampled nor asked for counts, in the middle of a rollout either; the way home looks at what it began with', async () => {
  const world = worldOf()
  const asked: string[] = []
  const ports = {
    ...world.ports,
    metrics: { sample: async (name: string) => ({ at: world.now, canary: null, stable: null, note: String(asked.push(name)) }) },
    traffic: { counted: async (name: string) => (asked.push(name) > 0 ? null : null) },
    probes: { look: async (name: string) => ({ status: asked.push(name) > 0 ? 200 : 500, note: '' }) },
  }
  const tick = async (stage: 'baking' | 'withdrawn', limits?: Limits) => {
    const plain = rolloutOf({ stage })
    const rollout = { ...plain, policy: { ...plain.policy, golden: [{ url: 'checkout', status: 200 }] } }
    const record = recordOf({ state: stage === 'baking' ? 'canary' : 'rolling_back' }, { rollout, rollouts: 1 })
    return await gatherTick({ ...world.context, ports, settings: { ...world.context.settings, ...(limits !== undefined && { limits }) } }, record)
  }
  const others = ['other/*']
  const limits = { routers: { proxy: others }, metrics: { scrape: others }, probes: { checkout: others } }
  const { samples } = await tick('baking', limits)
  expect(asked).toEqual([])
  const { probed } = await tick('withdrawn', limits)
  expect(asked.splice(0)).toEqual(['checkout'])
  expect(samples.at(-1)?.note).toBe("No metrics source is named for scrape in the operator's file.")
  expect(probed?.get('checkout')).toMatchObject({ status: 200 })
  await tick('baking')
  await tick('withdrawn')
  expect(asked.toSorted((a, b) => a.localeCompare(b))).toEqual(['checkout', 'proxy', 'scrape'])
})

test('a pull request that is gone is an error with its code', async () => {
  await expect(gatherFull(worldOf({ pull: null }).context, recordOf())).rejects.toMatchObject({ name: 'ReleaseError', code: 'pull-gone' })
})

const served = (key: string, version: string, since: number, state: ReleaseRecord['state']): ReleaseRecord =>
  recordOf({ key, version, state, head: OTHER_HEAD }, { rollout: rolloutOf({ stage: 'done', since }) })

test('a trend is told against the release that served everyone last, and not against itself', async () => {
  const world = worldOf()
  world.store.releasesOf = async () => [
    served('7#1', 'v1.8.0', 1, 'ga'),
    served('7#2', 'v1.9.0', 5, 'ga'),
    served('7#5', 'v1.7.0', 9, 'rolled_back'),
    served(KEY, 'v2.0.0', 10, 'ga'),
  ]
  world.store.verdicts = async (key) => (key === '7#2' ? [{ gate: 'slo', verdict: verdictOf('slo'), context: null }] : [])
  expect((await gatherFull(world.context, recordOf())).full?.last).toMatchObject({ version: 'v1.9.0', decided: [{ gate: 'slo' }] })
  world.store.releasesOf = async () => []
  expect((await gatherFull(world.context, recordOf())).full?.last).toBeNull()
})
