import { describe, expect, test } from 'vitest'
import { KEPT_ANSWERS } from '../../../app/release/orders.ts'
import type { OrderFacts } from '../../../app/release/facts.ts'
import { next } from '../../../app/release/next.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import type { ReleaseData } from '../../../app/release/state.ts'
import type { Voice } from '../../../app/release/voice.ts'
import {
  BASIS,
  factsOf,
  fullOf,
  HEAD,
  MERGED,
  NOW,
  orderOf,
  OTHER_HEAD,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  Story,
  voiceOf,
} from '../../support/release.ts'

const SEALED = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })

interface Said {
  readonly record: { readonly state: ReleaseState; readonly data: ReleaseData }
  readonly answer: string
  readonly done: boolean
  readonly reactions: readonly string[]
}

function say(
  orders: readonly OrderFacts[],
  state: ReleaseState,
  data: Partial<ReleaseData> = {},
  merged = state !== 'proving' && state !== 'ready' && state !== 'draft' && state !== 'abandoned',
): Said {
  const pull = merged ? pullOf(MERGED) : pullOf({ draft: state === 'draft', state: state === 'abandoned' ? 'closed' : 'open' })
  const step = next(recordOf({ state }, data), factsOf(fullOf({ orders, pull }), { rows: [SEALED] }))
  const kept = step.record.data as ReleaseData
  const last = kept.answers.at(-1)
  return {
    record: { state: step.record.state, data: kept },
    answer: last?.answer ?? '',
    done: last?.done ?? false,
    reactions: step.intents.flatMap((effect) => (effect.kind === 'reaction.add' && effect.content !== 'eyes' ? [effect.content] : [])),
  }
}

/** The line people are shown in this state. */
function lineOf(step: number, data: Partial<ReleaseData> = {}, state: ReleaseState = 'merged'): string {
  const { answer } = say([orderOf(`/promote ${step}`)], state, data)
  const line = new RegExp(`/promote ${step} plan:[0-9a-f]{32}`).exec(answer)?.[0]
  if (line === undefined) throw new Error(`no line in: ${answer}`)
  return line
}

const CANARY: Partial<ReleaseData> = { rollout: rolloutOf({ stage: 'baking', startedAt: NOW, shiftedAt: NOW }), rollouts: 1 }
const WITHDRAWING: Partial<ReleaseData> = { rollout: rolloutOf({ stage: 'withdrawing' }), rollouts: 1 }
const WITHDRAWN: Partial<ReleaseData> = { rollout: rolloutOf({ stage: 'withdrawn' }), rollouts: 1 }
const HELD: Partial<ReleaseData> = { ...CANARY, held: { from: 'canary', reason: 'the vendor', owner: 'second', at: NOW } }

