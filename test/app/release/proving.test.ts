import { describe, expect, test } from 'vitest'
import { GATES } from '../../../gates/index.ts'
import { Draft } from '../../../app/release/draft.ts'
import { evidenceKey, evidenceRunning, prove } from '../../../app/release/proving.ts'
import type { ReleaseData } from '../../../app/release/state.ts'
import { runOf } from '../../support/release-ports.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { ReleaseRecord } from '../../../app/release/ports.ts'
import {
  factsOf,
  fullOf,
  HEAD,
  MERGED,
  NOW,
  OTHER_HEAD,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  SETTINGS,
  verdictOf,
  verdictsOf,
} from '../../support/release.ts'

const WANTING = fullOf({ verdicts: verdictsOf('indeterminate') })
const DEADLINE = NOW + SETTINGS.evidenceDeadlineMs

function proved(full: FullFacts, record: ReleaseRecord = recordOf(), now = NOW, rows: Parameters<typeof factsOf>[1] = {}): Draft {
  const facts = factsOf(full, { now, ...rows })
  const draft = new Draft(record, facts.outbox)
  prove(draft, facts, full)
  return draft
}

test('absent evidence is asked for once, on the release branch, by a key the run can be found by (T22)', () => {
  const draft = proved(WANTING)
  const key = evidenceKey(draft, WANTING, 'P0')
  expect(draft.intents).toEqual([
    { kind: 'workflow.dispatch', key, workflow: 'release-conductor.yml', ref: 'release/v2.0.0', inputs: { phase: 'P0', pull: '3', key } },
  ])
  const [asked] = draft.intents
  if (asked === undefined) throw new Error('nothing was asked')
  for (const row of [rowOf(asked), rowOf(asked, { id: 9 }), rowOf(asked, null, { state: 'failed' })])
    expect(proved(WANTING, recordOf(), NOW, { rows: [row] }).intents).toEqual([])
})

