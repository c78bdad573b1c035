import { describe, expect, test } from 'vitest'
import { ZodError } from 'zod'
import { ReleaseError } from '../../../app/release/error.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import { checkTransition, dataOf, emptyData, FINAL, isHoldable, TRANSITIONS } from '../../../app/release/state.ts'
import { NOW, recordOf, rolloutOf, voiceOf } from '../../support/release.ts'

const STATES = Object.keys(TRANSITIONS) as ReleaseState[]

function went(from: ReleaseState, to: ReleaseState): unknown {
  try {
    return checkTransition(from, to)
  } catch (error) {
    return error instanceof ReleaseError ? { name: error.name, code: error.code } : error
  }
}

test.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))('%s to %s is allowed exactly when the table says so', (from, to) => {
  const allowed = from === to || TRANSITIONS[from].includes(to)
  expect(went(from, to)).toEqual(allowed ? to : { name: 'ReleaseError', code: 'no-such-transition' })
})

test('an error of the release keeps its cause', () => {
  const cause = new Error('below')
  expect(new ReleaseError('incomplete', 'x', { cause })).toMatchObject({ code: 'incomplete', cause })
})

describe('the table', () => {
  test('traffic never moves before the merge, and never again after the way back', () => {
    const moving: readonly ReleaseState[] = ['stage', 'canary', 'full', 'baking', 'ga']
    for (const state of ['draft', 'proving', 'ready', 'rolling_back', 'rolled_back', 'abandoned'] as const)
      expect(TRANSITIONS[state].filter((to) => moving.includes(to))).toEqual([])
  })

  test('every state with traffic can go back', () => {
    for (const state of ['stage', 'canary', 'full', 'baking', 'ga', 'held'] as const) expect(TRANSITIONS[state]).toContain('rolling_back')
  })

  test('what may be held comes out of the hold again', () => {
    for (const state of STATES.filter(isHoldable)) expect(TRANSITIONS.held).toContain(state)
    expect(STATES.filter(isHoldable)).toEqual(['proving', 'ready', 'merged', 'stage', 'canary', 'full', 'baking'])
  })

  test('from a final state nothing leads on but a rollback of ga, and a pull request that is opened again', () => {
    const left = FINAL.map((state) => [state, TRANSITIONS[state]])
    expect(Object.fromEntries(left)).toEqual({ ga: ['closed', 'rolling_back'], closed: [], rolled_back: [], abandoned: ['proving'] })
  })
})

describe('the data', () => {
  test('what is empty and what is full survive the store', () => {
    expect(dataOf(recordOf())).toEqual(emptyData(NOW))
    const record = recordOf({}, { rollout: rolloutOf(), rollouts: 1, voices: [voiceOf()] })
    expect(dataOf({ ...record, data: structuredClone(record.data) })).toEqual(record.data)
  })

  test.each([
    ['an unknown key', { ...emptyData(NOW), extra: 1 }],
    ['a missing key', { headSince: NOW }],
    ['a time before time', { ...emptyData(NOW), headSince: -1 }],
    ['a rollout without steps', { ...emptyData(NOW), rollout: { ...rolloutOf(), steps: [] } }],
    ['a stage that does not exist', { ...emptyData(NOW), rollout: { ...rolloutOf(), stage: 'flying' } }],
  ])('%s is refused', (_what, data) => {
    expect(() => dataOf({ ...recordOf(), data })).toThrow(ZodError)
  })
})