describe('/promote', () => {
  test('the present line begins the rollout, with the whole ramp approved by its plan', () => {
    const { record, done, answer, reactions } = say([orderOf(lineOf(100))], 'merged')
    expect(record.state).toBe('canary')
    expect(record.data.rollout).toMatchObject({
      number: 1,
      environment: 'prod',
      upTo: 100,
      step: 10,
      stage: 'deploying',
      approval: { login: 'approver', id: 21 },
    })
    expect({ done, answer, reactions }).toEqual({ done: true, answer: 'The rollout to prod begins; it may go up to 100 %.', reactions: ['rocket'] })
  })

  test('with a number it goes only so far', () => {
    expect(say([orderOf(lineOf(10))], 'merged').record.data.rollout).toMatchObject({ upTo: 10, step: 10 })
    expect(say([orderOf(lineOf(50))], 'merged').record.data.rollout).toMatchObject({ upTo: 50, step: 10 })
  })

  test('without a plan id it does nothing and answers the line to paste', () => {
    const { record, done, answer } = say([orderOf('/promote')], 'merged')
    expect([record.state, done]).toEqual(['merged', false])
    expect(answer).toContain('the plan id is missing')
    expect(answer).toContain(lineOf(100))
  })

  test('with a stale plan it does nothing and answers the new line (T25)', () => {
    const { record, done, answer } = say([orderOf(`/promote plan:${'0'.repeat(32)}`)], 'merged')
    expect([record.state, record.data.rollout, done]).toEqual(['merged', null, false])
    expect(answer).toContain(lineOf(100))
  })

  test('with the plan of another step it does nothing', () => {
    const plan = lineOf(10).slice(-32)
    expect(say([orderOf(`/promote 50 plan:${plan}`)], 'merged')).toMatchObject({ done: false, record: { state: 'merged' } })
  })

  test('without a step it is of the step that its plan is of', () => {
    const plan = lineOf(10).slice(-32)
    expect(say([orderOf(`/promote plan:${plan}`)], 'merged').record.data.rollout).toMatchObject({ upTo: 10, plan })
  })

  test.each<[ReleaseState, Partial<ReleaseData>, string]>([
    ['proving', {}, 'not merged'],
    ['ready', {}, 'not merged'],
    ['held', HELD, 'held by second'],
    ['rolling_back', WITHDRAWING, 'was rolled back'],
    ['rolled_back', WITHDRAWN, 'was rolled back'],
    ['ga', {}, 'already serves everyone'],
  ])('in %s it is refused', (state, data, why) => {
    const { done, answer, record } = say([orderOf(`/promote plan:${'0'.repeat(32)}`)], state, data)
    expect(done).toBe(false)
    expect(answer).toContain(why)
    expect(record.data.rollouts).toBe(data.rollouts ?? 0)
  })

  test('a step the environment does not have is refused', () => {
    const full = fullOf({ pull: pullOf(MERGED), orders: [orderOf('/promote 10')] })
    const steps = { ...full.config }
    if (!steps.ok || steps.config.environments['prod'] === undefined) throw new Error('the config is fine')
    const config = { ...steps, config: { ...steps.config, environments: { prod: { ...steps.config.environments['prod'], steps: [20, 100] } } } }
    const step = next(recordOf({ state: 'merged' }), factsOf({ ...full, config }))
    expect(step.record.data['answers']).toMatchObject([{ done: false, answer: 'Nothing was done: prod has the steps 20, 100.' }])
  })

  test('a further approval lets a running rollout go on; one that gives nothing is refused', () => {
    const waiting = { rollout: rolloutOf({ stage: 'waiting', upTo: 10, startedAt: NOW, shiftedAt: NOW }), rollouts: 1 }
    const more = say([orderOf(lineOf(50, waiting, 'canary'), { login: 'second', id: 22 })], 'canary', waiting)
    expect(more).toMatchObject({
      done: true,
      record: { data: { rollouts: 1, rollout: { number: 1, upTo: 50, step: 50, approval: { login: 'second' } } } },
    })
    expect(say([orderOf(lineOf(10, waiting, 'canary'))], 'canary', waiting)).toMatchObject({
      done: false,
      record: { data: { rollout: { upTo: 10, step: 10 } } },
    })
  })
})

