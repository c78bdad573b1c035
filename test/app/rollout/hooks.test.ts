import { describe, expect, test } from 'vitest'
import type { FullFacts } from '../../../app/release/facts.ts'
import { carryOut } from '../../../app/release/outbox.ts'
import type { Effect } from '../../../app/release/ports.ts'
import type { Hook, Rollout } from '../../../app/release/state.ts'
import { hookRuns } from '../../../app/rollout/hooks.ts'
import { stateOf } from '../../../app/rollout/steps.ts'
import { DIGESTS, fullOf, KEY, MERGED, NOW, pullOf, recordOf, rolloutOf, rowOf, samplesOf, Story } from '../../support/release.ts'
import { runOf, worldOf } from '../../support/release-ports.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })
const DESK: Hook = { webhook: 'desk' }
const SMOKE: Hook = { workflow: 'smoke.yml', inputs: { target: 'prod' } }
const BAKED: Partial<Rollout> = { stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW, digests: DIGESTS }
const PRE = '7#3/rollout/1/prod/10/hook/pre/0'
const POST = '7#3/rollout/1/prod/10/hook/post/0'

function at(over: Partial<Rollout>, hooks: Partial<Rollout['policy']['hooks']>): Story {
  const plain = rolloutOf(over)
  const rollout = { ...plain, policy: { ...plain.policy, hooks: { pre: [], post: [], ...hooks } } }
  const story = new Story(recordOf({ state: stateOf(rollout) }, { rollout, rollouts: 1 }))
  const seal = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })
  story.rows.set(seal.key, seal)
  return story
}

function deployments(story: Story): number {
  return story.effects('deployment.create').length
}

function baked(story: Story, full: FullFacts | null = FULL, after = 7_000): ReturnType<Story['look']> {
  story.now = NOW + after
  return story.look(full, samplesOf(NOW, story.now))
}

const concluded = (conclusion: string | null): FullFacts => ({
  ...FULL,
  runs: new Map([[55, runOf(55, { conclusion, status: conclusion === null ? 'in_progress' : 'completed' })]]),
})

describe('before a step', () => {
  test('every hook is asked at once, with what it is about, and nothing is deployed', () => {
    const story = at({}, { pre: [DESK, SMOKE] })
    story.look(FULL)
    expect(story.effects('hook.call')).toEqual([
      {
        kind: 'hook.call',
        key: PRE,
        webhook: 'desk',
        body: {
          hook: 'pre',
          version: 'v2.0.0',
          sha: '1'.repeat(40),
          environment: 'prod',
          step: 10,
          plan: 'a'.repeat(32),
          key: PRE,
          trace_id: 'e'.repeat(32),
        },
      },
    ])
    expect(story.effects('workflow.dispatch')).toMatchObject([
      { workflow: 'smoke.yml', ref: 'main', inputs: { target: 'prod', hook: 'pre', step: '10', key: '7#3/rollout/1/prod/10/hook/pre/1' } },
    ])
    expect(deployments(story)).toBe(0)
    expect(story.data.sentence).toBe('Hold before 10 %: the hook desk has not answered yet')
  })

  test('that is not theirs, none is asked', () => {
    const story = at({}, { pre: [{ ...DESK, steps: [50] }] })
    story.look(FULL)
    expect(story.effects('hook.call')).toEqual([])
    expect(deployments(story)).toBe(1)
  })

  test.each<[string, { result: string; reason: string }, number, RegExp]>([
    ['yes lets it begin', { result: 'ok', reason: '' }, 1, /Deploying/],
    ['no holds, with the reason', { result: 'fail', reason: 'no change ticket' }, 0, /Hold before 10 %: the hook desk says no: no change ticket/],
  ])('%s', (_what, data, made, sentence) => {
    const story = at({}, { pre: [DESK] })
    story.look(FULL)
    story.settle(PRE, { id: null, data })
    story.look(FULL)
    expect(deployments(story)).toBe(made)
    expect(story.data.sentence).toMatch(sentence)
  })

  test('an answer that never came holds, and at the deadline it goes back', () => {
    const story = at({}, { pre: [DESK] })
    story.look(FULL)
    const row = story.rows.get(PRE)
    if (row !== undefined) story.rows.set(PRE, { ...row, state: 'failed', error: 'the webhook desk could not be reached' })
    story.look(FULL)
    expect(story.data.sentence).toContain('the hook desk gave no answer: the webhook desk could not be reached')
    story.now = NOW + 90_000
    story.look(FULL)
    expect(story.data.rollout).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
  })

  test('none is asked while something else speaks against the step', () => {
    const story = at({}, { pre: [DESK] })
    story.look({ ...FULL, pull: pullOf() })
    expect(story.effects('hook.call')).toEqual([])
  })
})

