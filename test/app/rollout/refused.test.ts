import { describe, expect, test } from 'vitest'
import type { EnvironmentLock, EvidenceRow, LockChange } from '../../../app/release/ports.ts'
import { next } from '../../../app/release/next.ts'
import type { Schema } from '../../../app/release/before.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { decideAlone } from '../../../app/rollout/alone.ts'
import { stateOf } from '../../../app/rollout/steps.ts'
import {
  DIGESTS,
  deployedRow,
  factsOf,
  fullOf,
  MERGED,
  NOW,
  orderOf,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  samplesOf,
  schemaOf,
  SETTINGS,
  Story,
} from '../../support/release.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })
const BAKING: Partial<Rollout> = { stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW, digests: DIGESTS }
const OUTSIDE: Partial<Schema> = { live: 42, accepted: 'the table is gone' }
const BECAUSE = 'the live schema is 42, and v1.9.0 runs 40..41'

function at(schema: Partial<Schema> | null, over: Partial<Rollout> = {}): Story {
  const plain = rolloutOf({ ...BAKING, ...over })
  const policy = { ...plain.policy, messages: { start: [], breach: ['room'], ga: [] }, onCall: ['@acme/sre'] }
  const rollout: Rollout = { ...plain, policy, ...(schema !== null && { schema: schemaOf(schema) }) }
  const story = new Story(recordOf({ state: stateOf(rollout) }, { rollout, rollouts: 1 }))
  story.rows.set('7#3/seal/proven/1', rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null }))
  return story
}

function breached(story: Story): Story {
  story.now += 4_000
  story.tick(samplesOf(NOW, story.now, { share: 0.3 }))
  return story
}

const events = (story: Story, type: string) => story.events.filter((event) => event.type === type)
const weights = (story: Story) => story.effects('weight.set').map(({ percent }) => percent)

