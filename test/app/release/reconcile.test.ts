import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { GATES } from '../../../gates/index.ts'
import { reconcile, type Look, type Result } from '../../../app/release/reconcile.ts'
import { dataOf } from '../../../app/release/state.ts'
import type { Effect } from '../../../app/release/ports.ts'
import {
  commentOf,
  configText,
  DIGESTS,
  HEAD,
  KEY,
  MERGED,
  NOW,
  pullOf,
  recordOf,
  REPOSITORY,
  rolloutOf,
  samplesOf,
  SETTINGS,
} from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const FULL: Look = { repository: REPOSITORY, pull: 3, mode: 'full' }
const TICK: Look = { ...FULL, mode: 'tick' }

async function look(world: World, of: Look = FULL): Promise<Result> {
  return await reconcile(world.context, of)
}

async function stateOf(world: World): Promise<string | undefined> {
  return (await world.store.release(KEY))?.state
}

function kinds(world: World): string[] {
  return world.done.map((effect) => effect.kind)
}

/** A canary at 10 %, baking, whose seal is there. */
async function canary(world: World): Promise<void> {
  const lease = await world.store.lease(`release/${KEY}`, 'test', world.now, 1_000)
  if (lease === null) throw new Error('the lease is free')
  const rollout = rolloutOf({ stage: 'baking', startedAt: NOW, shiftedAt: NOW, digests: DIGESTS })
  const seal: Effect = { kind: 'pack.seal', key: `${KEY}/seal/proven/1`, outcome: 'proven' }
  const release = recordOf({ state: 'canary', dueAt: NOW }, { rollout, rollouts: 1, shown: 'canary' })
  await world.store.commit({ release, expected: null, lease, intents: [seal], events: [], verdicts: [] })
  await world.store.start(seal.key, lease)
  await world.store.settle(seal.key, { outcome: { id: null } }, [])
  await world.store.free(lease)
  world.pull = pullOf(MERGED)
}

describe('a pull request becomes a release', () => {
  test('with its checks, its evidence asked for and its comment, in one call', async () => {
    const world = worldOf()
    expect(await look(world)).toBe('settled')
    expect(await stateOf(world)).toBe('proving')
    expect(kinds(world).filter((kind) => kind === 'check.create')).toHaveLength(GATES.length)
    expect(kinds(world).filter((kind) => kind === 'workflow.dispatch')).toHaveLength(1)
    expect(world.done.filter((effect) => effect.kind === 'comment.write' && effect.comment === null)).toHaveLength(1)
    expect((await world.store.ledger(KEY))[0]).toMatchObject({ type: 'opened', data: { version: 'v2.0.0', head: HEAD, base: 'main', pull: 3 } })
  })

  test('and looking again does nothing more', async () => {
    const world = worldOf()
    await look(world)
    const before = world.done.length
    expect(await look(world)).toBe('settled')
    expect(await look(world, TICK)).toBe('settled')
    expect(world.done).toHaveLength(before)
  })

  test.each<[string, Partial<World>]>([
    ['that is not there', { pull: null }],
    ['that is closed', { pull: pullOf({ state: 'closed' }) }],
    ['of another branch', { pull: pullOf({ head: { ref: 'feature/x', sha: HEAD, repositoryId: 7 } }) }],
    ['of a fork', { pull: pullOf({ head: { ref: 'release/v2.0.0', sha: HEAD, repositoryId: 8 } }) }],
    ['of no version', { pull: pullOf({ head: { ref: 'release/next', sha: HEAD, repositoryId: 7 } }) }],
    ['against a base the config does not name', { pull: pullOf({ base: { ref: 'develop', sha: 'b'.repeat(40) } }) }],
  ])('but not one %s', async (_what, over) => {
    const world = Object.assign(worldOf(), over)
    expect(await look(world)).toBe('not-a-release')
    expect(await world.store.release(KEY)).toBeNull()
    expect(world.done).toEqual([])
  })

  test('without a config it is opened all the same, and blocks visibly', async () => {
    const world = worldOf({ config: null })
    await look(world)
    expect(await stateOf(world)).toBe('proving')
    const concluded = world.done.flatMap((effect) => (effect.kind === 'check.update' ? [effect.conclusion] : []))
    expect(concluded.length).toBeGreaterThan(0)
    expect(new Set(concluded)).toEqual(new Set(['failure']))
  })
})

