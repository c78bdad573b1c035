import { describe, expect, test } from 'vitest'
import { REQUIRED_FOR_MERGE } from '../../gates/all-required-gates.ts'
import { Verdict } from '../../evidence/model/verdict.ts'
import { evaluate } from '../../gates/evaluate.ts'
import type { Gate } from '../../gates/gate.ts'
import { GATES } from '../../gates/index.ts'
import { SPECIMEN_NOW, specimenVerdict } from '../../gates/specimen.ts'
import { built, codes, CURRENT, evaluation, healthy, narrowed, receipt, response, type Response } from './case.ts'

const policyCi = narrowed('policy_ci')
const hardening = narrowed('hardening')
const OTHER = 'c'.repeat(40)

describe.each(GATES.map((gate) => [gate.id, gate] as const))('%s', (id, gate) => {
  test('passes on healthy evidence, says what was measured, and cites it', () => {
    const input = healthy(id)
    const verdict = evaluate(gate, input)
    expect(verdict).toMatchObject({
      gate: id,
      verdict: 'pass',
      env: 'all',
      sha: input.subject.sha,
      agent: `gate:${id}`,
      at: '2026-01-15T12:00:00.000Z',
    })
    expect(verdict.measured?.n).toBeGreaterThan(0)
    expect(verdict.evidence.map((ref) => ref.sha256)).toEqual(expect.arrayContaining(input.evidence.map((one) => one.digest)))
    expect(Verdict.parse(verdict)).toEqual(verdict)
  })

  test('no evidence at all, no receipt, another version’s receipt, another commit’s: indeterminate', () => {
    const input = healthy(id)
    expect(evaluate(gate, { ...input, evidence: [] }).verdict).toBe('indeterminate')
    const without = evaluate(gate, { ...input, evidence: input.evidence.filter((one) => one.kind !== 'self-test') })
    expect([without.verdict, codes(without)]).toEqual(['indeterminate', ['gate.self-test-absent']])
    const older = evaluate({ ...gate, version: gate.version + 1 }, input)
    expect([older.verdict, codes(older)]).toEqual(['indeterminate', ['gate.self-test-absent']])
    expect(evaluate(gate, { ...input, subject: { ...input.subject, sha: OTHER } }).verdict).toBe('indeterminate')
  })

  test('a receipt with a case that came out wrong, or without one of its cases, is no receipt', () => {
    const input = healthy(id)
    const good = receipt(gate)
    const others = input.evidence.filter((one) => one.kind !== 'self-test')
    good.predicate.cases.forEach((_one, index) => {
      const got = good.predicate.cases.map((one, at) =>
        at === index ? { ...one, got: one.got === 'red' ? ('green' as const) : ('red' as const) } : one,
      )
      for (const cases of [got, good.predicate.cases.toSpliced(index, 1)]) {
        const verdict = evaluate(gate, { ...input, evidence: [...others, { ...good, predicate: { ...good.predicate, cases } }] })
        expect([verdict.verdict, codes(verdict)]).toEqual(['indeterminate', ['gate.self-test-failed']])
      }
    })
  })

  test('a policy that cannot be used fails, a throw blocks, a forged pass is no pass', () => {
    const bad = evaluate(gate, { ...healthy(id), policy: { unheard: 1 } })
    expect([bad.verdict, codes(bad)]).toEqual(['fail', ['gate.policy-invalid']])
    expect(bad.reasons[0]?.message).toContain(`gates.${id}`)
    const crash: Gate = {
      ...gate,
      decide() {
        throw new Error('boom')
      },
    }
    const crashed = evaluate(crash, healthy(id))
    expect([crashed.verdict, codes(crashed)]).toEqual(['indeterminate', ['gate.crashed']])
    const forged: Gate = { ...gate, decide: () => ({ verdict: 'pass', metrics: { errors: Number.NaN }, thresholds: {}, measured: null }) as never }
    expect(codes(evaluate(forged, healthy(id)))).toEqual(['gate.crashed'])
  })
})

test('absent, late and rejected are told apart', () => {
  const input = evaluation([receipt(policyCi)])
  expect(evaluate(policyCi, input)).toMatchObject({
    verdict: 'indeterminate',
    reasons: [{ code: 'gate.evidence-absent', message: 'There is no evidence on commits, no statement of specimen' }],
  })
  expect(codes(evaluate(policyCi, { ...input, deadline: SPECIMEN_NOW - 1 }))[0]).toBe('gate.evidence-late')
  expect(codes(evaluate(policyCi, { ...input, deadline: SPECIMEN_NOW }))[0]).toBe('gate.evidence-absent')
  expect(codes(evaluate(policyCi, { ...input, rejections: 2 }))).toContain('gate.evidence-rejected')
  expect(evaluate(built('policy_ci'), { ...healthy('policy_ci'), rejections: 2 }).verdict).toBe('pass')
})

test('evidence of another commit is none: by its origin, and by what its verdicts speak of', () => {
  const foreign = response('policy_ci', {}, 'specimen', { sha: OTHER })
  const { predicate } = response('policy_ci')
  const verdicts = predicate.response.verdicts.map((verdict) => ({ ...verdict, sha: OTHER }))
  const mixed = response('policy_ci', { response: { ...predicate.response, verdicts } })
  for (const one of [foreign, mixed]) {
    const verdict = evaluate(policyCi, evaluation([one, receipt(policyCi)]))
    expect(codes(verdict)[0]).toBe('gate.evidence-absent')
    expect(verdict.reasons[0]?.message).toContain('another commit')
    expect(verdict.evidence.map((ref) => ref.sha256)).not.toContain(one.digest)
  }
})

