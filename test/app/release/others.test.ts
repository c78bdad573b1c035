import { describe, expect, test } from 'vitest'
import { openOthers } from '../../../app/release/others.ts'
import type { Effect, PullFacts } from '../../../app/release/ports.ts'
import { configText, HEAD, OTHER_HEAD, pullOf, recordOf, REPOSITORY, verdictOf } from '../../support/release.ts'
import { inList, worldOf, type World } from '../../support/release-ports.ts'

const FEATURE = pullOf({ number: 9, head: { ref: 'feature/x', sha: OTHER_HEAD, repositoryId: 7 } })
const NAME = 'release-conductor/all_required_gates (main)'
const QUEUED = 'f'.repeat(40)
const branchOf = (number: number): string => `gh-readonly-queue/main/pr-${number}-${'b'.repeat(40)}`

type Report = Extract<Effect, { kind: 'check.report' }>

function reports(world: World): Report[] {
  return world.done.filter((effect): effect is Report => effect.kind === 'check.report')
}

/** GitHub finds what was made. */
function remembering(over: Parameters<typeof worldOf>[0] = {}): World {
  const world: World = worldOf({
    found: (effect) =>
      world.done.some((done) => done.kind === 'check.report' && effect.kind === 'check.report' && done.externalId === effect.externalId)
        ? { id: 1 }
        : null,
    ...over,
  })
  return world
}

async function ordinary(pull: PullFacts, over: Parameters<typeof worldOf>[0] = {}): Promise<Report[]> {
  const world = remembering({ pull: null, ...over })
  world.others = [pull]
  await openOthers(world.ports).pull(REPOSITORY, pull.number)
  return reports(world)
}

async function queued(
  over: { outcome?: 'pass' | 'fail'; tree?: string; commit?: string; branch?: string; pull?: PullFacts; known?: boolean } = {},
): Promise<Report[]> {
  const { outcome = 'pass', tree = 'tree', commit = QUEUED, branch = branchOf(3), pull = pullOf(), known = true } = over
  const world = remembering({ pull })
  world.others = [FEATURE]
  world.trees.set(HEAD, { commit: HEAD, tree: 'tree' })
  world.trees.set(branchOf(3), { commit, tree })
  world.trees.set(branchOf(9), { commit, tree })
  if (known) {
    const lease = await world.store.lease('r', 'one', 0, 1_000)
    await world.store.commit({
      release: recordOf({ state: 'ready' }),
      expected: null,
      lease: lease ?? { key: 'r', owner: 'one', fence: 0 },
      intents: [],
      events: [],
      verdicts: [
        { gate: 'all_required_gates', verdict: verdictOf('all_required_gates', outcome, 'all_required_gates.gate-not-held'), context: null },
      ],
    })
  }
  await openOthers(world.ports).repository(REPOSITORY, [], { branches: [branch], everything: false })
  return reports(world)
}