describe('one at a time', () => {
  test('busy while another holds it, and nothing is touched', async () => {
    const world = worldOf()
    await world.store.lease(`release/${KEY}`, 'another process', world.now, 60_000)
    expect(await look(world)).toBe('busy')
    expect(world.asked).toEqual([])
  })

  test('two looks of one process do not share a lease', async () => {
    const world = worldOf()
    expect((await Promise.all([look(world), look(world)])).toSorted()).toEqual(['busy', 'settled'])
  })

  test('lost when the lease ran out and another took it; what was decided meanwhile is not written (T11)', async () => {
    const world = worldOf()
    const { read } = world.ports
    const late: World['context'] = {
      ...world.context,
      ports: {
        ...world.ports,
        read: {
          ...read,
          file: async (...of) => {
            world.now += SETTINGS.leaseMs + 1
            await world.store.lease(`release/${KEY}`, 'another process', world.now, 60_000)
            return await read.file(...of)
          },
        },
      },
    }
    expect(await reconcile(late, FULL)).toBe('lost')
    expect(await world.store.release(KEY)).toBeNull()
    expect(world.done).toEqual([])
  })

  test('the lease is free again afterwards, also after an error', async () => {
    const world = worldOf()
    await look(world)
    expect(await world.store.lease(`release/${KEY}`, 'x', world.now, 1)).not.toBeNull()
    const broken = worldOf()
    await look(broken)
    broken.pull = null
    await expect(look(broken)).rejects.toMatchObject({ name: 'ReleaseError', code: 'pull-gone' })
    expect(await broken.store.lease(`release/${KEY}`, 'x', broken.now, 1)).not.toBeNull()
  })
})

describe('a tick', () => {
  test('asks nothing of GitHub while the canary bakes', async () => {
    const world = worldOf()
    await canary(world)
    world.now = NOW + 1_000
    expect(await look(world, TICK)).toBe('settled')
    expect(world.asked).toEqual([])
    expect(await world.store.samples(KEY, '1/prod')).toHaveLength(1)
    expect((await world.store.release(KEY))?.dueAt).toBe(world.now + SETTINGS.sampleMs)
  })

  test('becomes a full look before it advances', async () => {
    const world = worldOf()
    await canary(world)
    for (const sample of samplesOf(NOW, NOW + 6_000)) await world.store.keepSample(KEY, '1/prod', sample)
    world.now = NOW + 7_000
    await look(world, TICK)
    expect(world.asked).toContain('pull')
    const record = await world.store.release(KEY)
    expect(record === null ? null : dataOf(record).sentence).toMatch(/^Hold at 10 %: all_required_gates is/)
  })

  test('takes traffic back first, and only then asks GitHub', async () => {
    const world = worldOf()
    await canary(world)
    for (const sample of samplesOf(NOW, NOW + 2_000, { share: 0.4 })) await world.store.keepSample(KEY, '1/prod', sample)
    world.now = NOW + 3_000
    const { perform } = world
    const askedBefore: string[][] = []
    world.perform = (effect) => {
      if (effect.kind === 'weight.set') askedBefore.push([...world.asked])
      return perform(effect)
    }
    await look(world, TICK)
    expect(askedBefore).toEqual([[]])
    expect(world.done[0]).toMatchObject({ kind: 'weight.set', percent: 0 })
    expect(await stateOf(world)).toBe('rolled_back')
  })

  test('takes it back although GitHub does not answer at all', async () => {
    const world = worldOf()
    await canary(world)
    for (const sample of samplesOf(NOW, NOW + 2_000, { share: 0.4 })) await world.store.keepSample(KEY, '1/prod', sample)
    world.now = NOW + 3_000
    world.ports.read.pull = () => Promise.reject(new Error('502'))
    await expect(look(world, TICK)).rejects.toThrow('502')
    expect(world.done).toMatchObject([{ kind: 'weight.set', percent: 0 }])
    expect(['rolling_back', 'rolled_back']).toContain(await stateOf(world))
  })
})

describe('effects that cannot be done yet', () => {
  test('leave the release with a time to try again, later each time', async () => {
    const world = worldOf()
    world.perform = () => {
      throw new Error('502')
    }
    expect(await look(world)).toBe('settled')
    const first = (await world.store.release(KEY))?.dueAt ?? 0
    expect(first).toBeGreaterThan(world.now)
    world.now = first
    await look(world, TICK)
    expect(((await world.store.release(KEY))?.dueAt ?? 0) - world.now).toBeGreaterThan(first - NOW)
    expect(world.logged).toContain('effects are pending')
  })

  test('a router that does not take 0 is asked again at the next sample', async () => {
    const world = worldOf()
    await canary(world)
    world.perform = (effect) => {
      if (effect.kind === 'weight.set') throw new Error('the router is down')
      return { id: 1 }
    }
    for (const sample of samplesOf(NOW, NOW + 2_000, { share: 0.4 })) await world.store.keepSample(KEY, '1/prod', sample)
    world.now = NOW + 3_000
    await look(world, TICK)
    expect(await stateOf(world)).toBe('rolling_back')
    expect((await world.store.release(KEY))?.dueAt).toBeLessThanOrEqual(world.now + SETTINGS.sampleMs)
  })
})