describe('a breach over a schema that the version before is known not to run', () => {
  test('changes nothing: the release is held with a code, the incident and the message name the roll-forward', () => {
    const story = breached(at(OUTSIDE))
    expect(weights(story)).toEqual([])
    expect(story.record.state).toBe('held')
    expect(story.data.held).toMatchObject({ from: 'canary', owner: 'release-conductor', code: 'rollback.schema-outside' })
    expect(story.data.rollout).toMatchObject({ stage: 'baking', refused: { code: 'slo_breach', because: BECAUSE } })
    expect(story.data.sentence).toContain(BECAUSE)
    expect(events(story, 'rollback.refused')).toMatchObject([{ data: { step: 10, code: 'slo_breach', live: 42, because: BECAUSE } }])
    expect(story.effects('issue.open')).toMatchObject([
      {
        key: '7#3/incident/1/refused',
        labels: ['incident'],
        body: expect.stringMatching(/new release branch from 111111111111[^]*For whoever is on call: @acme\/sre/),
      },
    ])
    expect(story.effects('message.send')).toMatchObject([{ key: '7#3/message/refused/1/room', text: expect.stringContaining('Roll forward') }])
  })

  test('is said once, and the judge keeps its word once, however often it is looked at', () => {
    const story = breached(breached(breached(at(OUTSIDE))))
    expect(events(story, 'rollback.refused')).toHaveLength(1)
    expect(story.data.rollout?.judged).toMatchObject([{ step: 10, decision: 'roll_back' }])
    expect(story.effects('issue.open')).toHaveLength(1)
    expect(weights(story)).toEqual([])
  })

  test('the status says what to do', () => {
    const story = breached(at(OUTSIDE))
    story.look(FULL, samplesOf(NOW, story.now, { share: 0.3 }))
    const body = story.effects('comment.write').at(-1)?.body ?? ''
    expect(body).toContain('There is no way back: the live schema is 42')
    expect(body).toMatch(/What happens next[^]*Roll forward/)
  })

  test('after resume it is refused again, and held again', () => {
    const story = breached(at(OUTSIDE))
    story.look({ ...FULL, orders: [orderOf('/resume')] }, samplesOf(NOW, story.now, { share: 0.3 }))
    expect(story.record.state).toBe('held')
    expect(weights(story)).toEqual([])
    expect(events(story, 'rollback.refused')).toHaveLength(1)
  })

  test('goes home by itself once a job says, signed, that the schema is back', () => {
    const story = breached(at(OUTSIDE))
    const evidence: EvidenceRow[] = [deployedRow(5, { schema: { live: 41 }, made_at: new Date(story.now).toISOString() })]
    story.look({ ...FULL, evidence }, samplesOf(NOW, story.now, { share: 0.3 }))
    expect(story.record.state).toBe('rolling_back')
    expect(weights(story)).toEqual([0])
    expect(story.data.rollout?.refused).toBeUndefined()
    expect(story.data.held).toBeNull()
  })

  test('is over when the schema is back and it is well: it goes on with its environment', () => {
    const story = at(OUTSIDE)
    story.look({ ...FULL, orders: [orderOf('/rollback customers see errors')] }, samplesOf(NOW, NOW))
    expect(story.record.state).toBe('held')
    const evidence: EvidenceRow[] = [deployedRow(5, { schema: { live: 41 }, made_at: new Date(story.now + 1).toISOString() })]
    story.look({ ...FULL, evidence, orders: [orderOf('/resume')] }, samplesOf(NOW, NOW))
    expect(story.record.state).toBe('canary')
    expect(story.data.rollout).not.toHaveProperty('refused')
    expect(looked(story, lock('7#3', 'v2.0.0'), 0)).toMatchObject({ kind: 'keep' })
  })

  test('takes nothing from the release that rolls forward, though the schema is back by then', () => {
    const story = breached(at(OUTSIDE))
    const evidence: EvidenceRow[] = [deployedRow(5, { schema: { live: 41 }, made_at: new Date(story.now).toISOString() })]
    const full = { ...FULL, evidence, orders: [orderOf('/rollback customers see errors')] }
    const facts = factsOf(full, { now: story.now, rows: [...story.rows.values()], locks: [lock('7#4', 'v2.0.1')] })
    const step = next(story.record, facts)
    expect(step.record.state).toBe('closed')
    expect(step.intents.filter(({ kind }) => kind === 'weight.set')).toEqual([])
  })

  test('without the store it is held as well', () => {
    const { record } = at(OUTSIDE)
    const samples = samplesOf(NOW, NOW + 4_000, { share: 0.3 })
    expect(decideAlone({ record, outbox: [], samples }, NOW + 4_000, SETTINGS)).toBeNull()
    expect(decideAlone({ record: at({}).record, outbox: [], samples }, NOW + 4_000, SETTINGS)).toMatchObject({ code: 'slo_breach' })
  })
})

test.each<[string, Partial<Schema> | null]>([
  ['the live schema is one that the version before runs', {}],
  ['nobody said which schema is live', { live: null }],
  ['what the version before runs is not known', { live: 42, before: null }],
  ['no schema file is in the config', null],
])('a breach goes home at once when %s', (_when, schema) => {
  const story = breached(at(schema))
  expect(story.record.state).toBe('rolling_back')
  expect(weights(story)).toEqual([0])
  expect(events(story, 'rollback.refused')).toEqual([])
})

test('a canary that never had traffic goes back whatever the schema is: nobody loses anything', () => {
  const story = at(OUTSIDE, { stage: 'deploying', startedAt: null, shiftedAt: null, digests: null })
  story.now += 90_000
  story.tick()
  expect(story.record.state).toBe('rolling_back')
})

describe('the command', () => {
  test('is refused with the roll-forward, before anything changes', () => {
    const story = at(OUTSIDE)
    story.look({ ...FULL, orders: [orderOf('/rollback customers see errors')] })
    expect(weights(story)).toEqual([])
    expect(story.data.answers.at(-1)).toMatchObject({
      done: false,
      answer: expect.stringMatching(/^Nothing was changed: the live schema is 42.*Roll forward/),
    })
    expect(story.record.state).toBe('held')
  })

  test('after everyone is served too; that release stays what it is', () => {
    const story = at(OUTSIDE, { stage: 'done', step: 100 })
    story.record = { ...story.record, state: 'ga' }
    story.look({ ...FULL, orders: [orderOf('/rollback customers see errors')] })
    expect(weights(story)).toEqual([])
    expect(story.record.state).toBe('ga')
    expect(story.effects('issue.open')).toMatchObject([{ key: '7#3/incident/1/refused' }])
    expect(events(story, 'rollback.refused')).toMatchObject([{ data: { code: 'manual' } }])
  })

  test('rests on what another release said of the schema since', () => {
    const story = at({})
    story.look({ ...FULL, live: { prod: { live: 42, at: NOW } }, orders: [orderOf('/rollback customers see errors')] })
    expect(story.data.answers.at(-1)).toMatchObject({ done: false })
  })
})