describe('two approvers', () => {
  const line = lineOf(100)
  const plan = line.slice(-32)
  const first = voiceOf({ plan })
  const second = { login: 'second', id: 22, counted: [21, 22], need: 2 }

  test('one word is noted, and moves nothing', () => {
    const said = say([orderOf(line, { need: 2 })], 'merged')
    expect(said).toMatchObject({ done: true, record: { state: 'merged', data: { rollout: null, voices: [{ id: 21, plan }] } } })
    expect(said.answer).toContain('1 of 2')
  })

  test('the second word of another person begins it, and both stand in it', () => {
    const said = say([orderOf(line, second)], 'merged', { voices: [first] })
    expect(said.record).toMatchObject({ state: 'canary', data: { rollout: { agreed: [{ voices: [{ id: 21 }, { id: 22 }] }] } } })
  })

  test('an approval of the same commit and proof is such a word', () => {
    const said = say([orderOf(line, second)], 'merged', { voices: [voiceOf()] })
    expect(said.record).toMatchObject({
      state: 'canary',
      data: {
        rollout: {
          agreed: [
            {
              voices: [
                { id: 21, plan: null },
                { id: 22, plan },
              ],
            },
          ],
        },
      },
    })
  })

  test('both words in one look begin it', () => {
    const both = say([orderOf(line, { need: 2 }), orderOf(line, second)], 'merged')
    expect(both.record).toMatchObject({ state: 'canary', data: { rollout: { approval: { login: 'second' } } } })
  })

  test('a word of the same look that was refused after all does not count', () => {
    const both = say([orderOf(`/promote 10 plan:${plan}`, { need: 2 }), orderOf(line, second)], 'merged')
    expect(both).toMatchObject({ answer: expect.stringContaining('1 of 2'), record: { state: 'merged', data: { voices: [{ id: 22 }] } } })
  })

  test('one person twice is one person', () => {
    const twice = say([orderOf(line, { need: 2 }), orderOf(line, { need: 2 })], 'merged')
    expect(twice.record).toMatchObject({ state: 'merged', data: { rollout: null, voices: [{ id: 21 }] } })
    expect(twice.record.data.voices).toHaveLength(1)
  })

  test.each<[string, Partial<Voice>]>([
    ['another plan', { plan: '0'.repeat(32) }],
    ['another proof', { basis: '7'.repeat(64), plan }],
  ])('a word for %s counts for nothing, whatever the policy said', (_what, of) => {
    const said = say([orderOf(line, second)], 'merged', { voices: [voiceOf(of)] })
    expect(said).toMatchObject({ answer: expect.stringContaining('1 of 2'), record: { state: 'merged' } })
  })

  test('a word for a plan that has changed is refused and kept nowhere', () => {
    const stale = say([orderOf(`/promote plan:${'0'.repeat(32)}`, { ...second, id: 23 })], 'merged', { voices: [first] })
    expect(stale).toMatchObject({ done: false, record: { state: 'merged', data: { voices: [first] } } })
  })
})

describe('/approve', () => {
  test('is noted, and moves nothing', () => {
    const said = say([orderOf('/approve', { need: 2 })], 'ready')
    expect(said).toMatchObject({ done: true, record: { state: 'ready', data: { voices: [{ id: 21, plan: null, head: HEAD, basis: BASIS }] } } })
    expect(said.answer).toContain('1 of 2')
  })

  test('its reason is kept', () => {
    const said = say([orderOf('/approve\nreason: the fix is urgent')], 'ready')
    expect(said.record.data.voices).toMatchObject([{ reason: 'the fix is urgent' }])
  })

  test.each<ReleaseState>(['abandoned', 'rolled_back', 'ga'])('in %s there is nothing to approve', (state) => {
    expect(say([orderOf('/approve')], state)).toMatchObject({ done: false, record: { data: { voices: [] } } })
  })

  test('falls with a new head commit, also when the old one comes back (T25, T26)', () => {
    const moved = next(
      recordOf({ state: 'ready' }, { voices: [voiceOf()] }),
      factsOf(fullOf({ pull: pullOf({ head: { ...pullOf().head, sha: OTHER_HEAD } }) })),
    )
    expect((moved.record.data as ReleaseData).voices).toEqual([])
  })
})

describe('/waive', () => {
  const body = '/waive slo 3d a drill spent the budget'
  const second = { login: 'second', id: 22, counted: [21, 22], need: 2 }
  const first = voiceOf({ waive: { gate: 'slo', days: 3 }, reason: 'a drill spent the budget' })

  test('one word is noted, and waives nothing, whatever the policy said', () => {
    const said = say([orderOf(body, { need: 1 })], 'proving')
    expect(said).toMatchObject({ done: true, answer: expect.stringContaining('1 of 2'), record: { data: { waivers: [], voices: [{ id: 21 }] } } })
  })

  test('the same word of another person grants it, for that commit, with an end and an issue', () => {
    const pull = { pull: pullOf() }
    const step = next(recordOf({ state: 'proving' }, { voices: [first] }), factsOf(fullOf({ orders: [orderOf(body, second)], ...pull })))
    const of = { gate: 'slo', head: HEAD, grantedAt: NOW, expiresAt: NOW + 3 * 86_400_000, grantedBy: [{ id: 21 }, { id: 22 }] }
    expect((step.record.data as ReleaseData).waivers).toMatchObject([of])
    expect(step.intents).toContainEqual(expect.objectContaining({ kind: 'issue.open', key: '7#3/waiver/1' }))
    expect(step.events).toContainEqual(expect.objectContaining({ type: 'waiver' }))
  })

  test.each<[string, Partial<Voice>]>([
    ['another gate', { waive: { gate: 'hardening', days: 3 } }],
    ['other days', { waive: { gate: 'slo', days: 4 } }],
    ['another commit', { head: OTHER_HEAD }],
    ['an approval', { waive: null }],
  ])('a word for %s is no second one', (_what, over) => {
    const said = say([orderOf(body, second)], 'proving', { voices: [{ ...first, ...over }] })
    expect(said).toMatchObject({ answer: expect.stringContaining('1 of 2'), record: { data: { waivers: [] } } })
  })

  test('what is waived is not waived again before it is over', () => {
    const granted = { gate: 'slo', reason: 'x', head: HEAD, grantedBy: [first, first], grantedAt: 0, expiresAt: NOW + 1 } as const
    const waivers = [{ ...granted, grantedBy: [...granted.grantedBy] }]
    expect(say([orderOf(body, second)], 'proving', { voices: [first], waivers })).toMatchObject({
      done: false,
      answer: expect.stringContaining('already'),
    })
  })
})