describe('an ordinary pull request', () => {
  test('is told that the gate does not apply to it, by which commit, and that nothing was measured (T4)', async () => {
    const [report, ...more] = await ordinary(FEATURE)
    expect(more).toEqual([])
    expect(report).toMatchObject({ sha: OTHER_HEAD, name: NAME, conclusion: 'success' })
    expect(report?.output.title).toBe('not applicable: this pull request releases nothing, declared by cccccccccccc')
    expect(report?.output.summary).toContain('nothing was measured')
  })

  test.each<[string, PullFacts, Parameters<typeof worldOf>[0]]>([
    ['that is closed', { ...FEATURE, state: 'closed' }, {}],
    ['against a base that no release has', { ...FEATURE, base: { ref: 'docs', sha: 'b'.repeat(40) } }, {}],
    ['of a repository without a config', FEATURE, { config: null }],
    ['with the head of an open release', { ...FEATURE, head: { ...FEATURE.head, sha: HEAD } }, { pull: pullOf() }],
    ['that is a release', pullOf({ number: 9 }), {}],
  ])('%s is told nothing', async (_what, pull, over) => {
    expect(await ordinary(pull, over)).toEqual([])
  })

  test('a branch of a fork with the name of a release is no release', async () => {
    expect(await ordinary(pullOf({ number: 9, head: { ref: 'release/v2.0.0', sha: OTHER_HEAD, repositoryId: 8 } }))).toHaveLength(1)
  })

  test('against a base is told what the default branch says of that base, whatever the base says of itself', async () => {
    const pull = { ...FEATURE, base: { ref: 'support/1', sha: 'b'.repeat(40) } }
    const reported = async (naming: string, own: string): Promise<number> => {
      const world = remembering({ pull: null })
      world.others = [pull]
      const file = async (_repository: unknown, _path: string, ref: string) => ({
        text: configText().replace('"support/*"', ref === pull.defaultBranch ? naming : own),
        commit: 'c'.repeat(40),
      })
      await openOthers({ ...world.ports, read: { ...world.ports.read, file } }).pull(REPOSITORY, pull.number)
      return reports(world).length
    }
    expect(await reported('"support/*"', 'other')).toBe(1)
    expect(await reported('other', '"support/*"')).toBe(0)
  })

  test('that repairs a broken config can be merged', async () => {
    const [report] = await ordinary(FEATURE, { config: 'version: 2\n' })
    expect(report).toMatchObject({ conclusion: 'success', output: { title: 'not applicable: this pull request releases nothing' } })
  })

  test('a release that is opened with the same head meanwhile takes the answer back', async () => {
    const world = remembering({ pull: null })
    world.others = [FEATURE]
    world.perform = () => {
      world.pull = pullOf({ head: { ref: 'release/v2.0.0', sha: OTHER_HEAD, repositoryId: 7 } })
      return { id: 1 }
    }
    await openOthers(world.ports).pull(REPOSITORY, 9)
    expect(reports(world).map(({ conclusion }) => conclusion)).toEqual(['success', 'action_required'])
  })

  test('is answered once for each head, by this process and by the next', async () => {
    const world = remembering({ pull: null })
    world.others = [FEATURE]
    const others = openOthers(world.ports)
    const sweep = { branches: [], everything: true }
    await others.repository(REPOSITORY, world.others.map(inList), sweep)
    const asked = world.asked.length
    await others.repository(REPOSITORY, world.others.map(inList), sweep)
    expect(world.asked.slice(asked)).toEqual(['queued'])
    await openOthers(world.ports).repository(REPOSITORY, world.others.map(inList), sweep)
    expect(reports(world)).toHaveLength(1)
    world.others = [{ ...FEATURE, head: { ...FEATURE.head, sha: 'e'.repeat(40) } }]
    await others.repository(REPOSITORY, world.others.map(inList), sweep)
    expect(reports(world)).toHaveLength(2)
  })

  test('two that come to it at once give one answer', async () => {
    const world = remembering({ pull: null })
    world.others = [FEATURE]
    await Promise.all(Array.from({ length: 3 }, () => openOthers(world.ports).pull(REPOSITORY, 9)))
    expect(reports(world)).toHaveLength(1)
  })

  test('one that cannot be answered holds up no other, and is tried again', async () => {
    const second = { ...FEATURE, number: 10, head: { ...FEATURE.head, sha: 'e'.repeat(40) } }
    const world = remembering({ pull: null })
    world.others = [FEATURE, second]
    let away = true
    world.perform = (effect) => {
      if (away && effect.kind === 'check.report' && effect.sha === OTHER_HEAD) throw new Error('502')
      return { id: 1 }
    }
    const others = openOthers(world.ports)
    const look = (): Promise<void> => others.repository(REPOSITORY, world.others.map(inList), { branches: [], everything: false })
    await look()
    expect(reports(world).map(({ sha }) => sha)).toEqual(['e'.repeat(40)])
    expect(world.logged).toEqual(['A required check could not be answered yet.'])
    away = false
    await look()
    expect(reports(world)).toHaveLength(2)
  })
})

describe('a commit of the merge queue', () => {
  test('with the tree that was proven holds by that verdict, and names it (T16, T17)', async () => {
    const [report] = await queued()
    expect(report).toMatchObject({
      sha: QUEUED,
      name: NAME,
      conclusion: 'success',
      output: { title: `Proven: the same tree as ${HEAD.slice(0, 12)}, on which every gate holds` },
    })
  })

  test('with another tree was looked at by nobody, and is refused with what to do (T16)', async () => {
    const [report] = await queued({ tree: 'another' })
    expect(report).toMatchObject({
      conclusion: 'failure',
      output: { title: 'Blocked: the merge queue made another tree than the one that was proven' },
    })
    expect(report?.output.summary).toContain('**Next.** Bring the base branch into release/v2.0.0, let the gates')
  })

  test('of a release whose gates do not hold is refused with the reason', async () => {
    const [report] = await queued({ outcome: 'fail' })
    expect(report).toMatchObject({ conclusion: 'failure', output: { title: 'Blocked: it is not there' } })
  })

  test('of an ordinary pull request is answered like it', async () => {
    const [report] = await queued({ branch: branchOf(9), tree: 'another' })
    expect(report).toMatchObject({ sha: QUEUED, conclusion: 'success' })
  })

  test('of a release that nobody knows yet, and a branch that is gone or of another make, is left alone', async () => {
    expect(await queued({ known: false })).toEqual([])
    expect(await queued({ branch: branchOf(4) })).toEqual([])
    expect(await queued({ branch: 'feature/pr-3' })).toEqual([])
  })

  test("that is the head of a release is left to its gates: the name of a branch is anybody's to choose", async () => {
    const at = (commit: string): ReturnType<typeof queued> => queued({ branch: branchOf(9), commit, outcome: 'fail' })
    expect(await at(HEAD)).toEqual([])
    expect(await queued({ branch: branchOf(9), commit: HEAD, known: false })).toEqual([])
    expect(await queued({ branch: branchOf(9), commit: HEAD, pull: pullOf({ state: 'closed' }) })).toEqual([])
    expect(await queued({ commit: HEAD })).toEqual([])
    expect(await at(QUEUED)).toHaveLength(1)
  })

  test('of a pull request that is closed awaits nothing', async () => {
    expect(await queued({ pull: pullOf({ state: 'closed' }) })).toEqual([])
  })

  test('that nobody told of is found by the sweep', async () => {
    const world = remembering({ pull: null })
    world.others = [FEATURE]
    world.trees.set(branchOf(9), { commit: QUEUED, tree: 'tree' })
    await openOthers(world.ports).repository(REPOSITORY, [], { branches: [], everything: true })
    expect(reports(world).map(({ sha }) => sha)).toEqual([QUEUED])
  })
})