test('the key tells head, inputs and wish apart, and nothing else', () => {
  const keys = [
    evidenceKey(proved(WANTING), WANTING, 'P0'),
    evidenceKey(proved(WANTING, recordOf({ head: OTHER_HEAD })), WANTING, 'P0'),
    evidenceKey(proved(WANTING, recordOf({}, { reruns: { P0: { times: 1, at: NOW } } })), WANTING, 'P0'),
    evidenceKey(proved(WANTING), { ...WANTING, inputs: { ...WANTING.inputs, pullRequest: '4'.repeat(64) } }, 'P0'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  expect(evidenceKey(proved(WANTING, recordOf({ state: 'ready' }), NOW + 5_000), WANTING, 'P0')).toBe(keys[0])
})

/** Phases that are asked for. */
function asked(verdicts: FullFacts['verdicts'], reruns: ReleaseData['reruns'] = {}): readonly unknown[] {
  const { intents } = proved(fullOf({ verdicts }), recordOf({}, { reruns }))
  return intents.map((effect) => (effect.kind === 'workflow.dispatch' ? effect.inputs['phase'] : effect.kind))
}

const IN_P1 = GATES.filter(({ phase }) => phase === 'P1').map(({ id }) => id)
const p1 = (outcome: 'indeterminate' | 'pass' | 'not_applicable') => IN_P1.map((id) => verdictOf(id, outcome))
const before = (outcome: 'indeterminate' | 'pass' | 'fail' | 'not_applicable') =>
  verdictsOf(outcome).filter(({ gate }) => !IN_P1.includes(gate) && gate !== 'all_required_gates')

describe('a phase comes after those it needs', () => {
  test('P1 is not asked for while a gate of P0 does not hold', () => {
    expect(asked([...before('indeterminate'), ...p1('indeterminate')])).toEqual(['P0'])
    expect(asked([...before('fail'), ...p1('indeterminate')])).not.toContain('P1')
  })

  test('it is asked for once they all hold, passed or declared to have no object', () => {
    expect(asked([...before('pass'), ...p1('indeterminate')])).toEqual(['P1'])
    expect(asked([...before('not_applicable'), ...p1('indeterminate')])).toEqual(['P1'])
    expect(asked([...before('pass'), ...p1('pass')])).toEqual([])
  })

  test('a wish runs its own phase again, but none whose gates are all declared to have no object', () => {
    const once = { times: 1, at: NOW }
    expect(asked([...before('pass'), ...p1('pass')], { P0: once, P1: once })).toEqual(['P0', 'P1'])
    expect(asked([...before('pass'), ...p1('pass')], { P0: once })).toEqual(['P0'])
    expect(asked([...before('pass'), ...p1('pass')], { P1: once })).toEqual(['P1'])
    expect(asked([...before('fail'), ...p1('pass')], { P1: once })).not.toContain('P1')
    expect(asked([...before('pass'), ...p1('not_applicable')], { P0: once, P1: once })).toEqual(['P0'])
  })
})

describe('nothing is asked', () => {
  test.each<[string, FullFacts, ReleaseRecord]>([
    ['when evidence is there', fullOf(), recordOf()],
    ['for a no that a run cannot cure', fullOf({ verdicts: [verdictOf('policy_ci', 'fail', 'policy_ci.findings')] }), recordOf()],
    ['of a draft', { ...WANTING, pull: pullOf({ draft: true }) }, recordOf({ state: 'draft' })],
    ['with a config that cannot be read', { ...WANTING, config: { ok: false, code: 'config.absent', message: 'none' } }, recordOf()],
    ['once traffic moves', { ...WANTING, pull: pullOf(MERGED) }, recordOf({ state: 'canary' }, { rollout: rolloutOf() })],
    ['after the merge', { ...WANTING, pull: pullOf(MERGED) }, recordOf({ state: 'merged' })],
    [
      'after the merge, although somebody presses re-run',
      { ...WANTING, pull: pullOf(MERGED), rerequested: ['policy_ci'] },
      recordOf({ state: 'merged' }),
    ],
  ])('%s', (_when, full, record) => {
    const draft = proved(full, record)
    expect(draft.intents).toEqual([])
    expect(draft.data.reruns).toEqual({})
  })
})

const runs = (rerequested: FullFacts['rerequested']): unknown[] =>
  proved(fullOf({ rerequested })).intents.flatMap((effect) =>
    effect.kind === 'workflow.dispatch' ? /(P\d)\/.*\/(\d+)$/.exec(effect.key)?.slice(1) : [],
  )

describe('a person who presses re-run gets a new run, although everything is proven', () => {
  test('of the phase that feeds the gate, once for all its gates, and of no other', () => {
    expect(runs(['hardening', 'policy_ci'])).toEqual(['P0', '1'])
    expect(runs(['slo'])).toEqual(['P1', '1'])
  })

  test('of all phases for the gate over gates', () => {
    expect(runs(['all_required_gates'])).toEqual(['P0', '1', 'P1', '1'])
  })
})

const rerun = (times: number) => recordOf({}, { reruns: { P0: { times, at: NOW } } })

const done = (key: string, id: number) => rowOf({ kind: 'workflow.dispatch', key, workflow: 'release-conductor.yml', ref: 'x', inputs: {} }, { id })

const keys = (draft: Draft): string[] => draft.intents.map(({ key }) => key)

test('inputs that come back after others were looked at are looked at again, once', () => {
  const stale = fullOf({
    verdicts: verdictsOf().map((verdict) =>
      verdict.gate === 'policy_ci' ? verdictOf('policy_ci', 'indeterminate', 'gate.evidence-stale') : verdict,
    ),
  })
  const others = { ...stale, inputs: { ...stale.inputs, pullRequest: '4'.repeat(64) } }
  const plain = proved(stale)
  const first = done(evidenceKey(plain, stale, 'P0'), 9)
  const second = done(evidenceKey(plain, others, 'P0'), 10)
  const runs = new Map([
    [9, runOf(9)],
    [10, runOf(10)],
  ])
  expect(keys(proved({ ...stale, runs }, recordOf(), NOW, { rows: [first] }))).toEqual([])
  const again = proved({ ...stale, runs }, recordOf(), NOW, { rows: [first, second] })
  expect(keys(again)).toEqual([expect.stringMatching(/\/1$/)])
  expect(again.data.reruns).toEqual({ P0: { times: 1, at: NOW } })
  const third = done(keys(again)[0] ?? '', 11)
  const settled = recordOf({}, { reruns: again.data.reruns })
  expect(keys(proved({ ...stale, runs: new Map([...runs, [11, runOf(11)]]) }, settled, NOW, { rows: [first, second, third] }))).toEqual([])
})

test('what was decided is not called running because a phase before it looks again', () => {
  const first = proved(fullOf({ verdicts: verdictsOf('pass') }), rerun(1))
  const p1 = evidenceKey(first, fullOf(), 'P1')
  const row = rowOf({ kind: 'workflow.dispatch', key: p1, workflow: 'release-conductor.yml', ref: 'x', inputs: {} }, { id: 9 })
  const full = fullOf({ runs: new Map([[9, runOf(9)]]) })
  const draft = proved(full, rerun(2), NOW, { rows: [row] })
  expect([evidenceRunning(draft, full, 'P0'), evidenceRunning(draft, full, 'P1')]).toEqual([true, false])
  expect(evidenceRunning(proved(full, rerun(2)), full, 'P1')).toBe(true)
})

describe('the next look', () => {
  test('comes when the deadline has just passed', () => {
    expect(proved(WANTING).dueAt).toBe(DEADLINE + 1)
    expect(proved(WANTING, recordOf(), DEADLINE).dueAt).toBe(DEADLINE + 1)
  })

  test('is not timed any more once it has: nobody polls GitHub for evidence that does not come', () => {
    expect(proved(WANTING, recordOf(), DEADLINE + 1).dueAt).toBeNull()
    expect(proved(WANTING, recordOf(), DEADLINE + 60_000).dueAt).toBeNull()
  })

  test('comes later when somebody asked again: the wish gives the time again', () => {
    const asked = recordOf({}, { reruns: { P0: { times: 1, at: NOW + 500 }, P1: { times: 1, at: NOW + 500 } } })
    expect(proved(WANTING, asked).dueAt).toBe(DEADLINE + 501)
  })

  test('is not timed when nothing is awaited, and is when it was merged meanwhile', () => {
    expect(proved(fullOf()).dueAt).toBeNull()
    expect(proved({ ...WANTING, pull: pullOf(MERGED) }, recordOf({ state: 'merged', head: HEAD })).dueAt).toBe(DEADLINE + 1)
  })
})