describe('/rollback', () => {
  const order = orderOf('/rollback checkout answers 500')

  test.each<[ReleaseState, Partial<ReleaseData>]>([
    ['canary', CANARY],
    ['canary', { rollout: rolloutOf(), rollouts: 1 }],
    ['held', HELD],
    ['full', { rollout: rolloutOf({ step: 100, stage: 'shifting', startedAt: NOW }), rollouts: 1 }],
    ['baking', { rollout: rolloutOf({ step: 100, stage: 'baking', startedAt: NOW, shiftedAt: NOW }), rollouts: 1 }],
    ['ga', { rollout: rolloutOf({ step: 100, stage: 'done', startedAt: NOW, shiftedAt: NOW }), rollouts: 1 }],
  ])('in %s it takes everything back at once', (state, data) => {
    const { record, done } = say([order], state, data)
    expect(done).toBe(true)
    expect(record).toMatchObject({ state: 'rolling_back', data: { held: null, rollout: { stage: 'withdrawing', why: { code: 'manual' } } } })
    expect(record.data.rollout?.why?.sentence).toContain('approver said so: checkout answers 500')
  })

  test('with no verdict, no readable gate and no merge it still goes back', () => {
    const full = fullOf({ orders: [order], verdicts: [], pull: pullOf({ draft: true }) })
    expect(next(recordOf({ state: 'canary' }, CANARY), factsOf(full)).record.state).toBe('rolling_back')
  })

  test.each<[ReleaseState, Partial<ReleaseData>, string]>([
    ['ready', {}, 'no traffic has moved'],
    ['merged', {}, 'no traffic has moved'],
    ['rolling_back', WITHDRAWING, 'already rolled back'],
    ['rolled_back', WITHDRAWN, 'already rolled back'],
  ])('in %s there is nothing to take back', (state, data, why) => {
    expect(say([order], state, data)).toMatchObject({ done: false, answer: expect.stringContaining(why), record: { state } })
  })
})

describe('/hold and /resume', () => {
  test.each<[ReleaseState, Partial<ReleaseData>]>([
    ['proving', {}],
    ['merged', {}],
    ['canary', CANARY],
    ['baking', { rollout: rolloutOf({ step: 100, stage: 'baking', startedAt: NOW, shiftedAt: NOW }), rollouts: 1 }],
  ])('%s is held, and goes on where it was', (state, data) => {
    const held = say([orderOf('/hold the vendor is asked')], state, data)
    expect(held).toMatchObject({
      done: true,
      record: { state: 'held', data: { held: { reason: 'the vendor is asked', owner: 'approver', at: NOW } } },
    })
    const resumed = say([orderOf('/resume')], 'held', held.record.data, state !== 'proving')
    expect(resumed).toMatchObject({ done: true, record: { data: { held: null } } })
    expect(['held', 'draft']).not.toContain(resumed.record.state)
  })

  test.each<[ReleaseState, Partial<ReleaseData>, string]>([
    ['draft', {}, 'is a draft'],
    ['held', HELD, 'second already holds it'],
    ['rolling_back', WITHDRAWING, 'has ended'],
    ['rolled_back', WITHDRAWN, 'has ended'],
    ['ga', {}, 'has ended'],
    ['abandoned', {}, 'has ended'],
  ])('/hold in %s is refused with an answer, and moves nothing', (state, data, why) => {
    expect(say([orderOf('/hold the vendor is asked')], state, data)).toMatchObject({ done: false, answer: expect.stringContaining(why) })
  })

  test('/resume of what is not held is refused', () => {
    expect(say([orderOf('/resume')], 'canary', CANARY)).toMatchObject({ done: false, answer: 'Nothing was done: it is not held.' })
  })
})