test('an input that changed, that nobody knows, or that the evidence never saw, is stale', () => {
  for (const inputs of [{ ...CURRENT, pullRequest: '3'.repeat(64) }, { policy: CURRENT.policy }, {}]) {
    const verdict = evaluate(built('policy_ci'), { ...healthy('policy_ci'), inputs })
    expect([verdict.verdict, new Set(codes(verdict))]).toEqual(['indeterminate', new Set(['gate.evidence-stale'])])
  }
  const blind = response('policy_ci', { inputs: [{ kind: 'policy', sha256: CURRENT.policy }] })
  expect(codes(evaluate(policyCi, evaluation([blind, receipt(policyCi)])))).toEqual(['gate.evidence-stale'])
  expect(evaluate(built('hardening'), { ...healthy('hardening'), inputs: {} }).verdict).toBe('pass')
})

test('an agent that could not look, or objects, takes the pass away', () => {
  const { predicate } = response('policy_ci')
  const blocked = response('policy_ci', { response: { ...predicate.response, result: 'blocked', notes: 'no history', next: 'Fetch it.' } })
  expect(evaluate(policyCi, evaluation([blocked, receipt(policyCi)]))).toMatchObject({
    verdict: 'indeterminate',
    reasons: [{ code: 'gate.agent-not-ok', message: 'specimen answered blocked: no history', next: 'Fetch it.' }],
  })
  for (const verdict of ['fail', 'indeterminate', 'waived'] as const) {
    const verdicts = predicate.response.verdicts.map((opinion) => ({
      ...opinion,
      verdict,
      reasons: [{ code: 'policy_ci.findings' as const, message: 'm', next: 'n' }],
    }))
    const objecting = response('policy_ci', { response: { ...predicate.response, verdicts } })
    const lowered = evaluate(policyCi, evaluation([objecting, receipt(policyCi)]))
    expect([lowered.verdict, codes(lowered)]).toEqual([verdict === 'fail' ? 'fail' : 'indeterminate', ['gate.agent-objects']])
  }
})

test('several on one topic: every one must hold; of one agent only the newest run speaks', () => {
  const error = { rule: 'commit.type-enum', severity: 'error', message: 'm', next: 'n' } as const
  const red = response('policy_ci', { findings: [error] }, 'other')
  const both = receipt(policyCi, ['specimen', 'other'])
  expect(evaluate(policyCi, evaluation([response('policy_ci'), red, both]))).toMatchObject({
    verdict: 'fail',
    reasons: [{ code: 'policy_ci.findings' }],
  })
  expect(evaluate(policyCi, evaluation([response('policy_ci'), response('policy_ci', {}, 'other'), both])).verdict).toBe('pass')
  expect(codes(evaluate(policyCi, evaluation([response('policy_ci'), both])))).toEqual(['gate.evidence-absent'])
  const later = { run_attempt: 2 }
  const first = response('policy_ci', { findings: [error] })
  expect(
    evaluate(policyCi, evaluation([first, receipt(policyCi), response('policy_ci', {}, 'specimen', later), receipt(policyCi, ['specimen'], later)]))
      .verdict,
  ).toBe('pass')
  const second = response('policy_ci', { findings: [error] }, 'specimen', later)
  expect(evaluate(policyCi, evaluation([response('policy_ci'), receipt(policyCi), second, receipt(policyCi, ['specimen'], later)])).verdict).toBe(
    'fail',
  )
  expect(codes(evaluate(policyCi, evaluation([response('policy_ci'), receipt(policyCi), receipt(policyCi, ['specimen'], later)])))).toEqual([
    'gate.evidence-absent',
  ])
})

test('not applicable comes from the config, is shown as such, and still cites what there is', () => {
  const notApplicable = { reason: 'no image is built', by: '@acme/leads', commit: OTHER }
  const input = { ...healthy('hardening'), notApplicable }
  const verdict = evaluate(hardening, input)
  expect(verdict).toMatchObject({
    verdict: 'not_applicable',
    measured: null,
    reasons: [{ code: 'gate.declared-not-applicable', message: `not applicable: no image is built, declared by @acme/leads at ${OTHER}` }],
  })
  expect(verdict.evidence).toHaveLength(2)
  const all = evaluate(built('all_required_gates'), { ...healthy('all_required_gates'), notApplicable })
  expect([all.verdict, codes(all)]).toEqual(['fail', ['gate.policy-invalid']])
})

test('the gate over gates reads only verdicts of this commit that could have been made', () => {
  const all = built('all_required_gates')
  const input = healthy('all_required_gates')
  expect(evaluate(all, input).evidence.map((ref) => ref.path)).toEqual([
    'attestations/self-test-all_required_gates.sigstore.json',
    ...REQUIRED_FOR_MERGE.toSorted().map((id) => `verdicts/${id}.json`),
  ])
  const [first, ...rest] = input.verdicts
  if (first === undefined) throw new Error('no verdict')
  for (const bad of [{ ...first, sha: OTHER }, { ...first, measured: null }, { ...first, verdict: 'fail' as const }, specimenVerdict('slo', 'pass')])
    expect(evaluate(all, { ...input, verdicts: [...rest, bad] }).verdict).not.toBe('pass')
})

test('an input of one topic makes no other stale', () => {
  const input = healthy('policy_ci')
  const evidence = input.evidence.map((one) => {
    const predicate = one.predicate as Response['predicate']
    return predicate.topic === 'workflows'
      ? { ...one, predicate: { ...predicate, inputs: predicate.inputs.filter(({ kind }) => kind === 'policy') } }
      : one
  })
  expect(evaluate(built('policy_ci'), { ...input, evidence }).verdict).toBe('pass')
  expect(evaluate({ ...built('policy_ci'), inputOf: {} }, { ...input, evidence })).toMatchObject({ reasons: [{ code: 'gate.evidence-stale' }] })
})