describe('comments', () => {
  test('a command is answered once, however often it is looked at', async () => {
    const world = worldOf()
    world.comments = [commentOf('/help'), commentOf('thanks!'), commentOf('/hold the vendor', 'stranger', 31)]
    await look(world)
    await look(world)
    const answers = world.done.flatMap((effect) => (effect.kind === 'reaction.add' && effect.content !== 'eyes' ? [effect.content] : []))
    expect(answers).toEqual(['rocket', 'confused'])
    expect(await stateOf(world)).toBe('proving')
  })

  test('one that fell out of the record is still never carried out again', async () => {
    const world = worldOf()
    world.comments = [commentOf('/hold the vendor is asked'), commentOf('/resume')]
    await look(world)
    const record = await world.store.release(KEY)
    const lease = await world.store.lease(`release/${KEY}`, 'test', world.now, 1_000)
    if (record === null || lease === null) throw new Error('it was opened, and nobody holds it')
    await world.store.commit({
      release: { ...record, data: { ...record.data, answers: [] } },
      expected: record.revision,
      lease,
      intents: [],
      events: [],
      verdicts: [],
    })
    await world.store.free(lease)
    await look(world)
    expect((await world.store.ledger(KEY)).filter((entry) => entry.type === 'command.done')).toHaveLength(2)
    expect(await stateOf(world)).toBe('proving')
  })

  test('of an author whom GitHub does not tell about does nothing', async () => {
    const world = worldOf()
    world.roles.set('approver', 'unknown')
    world.comments = [commentOf('/hold the vendor is asked')]
    await look(world)
    const record = await world.store.release(KEY)
    expect(record === null ? [] : dataOf(record).answers).toMatchObject([{ done: false, answer: expect.stringContaining('facts-unavailable') }])
  })

  test('of the App itself and edited ones give no orders (T27)', async () => {
    const world = worldOf()
    const own = commentOf('/hold by itself', 'release-conductor[bot]', 99, {
      viaApp: true,
      author: { login: 'release-conductor[bot]', id: 99, type: 'Bot' },
    })
    world.comments = [own, commentOf('/hold the vendor is asked', 'approver', 21, { edited: true })]
    await look(world)
    const record = await world.store.release(KEY)
    expect(record === null ? [] : dataOf(record).answers).toMatchObject([{ done: false, answer: expect.stringContaining('edited') }])
  })

  test.each([
    ['looks good to me', { done: false, answer: expect.stringContaining('edited') }],
    ['/hold the vendor is asked', { done: true }],
  ])('that was made as "%s" is held against what GitHub told then: its times are whole seconds (T27)', async (made, expected) => {
    const world = worldOf()
    const comment = commentOf('/hold the vendor is asked')
    world.comments = [comment]
    await look(world, { ...FULL, written: [{ comment: comment.id, digest: sha256(made) }] })
    const record = await world.store.release(KEY)
    expect(record === null ? [] : dataOf(record).answers).toMatchObject([expected])
  })
})

test('a check run that a person asked to run again starts one new run', async () => {
  const world = worldOf()
  await look(world)
  const created = (await world.store.outbox(KEY)).find((row) => row.effect.kind === 'check.create')
  await look(world, { ...FULL, rerequested: [created?.outcome?.id ?? -1] })
  expect(kinds(world).filter((kind) => kind === 'workflow.dispatch')).toHaveLength(2)
  await look(world, { ...FULL, rerequested: [424_242] })
  expect(kinds(world).filter((kind) => kind === 'workflow.dispatch')).toHaveLength(2)
})

test('a repository that was transferred goes on through its new installation, under the name it began with', async () => {
  const world = worldOf()
  await look(world)
  const installations: number[] = []
  const { effects } = world.ports
  const perform: typeof effects.perform = async (repository, effect, until) => {
    installations.push(repository.installationId)
    return await effects.perform(repository, effect, until)
  }
  const context = { ...world.context, ports: { ...world.ports, effects: { ...effects, perform } } }
  world.comments = [commentOf('/hold the vendor is asked')]
  expect(await reconcile(context, { ...FULL, repository: { ...REPOSITORY, owner: 'other', installationId: 2 } })).toBe('settled')
  expect(new Set(installations)).toEqual(new Set([2]))
  expect((await world.store.release(KEY))?.repository).toEqual({ ...REPOSITORY, installationId: 2, fullName: 'other/shop' })
  expect((await world.store.ledger(KEY)).filter(({ type }) => type === 'transferred')).toMatchObject([
    { data: { to: 'other/shop', installation: 2 } },
  ])
})