describe('/rerun', () => {
  test('before the merge it asks the agents again', () => {
    expect(say([orderOf('/rerun policy_ci')], 'ready')).toMatchObject({ done: true, record: { data: { reruns: { P0: { times: 1, at: NOW } } } } })
  })

  test.each([
    ['slo', ['P1']],
    ['P1', ['P1']],
    ['P0', ['P0']],
    ['all', ['P0', 'P1']],
    ['all_required_gates', ['P0', 'P1']],
  ])('/rerun %s starts %j and nothing else', (target, phases) => {
    const { record, answer } = say([orderOf(`/rerun ${target}`)], 'ready')
    expect(Object.keys(record.data.reruns)).toEqual(phases)
    expect(answer).toContain(phases.join(' and '))
  })

  test.each(['dr', 'P5', 'P6'])('/rerun %s, which no agent looks for, is refused', (target) => {
    expect(say([orderOf(`/rerun ${target}`)], 'ready')).toMatchObject({ done: false, record: { data: { reruns: {} } } })
  })

  test.each<[ReleaseState, Partial<ReleaseData>, boolean]>([
    ['merged', {}, true],
    ['canary', CANARY, true],
    ['abandoned', {}, false],
  ])('in %s it is refused', (state, data, merged) => {
    expect(say([orderOf('/rerun all')], state, data, merged)).toMatchObject({ done: false, record: { data: { reruns: {} } } })
  })
})

test('/release on a release pull request is refused: which one is meant?', () => {
  expect(say([orderOf('/release v3.0.0')], 'canary', CANARY)).toMatchObject({
    done: false,
    answer: expect.stringContaining('Ask for v3.0.0 on an issue'),
  })
})

describe('every command', () => {
  test('of somebody who may not does nothing and says why', () => {
    for (const body of [lineOf(100), '/rollback it is slow', '/hold it is slow', '/resume', '/rerun all', '/help']) {
      const { done, answer, record, reactions } = say([orderOf(body, { denied: true })], 'canary', CANARY)
      expect([done, record.state, reactions]).toEqual([false, 'canary', ['confused']])
      expect(answer).toContain('not-named')
    }
  })

  test('that is misspelt or malformed is answered', () => {
    for (const body of ['/promte 10', '/hold', '/waive hardening', '/break-glass'])
      expect(say([orderOf(body)], 'merged')).toMatchObject({ done: false, reactions: ['confused'] })
  })

  test('/help and /status are answered with a rocket', () => {
    expect(say([orderOf('/help')], 'proving').answer).toContain('/promote')
    expect(say([orderOf('/status')], 'proving')).toMatchObject({ done: true, reactions: ['rocket'] })
  })

  test('stands in the ledger with who said it, in which role', () => {
    const story = new Story()
    story.look(fullOf({ orders: [orderOf('/status')] }))
    expect(story.events.find((event) => event.type === 'command.done')?.data).toMatchObject({
      actor: 'approver',
      actor_id: 21,
      role: 'maintain',
      command: '/status',
    })
  })
})

test('of many answers the last are kept, newest last', () => {
  const orders = Array.from({ length: KEPT_ANSWERS + 5 }, () => orderOf('/status'))
  const { record } = say(orders, 'proving')
  expect(record.data.answers).toHaveLength(KEPT_ANSWERS)
  expect(record.data.answers.at(-1)?.nodeId).toBe(orders.at(-1)?.comment.nodeId)
})