const lock = (release: string, version: string): EnvironmentLock => ({ environment: 'prod', release, version, rollout: 1, since: NOW, fence: 4 })
const looked = (story: Story, own: EnvironmentLock, share = 0.3): LockChange | null =>
  next(story.record, factsOf(null, { now: story.now, rows: [...story.rows.values()], samples: samplesOf(NOW, story.now, { share }), locks: [own] }))
    .lock

describe('the environment', () => {
  test('is free for the release that rolls forward', () => {
    const story = breached(at(OUTSIDE))
    expect(looked(story, lock('7#3', 'v2.0.0'))).toMatchObject({ kind: 'free', fence: 4 })
    expect(looked(breached(at({})), lock('7#3', 'v2.0.0'))).toMatchObject({ kind: 'keep' })
  })

  test('is left to it: from then on nothing of this one moves traffic', () => {
    const story = breached(at(OUTSIDE))
    const facts = factsOf(null, { now: story.now, rows: [...story.rows.values()], locks: [lock('7#4', 'v2.0.1')] })
    const step = next(story.record, facts)
    expect(step.record.state).toBe('closed')
    expect(step.record.data['rollout']).toMatchObject({ stage: 'left' })
    expect(step.intents.filter(({ kind }) => kind === 'weight.set')).toEqual([])
    const again = next(step.record, { ...facts, now: story.now + 100_000 })
    expect([again.record.state, again.intents]).toEqual(['closed', []])
  })
})

describe('a step whose migration would leave no way back', () => {
  const deploying: Partial<Rollout> = { stage: 'deploying', startedAt: null, shiftedAt: null, digests: null }
  const answered = (schema: Partial<Schema>, told: { live: number; becomes?: number }): Story => {
    const story = at(schema, deploying)
    for (let turn = 0; turn < 2; turn++) {
      story.look(FULL)
      story.carryOut()
    }
    const run = story.rows.get('7#3/rollout/1/prod/10/run')?.outcome?.id ?? -1
    story.look({ ...FULL, evidence: [deployedRow(run, { schema: told, made_at: new Date(NOW + 1).toISOString() })] })
    return story
  }

  test.each<[string, Partial<Schema>, { live: number; becomes?: number }, RegExp | null]>([
    ['it has run', {}, { live: 42 }, /^Hold before 10 %: the live schema is 42, and v1.9.0 runs 40..41$/],
    ['it is to come', {}, { live: 41, becomes: 42 }, /^Hold before 10 %: the schema becomes 42/],
    ['it has not gone far enough for this version', {}, { live: 40 }, /^Hold before 10 %: the live schema is 40, and this version runs 41..42$/],
    ['that is accepted', { accepted: 'the table is gone' }, { live: 42 }, null],
    ['it leaves one', {}, { live: 41 }, null],
  ])('gets no traffic: %s', (_what, schema, told, words) => {
    const story = answered(schema, told)
    expect(weights(story)).toEqual(words === null ? [10] : [])
    expect(words === null ? '' : story.data.sentence).toMatch(words ?? /^$/)
  })

  test('is not even deployed when it is known before', () => {
    const story = at({ becomes: 42 }, { stage: 'deploying', step: 50, shiftedAt: null })
    story.look(FULL, samplesOf(NOW, story.now))
    expect(story.data.sentence).toMatch(/^Hold before 50 %: the schema becomes 42/)
    expect(story.effects('deployment.create')).toEqual([])
    story.now += 90_000
    story.tick(samplesOf(NOW, story.now))
    expect(story.data.rollout?.why?.sentence).toMatch(/there was no way back \(the schema becomes 42/)
  })
})