describe('after a step', () => {
  test('a hook is asked once the judge let it through, and not before', () => {
    const story = at(BAKED, { post: [SMOKE] })
    baked(story, FULL, 5_000)
    expect(story.effects('workflow.dispatch')).toEqual([])
    baked(story)
    expect(story.effects('workflow.dispatch')).toMatchObject([{ workflow: 'smoke.yml', key: POST, inputs: { hook: 'post' } }])
    expect(story.data.rollout?.stage).toBe('baking')
  })

  test.each<[string, string | null, Partial<Rollout>, RegExp]>([
    ['a run that succeeded lets it go on', 'success', { step: 50, stage: 'deploying', passed: [] }, /./],
    [
      'one that failed holds, and may be run again',
      'failure',
      { step: 10, stage: 'baking' },
      /Hold at 10 %: the hook smoke.yml ended with failure; re-run it/,
    ],
    ['one that was cancelled holds', 'cancelled', { step: 10, stage: 'baking' }, /ended with cancelled/],
    ['one under way holds', null, { step: 10, stage: 'baking' }, /has not answered yet/],
  ])('%s', (_what, conclusion, rollout, sentence) => {
    const story = at(BAKED, { post: [{ ...SMOKE, steps: [10] }] })
    baked(story)
    story.settle(POST, { id: 55 })
    baked(story, concluded(conclusion), 8_000)
    const { passed: _passed, ...expected } = rollout
    expect(story.data.rollout).toMatchObject(expected)
    expect(story.data.rollout?.passed).toEqual(conclusion === 'success' ? [POST] : [])
    expect(story.data.sentence).toMatch(sentence)
  })

  test('while one is awaited GitHub is not asked at every tick, and at the deadline it goes back', () => {
    const story = at(BAKED, { post: [SMOKE] })
    baked(story)
    story.settle(POST, { id: 55 })
    expect(baked(story, null, 8_000).wantsFull).toBe(false)
    expect(story.data.sentence).toContain('a hook has not said yes yet')
    baked(story, concluded('failure'), 90_000)
    expect(story.data.rollout).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
  })

  test('a breach while one is awaited goes back at once, and asks none', () => {
    const story = at(BAKED, { post: [DESK] })
    baked(story)
    story.now = NOW + 9_000
    const step = story.look(null, samplesOf(NOW, story.now, { share: 0.3 }))
    expect(step.intents.map(({ kind }) => kind)).toEqual(['weight.set'])
  })
})

function dispatch(key: string, inputs: Readonly<Record<string, string>>): Effect {
  return { kind: 'workflow.dispatch', key, workflow: 'x.yml', ref: 'main', inputs }
}

test('runs of hooks are read until they have passed', () => {
  const rows = [
    rowOf(dispatch('a', { hook: 'pre' }), { id: 1 }),
    rowOf(dispatch('b', { hook: 'post' }), { id: 2 }),
    rowOf(dispatch('c', { hook: 'post' })),
    rowOf(dispatch('d', {}), { id: 4 }),
  ]
  expect(hookRuns(rows, rolloutOf({ passed: ['a'] }))).toEqual([2])
  expect(hookRuns(rows, null)).toEqual([1, 2])
})

test('a hook that waits to be asked is not, once everything goes home', async () => {
  const world = worldOf()
  const record = recordOf({ state: 'rolling_back' })
  const lease = await world.store.lease(`release/${KEY}`, 'test', world.now, 10_000)
  if (lease === null) throw new Error('the lease is free')
  const intents: Effect[] = [
    { kind: 'hook.call', key: 'h', webhook: 'desk', body: {} },
    { kind: 'weight.set', key: 'w', environment: 'prod', router: 'proxy', percent: 0 },
  ]
  await world.store.commit({ release: record, expected: null, lease, intents, events: [], verdicts: [] })
  await carryOut(world.ports, lease, record, 10_000)
  expect(world.done.map(({ kind }) => kind)).toEqual(['weight.set'])
  expect((await world.store.outbox(KEY)).find(({ key }) => key === 'h')?.state).toBe('failed')
})
