import { describe, expect, test } from 'vitest'
import { declaredOf } from '../../gates/declared.ts'
import { evaluate, type EvaluateInput } from '../../gates/evaluate.ts'
import type { Gate } from '../../gates/gate.ts'
import { worst } from '../../gates/statement.ts'
import { built, codes, evaluation, healthy, narrowed, receipt, response, type Response } from './case.ts'

const COMMIT = 'c'.repeat(40)
const hardening = narrowed('hardening')

/** Hardening, as it would be if it also read a topic of its own. */
const both: Gate = {
  ...hardening,
  reads: ['images', 'charts'],
  decide(input) {
    const decisions = input.evidence
      .keys()
      .map((topic) => hardening.decide({ ...input, evidence: new Map([[topic === 'charts' ? 'images' : topic, input.evidence.get(topic) ?? []]]) }))
    return worst([...decisions], { code: 'hardening.not-measured', message: 'm', next: 'n' })
  },
}

const absent = (topic: string) => ({ topic, reason: 'no cluster', by: '@acme/leads', commit: COMMIT })
const charts = (change: Partial<Response['predicate']> = {}) => response('hardening', { topic: 'charts', ...change }, 'chart-reader')

function asked(evidence: readonly Response[], change: Partial<EvaluateInput> = {}) {
  return evaluate(both, evaluation([...evidence, receipt(both, ['specimen', 'chart-reader'])], change))
}

/** As an agent says it that found none. */
function foundNone(): Response {
  const { predicate } = charts()
  const verdicts = predicate.response.verdicts.map((verdict) => ({
    ...verdict,
    verdict: 'indeterminate' as const,
    measured: verdict.measured && { ...verdict.measured, n: 0 },
    reasons: [{ code: 'hardening.not-measured' as const, message: 'none', next: 'n' }],
  }))
  return charts({ response: { ...predicate.response, verdicts } })
}

test('a topic is required until it is declared absent; then it is not asked for, and the pass says by whose leave', () => {
  expect(asked([response('hardening'), charts()]).verdict).toBe('pass')
  expect(codes(asked([response('hardening'), foundNone()]))).toEqual(['hardening.not-measured'])
  const verdict = asked([response('hardening'), foundNone()], { absentTopics: [absent('charts')] })
  expect(verdict).toMatchObject({
    verdict: 'pass',
    reasons: [{ code: 'gate.declared-not-applicable', message: `charts not applicable: no cluster, declared by @acme/leads at ${COMMIT}` }],
  })
})

test('an agent that could not look at what is declared absent blocks nobody; one that did not speak does', () => {
  const { predicate } = foundNone()
  const blocked = charts({ response: { ...predicate.response, result: 'blocked', verdicts: [] } })
  expect(asked([response('hardening'), blocked]).verdict).toBe('indeterminate')
  expect(asked([response('hardening'), blocked], { absentTopics: [absent('charts')] }).verdict).toBe('pass')
  expect(codes(asked([response('hardening')], { absentTopics: [absent('charts')] }))).toEqual(['gate.evidence-absent'])
})

describe('never a pass', () => {
  test('what is declared absent was found', () => {
    const verdict = asked([response('hardening'), charts()], { absentTopics: [absent('charts')] })
    expect([verdict.verdict, codes(verdict)]).toEqual(['fail', ['gate.declaration-contradicted']])
    expect(verdict.reasons[0]?.message).toContain('chart-reader looked at 3')
  })

  test.each([
    ['a topic that the gate does not read', ['chart'], 'it asks for images, charts'],
    ['all it reads', ['charts', 'images'], 'declare `not_applicable.hardening` itself'],
  ])('%s is declared absent', (_what, topics, words) => {
    const verdict = asked([response('hardening'), foundNone()], { absentTopics: topics.map(absent) })
    expect([verdict.verdict, codes(verdict)]).toEqual(['fail', ['gate.policy-invalid']])
    expect(verdict.reasons[0]?.message).toContain(words)
  })

  test('the rest of the gate is red', () => {
    const found = { rule: 'image.user-root', severity: 'error' as const, message: 'root', next: 'Add USER.' }
    expect(asked([response('hardening', { findings: [found] }), foundNone()], { absentTopics: [absent('charts')] }).verdict).toBe('fail')
    expect(evaluate(built('hardening'), { ...healthy('hardening'), absentTopics: [absent('images')] }).verdict).toBe('fail')
  })
})

test('the config names a gate, or a topic of it', () => {
  const not = { reason: 'none here', by: '@a' as const }
  expect(declaredOf({ agents: [], not_applicable: { 'hardening.images': not, 'hardening.charts': not, slo: not } }, hardening)).toEqual({
    not_applicable: null,
    absent_topics: [
      { topic: 'charts', ...not },
      { topic: 'images', ...not },
    ],
    own_topics: [],
  })
  expect(declaredOf({ agents: [], not_applicable: { hardening: not, 'slo.logs': not } }, hardening)).toEqual({
    not_applicable: not,
    absent_topics: [],
    own_topics: [],
  })
})

const board = (change: Partial<Response['predicate']> = {}) => response('hardening', { topic: 'board', ...change }, 'licence-board')
const decided = (evidence: readonly Response[]) =>
  evaluate(hardening, evaluation([response('hardening'), ...evidence, receipt(hardening)], { ownTopics: ['board'] }))

describe('an agent of the adopter’s own', () => {
  test('the topic it feeds is required, and a pass of it lets the gate decide', () => {
    expect(codes(decided([]))).toEqual(['gate.evidence-absent'])
    expect(decided([board()]).verdict).toBe('pass')
    expect(evaluate(hardening, evaluation([response('hardening'), receipt(hardening)])).verdict).toBe('pass')
  })

  test('its opinion lowers the gate, and never raises it', () => {
    const { predicate } = board()
    const opinion = (verdict: 'fail' | 'indeterminate') => ({
      ...predicate.response,
      verdicts: predicate.response.verdicts.map((one) => ({
        ...one,
        verdict,
        reasons: [{ code: 'gate.agent-objects' as const, message: 'two are open', next: 'Close them.' }],
      })),
    })
    expect(decided([board({ response: opinion('fail') })])).toMatchObject({ verdict: 'fail', reasons: [{ code: 'gate.agent-objects' }] })
    expect(decided([board({ response: opinion('indeterminate') })]).verdict).toBe('indeterminate')
    expect(decided([board({ response: { ...predicate.response, verdicts: [] } })]).verdict).toBe('indeterminate')
    expect(decided([board({ response: { ...predicate.response, result: 'fail' } })])).toMatchObject({ reasons: [{ code: 'gate.agent-not-ok' }] })
    const found = { rule: 'image.user-root', severity: 'error' as const, message: 'root', next: 'Add USER.' }
    const red = evaluate(hardening, evaluation([response('hardening', { findings: [found] }), board(), receipt(hardening)], { ownTopics: ['board'] }))
    expect(red.verdict).toBe('fail')
  })
})
