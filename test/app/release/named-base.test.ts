import { describe, expect, test } from 'vitest'
import { configOfBase } from '../../../app/release/named-base.ts'
import type { PullFacts } from '../../../app/release/ports.ts'
import { reconcile, type Look } from '../../../app/release/reconcile.ts'
import { dataOf, type ReleaseData } from '../../../app/release/state.ts'
import { CONFIG_COMMIT, commentOf, configText, KEY, MERGED, pullOf, REPOSITORY } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const LOOK: Look = { repository: REPOSITORY, pull: 3, mode: 'full' }
const EVIL = configText().replace('[main, "support/*"]', '[evil]').replaceAll('approver,', 'mallory,')
const WAIVERS = 'people: { approvers: { waive: { users: [approver, second], count: 2 }, promote:'
const to = (ref: string): Pick<PullFacts, 'base'> => ({ base: { ref, sha: 'b'.repeat(40) } })

/** Each branch has a config of its own. */
function repository(pull: PullFacts, configs: Readonly<Record<string, string>> = {}): World & { readonly refs: string[] } {
  const refs: string[] = []
  const world = Object.assign(worldOf({ pull }), { refs })
  const of: Readonly<Record<string, string>> = { main: configText().replace('people: { approvers: { promote:', WAIVERS), evil: EVIL, ...configs }
  world.ports.read.file = async (_repository, _path, ref) => {
    refs.push(ref)
    const text = of[ref] ?? of['main'] ?? ''
    return text === 'absent' ? null : { text, commit: CONFIG_COMMIT }
  }
  return world
}

async function said(world: World): Promise<ReleaseData> {
  const record = await world.store.release(KEY)
  if (record === null) throw new Error('there is no release')
  return dataOf(record)
}

describe('a base is one that the default branch names', () => {
  test.each<[string, string, readonly string[], string]>([
    ['the default branch itself is asked once', 'main', ['main'], 'ok'],
    ['another that it names brings its own config', 'support/1', ['main', 'support/1'], 'ok'],
    ['one that names only itself is not even read', 'evil', ['main'], 'config.base-not-named'],
  ])('%s', async (_what, ref, refs, expected) => {
    const world = repository(pullOf(to(ref)))
    const { config, instead } = await configOfBase(world.ports, REPOSITORY, { pull: pullOf(to(ref)), at: ref })
    expect([config.ok ? 'ok' : config.code, instead !== undefined]).toEqual([expected, expected !== 'ok'])
    expect(world.refs).toEqual(refs)
  })

  test.each<[string, string]>([
    ['absent', 'config.absent'],
    ['version: 1\nrelease: 1\n', 'config.invalid'],
  ])('and while its config is %j no other branch is named', async (main, code) => {
    const world = repository(pullOf(), { main })
    const { config } = await configOfBase(world.ports, REPOSITORY, { pull: pullOf(to('support/1')), at: 'support/1' })
    expect(config).toMatchObject({ ok: false, code, message: expect.stringMatching(/^main, the default branch, must name support\/1: /) })
    expect(world.refs).toEqual(['main'])
  })
})

describe('a release', () => {
  test.each([
    ['evil', undefined],
    ['support/1', 'proving'],
  ])('into %s is %s', async (ref, state) => {
    const world = repository(pullOf(to(ref)))
    await reconcile(world.context, LOOK)
    expect((await world.store.release(KEY))?.state).toBe(state)
  })

  test('that goes elsewhere is blocked, and says why; back on its base it goes on', async () => {
    const world = repository(pullOf())
    await reconcile(world.context, LOOK)
    const [policy] = [(await said(world)).policy]
    world.pull = pullOf(to('evil'))
    await reconcile(world.context, LOOK)
    const { view, policy: still } = await said(world)
    expect(still).toEqual(policy)
    expect(view?.gates).toContainEqual(expect.objectContaining({ gate: 'all_required_gates', verdict: 'fail' }))
    expect(view?.next.join('\n')).toContain('release.base')
    const checks = world.done.flatMap((effect) => (effect.kind === 'check.update' && effect.name.endsWith('(evil)') ? [effect.output.summary] : []))
    expect(checks.length).toBeGreaterThan(0)
    expect(checks.every((summary) => summary.includes('does not name evil'))).toBe(true)
    world.pull = pullOf()
    await reconcile(world.context, LOOK)
    expect((await said(world)).view?.next.join('\n')).not.toContain('release.base')
  })

  test('that was merged elsewhere before anybody looked is promoted by nobody', async () => {
    const world = repository(pullOf())
    await reconcile(world.context, LOOK)
    world.pull = pullOf({ ...MERGED, ...to('evil') })
    world.comments = [commentOf(`/promote 100 plan:${'a'.repeat(32)}`)]
    await reconcile(world.context, LOOK)
    const { answers, rollout, view } = await said(world)
    expect([rollout, view?.plan]).toEqual([null, null])
    expect(answers).toMatchObject([{ done: false, answer: expect.stringContaining('config.base-not-named') }])
  })

  test('that goes elsewhere still listens to who stops it, by the people of the default branch, and to nobody who would let it through', async () => {
    const world = repository(pullOf())
    await reconcile(world.context, LOOK)
    world.pull = pullOf(to('evil'))
    world.roles.set('mallory', 'write')
    world.comments = [
      commentOf('/waive policy_ci 3d the title was wrong'),
      commentOf('/waive policy_ci 3d the title was wrong', 'second', 22),
      commentOf('/break-glass the shop is down', 'mallory', 66),
      commentOf('/approve', 'mallory', 66),
      commentOf('/resume'),
      commentOf('/hold wait for the right base'),
    ]
    await reconcile(world.context, LOOK)
    const { answers, waivers, voices, held } = await said(world)
    expect(answers.slice(0, 5).map(({ done, answer }) => [done, answer.includes('config.base-not-named')])).toEqual(
      Array.from({ length: 5 }, () => [false, true]),
    )
    expect([waivers, voices]).toEqual([[], []])
    expect(held).toMatchObject({ owner: 'approver', reason: 'wait for the right base' })
  })

  test('is waived for its base: elsewhere nothing of it counts, and half a waiver there is none here', async () => {
    const world = repository(pullOf(), { 'support/1': configText().replace('people: { approvers: { promote:', WAIVERS) })
    await reconcile(world.context, LOOK)
    const words = '/waive policy_ci 3d the title was wrong'
    world.comments = [commentOf(words), commentOf(words, 'second', 22)]
    await reconcile(world.context, LOOK)
    expect((await said(world)).waivers).toMatchObject([{ base: 'main', gate: 'policy_ci' }])
    const waived = async (): Promise<string | undefined> => (await said(world)).view?.gates.find(({ gate }) => gate === 'policy_ci')?.verdict
    await reconcile(world.context, LOOK)
    expect(await waived()).toBe('waived')
    world.pull = pullOf(to('support/1'))
    world.comments.push(commentOf('/waive slo 3d a drill'))
    await reconcile(world.context, LOOK)
    expect(await waived()).not.toBe('waived')
    world.pull = pullOf()
    world.comments.push(commentOf('/waive slo 3d a drill', 'second', 22))
    await reconcile(world.context, LOOK)
    expect(await waived()).toBe('waived')
    expect((await said(world)).waivers).toHaveLength(1)
  })
})