test('a renamed repository is known by its present name, once, and asked by the one the release began with', async () => {
  const world = worldOf()
  await look(world)
  const renamed = { ...FULL, repository: { ...REPOSITORY, name: 'store' } }
  await reconcile(world.context, renamed)
  await reconcile(world.context, renamed)
  expect((await world.store.release(KEY))?.repository).toEqual({ ...REPOSITORY, fullName: 'acme/store' })
  expect((await world.store.ledger(KEY)).filter(({ type }) => type === 'transferred')).toHaveLength(1)
})

test('of an archived repository every write is refused: each is tried for an hour, told in the ledger, and no sweep writes any more', async () => {
  const tries = new Map<string, number>()
  const world = worldOf({
    perform: ({ key }) => {
      tries.set(key, (tries.get(key) ?? 0) + 1)
      throw new Error('GitHub answered 403: Repository was archived so is read-only.')
    },
  })
  const sweeps = async (count: number): Promise<void> => {
    for (let sweep = 0; sweep < count; sweep += 1) {
      world.now += 60_000
      await look(world)
    }
  }
  await sweeps(30)
  expect((await world.store.ledger(KEY)).filter(({ data }) => data['final'] === true)).toEqual([])
  await sweeps(70)
  expect(tries.size).toBeGreaterThan(3)
  const told = (await world.store.ledger(KEY)).filter(({ data }) => data['final'] === true && String(data['error']).includes('archived'))
  expect(told).toHaveLength(tries.size)
  const before = [...tries]
  await sweeps(20)
  expect([...tries]).toEqual(before)
})

test('asked to stop, it stops before the next pass, and the next call goes on', async () => {
  const world = worldOf()
  expect(await look(world, { ...FULL, signal: AbortSignal.abort() })).toBe('stopped')
  expect(world.asked).toEqual([])
  expect(await look(world)).toBe('settled')
})

const granted = async (worlds: readonly World[]): Promise<number> =>
  ((await worlds[0]?.store.releasesOf(7)) ?? []).flatMap((release) => dataOf(release).waivers).length

describe('the last waiver of a quarter', () => {
  const config = configText().replace(
    'approvers: {',
    'waiver_budget: { per_quarter: 1 }, approvers: { waive: { users: [approver, second], not: [author] },',
  )

  /** Two releases of one repository, to each of which the second of two people has just spoken; over one store. */
  async function both(): Promise<readonly World[]> {
    const worlds = [3, 4].map((number) => {
      const head = { ref: `release/v2.${number}.0`, sha: String(number).repeat(40), repositoryId: 7 }
      return worldOf({ config, pull: pullOf({ number, head }) })
    })
    for (const world of worlds) Object.assign(world.ports, { store: worlds[0]?.store })
    for (const [at, world] of worlds.entries()) {
      await reconcile(world.context, { ...FULL, pull: 3 + at })
      for (const [login, id] of [
        ['approver', 21],
        ['second', 22],
      ] as const)
        world.comments.push(commentOf('/waive policy_ci 3d the title is late', login, id))
    }
    return worlds
  }

  test('goes to one release, however close they are', async () => {
    const worlds = await both()
    for (let again = 0; again < 3; again++)
      await Promise.all(worlds.map(async (world, at) => await reconcile({ ...world.context, owner: String(at) }, { ...FULL, pull: 3 + at })))
    expect(await granted(worlds)).toBe(1)
    const answers = ((await worlds[0]?.store.releasesOf(7)) ?? []).flatMap((release) => dataOf(release).answers.map(({ answer }) => answer))
    expect(answers.filter((answer) => answer.includes('waivers-spent'))).toHaveLength(2)
  })

  test('waits while another release grants, and is free again afterwards', async () => {
    const worlds = await both()
    const [world] = worlds
    if (world === undefined) throw new Error('there are two')
    const other = await world.store.lease('waivers/7', 'another', world.now, 1_000_000)
    if (other === null) throw new Error('nobody has it')
    expect(await look(world)).toBe('busy')
    expect(await granted(worlds)).toBe(0)
    await world.store.free(other)
    expect(await look(world)).toBe('settled')
    expect(await granted(worlds)).toBe(1)
    expect(await world.store.lease('waivers/7', 'another', world.now, 1_000)).not.toBeNull()
  })
})
