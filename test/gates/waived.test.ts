import { describe, expect, test } from 'vitest'
import type { GateId } from '../../evidence/model/phases.ts'
import { Verdict } from '../../evidence/model/verdict.ts'
import { evaluate, type EvidenceLike } from '../../gates/evaluate.ts'
import { waived } from '../../gates/waived.ts'
import { built, healthy } from './case.ts'

const gate = built('policy_ci')
const INPUT = { ...healthy('policy_ci'), inputs: { pullRequest: '0'.repeat(64) } }
const RED = evaluate(gate, INPUT)
const BY = { id: 1, login: 'ann', role: 'admin', comment_node_id: 'IC_1', at: '2026-01-15T10:00:00.000Z' }
const PREDICATE = {
  schema_version: 1,
  gate: 'policy_ci',
  environment: 'all',
  version: 'v2.0.0',
  sha: RED.sha,
  rules: [],
  reason: 'the title was wrong',
  granted_by: [BY, { ...BY, id: 2, login: 'bob' }],
  granted_at: '2026-01-15T11:00:00.000Z',
  expires_at: '2026-01-15T13:00:00.000Z',
  issue: 7,
}
const WAIVER: EvidenceLike = { kind: 'waiver', digest: '9'.repeat(64), predicate: PREDICATE }
const at = (time: string): number => Date.parse(time)
const waive = (over: object, kind = 'waiver', now = INPUT.now): Verdict['verdict'] =>
  waived(RED, [{ ...WAIVER, kind, predicate: { ...PREDICATE, ...over } }], now).verdict

test('a red gate is waived, says by whom, until when, what for, and what it would be without, and cites the waiver', () => {
  expect(RED.verdict).toBe('indeterminate')
  const verdict = evaluate(gate, { ...INPUT, evidence: [...INPUT.evidence, WAIVER] })
  expect(verdict).toMatchObject({ verdict: 'waived', metrics: RED.metrics, measured: RED.measured })
  expect(verdict.reasons[0]).toMatchObject({
    code: 'gate.waived',
    message: 'waived by ann and bob until 2026-01-15T13:00:00.000Z: the title was wrong (without it: indeterminate)',
    next: expect.stringContaining('#7'),
  })
  expect(verdict.reasons.slice(1)).toEqual(RED.reasons)
  expect(verdict.evidence).toContainEqual({ path: 'attestations/waiver-policy_ci.sigstore.json', sha256: WAIVER.digest, sig: null })
  expect(Verdict.parse(verdict)).toEqual(verdict)
})

describe('is not waived', () => {
  test.each<[string, object]>([
    ['by a waiver of another gate', { gate: 'hardening' }],
    ['by a waiver of another commit', { sha: 'c'.repeat(40) }],
    ['by a waiver of another environment', { environment: 'prod' }],
    ['by a waiver of some findings only', { rules: ['commit.subject'] }],
    ['by one person', { granted_by: [BY] }],
    ['by one person twice', { granted_by: [BY, BY] }],
    ['without an issue', { issue: undefined }],
    ['without an end', { expires_at: undefined }],
  ])('%s', (_what, over) => {
    expect(waive(over)).toBe('indeterminate')
  })

  test('by a statement that is no waiver', () => {
    expect(waive({}, 'agent-response')).toBe('indeterminate')
  })

  test('before it was granted, or when it is over', () => {
    expect(waive({}, 'waiver', at(PREDICATE.granted_at) - 1)).toBe('indeterminate')
    expect(waive({}, 'waiver', at(PREDICATE.granted_at))).toBe('waived')
    expect(waive({}, 'waiver', at(PREDICATE.expires_at) - 1)).toBe('waived')
    expect(waive({}, 'waiver', at(PREDICATE.expires_at))).toBe('indeterminate')
  })

  test('what holds anyway: a pass stays a pass', () => {
    const input = healthy('policy_ci')
    expect(evaluate(gate, { ...input, evidence: [...input.evidence, WAIVER] }).verdict).toBe('pass')
  })
})

const glass = (predicate: object): EvidenceLike => ({ ...WAIVER, predicate: { ...PREDICATE, gate: 'all_required_gates', ...predicate } })

describe('a broken glass', () => {
  const over = built('all_required_gates')
  const input = { ...healthy('all_required_gates'), verdicts: [] }
  const verdict = (predicate: object): Verdict => evaluate(over, { ...input, evidence: [...input.evidence, glass(predicate)] })

  test('lets the gate over gates stand, and says so in its own words', () => {
    expect(verdict({})).toMatchObject({
      verdict: 'waived',
      reasons: expect.arrayContaining([
        {
          code: 'gate.glass-broken',
          message: 'let through by break-glass of ann and bob until 2026-01-15T13:00:00.000Z: the title was wrong (without it: indeterminate)',
          next: expect.stringContaining('#7 stays open'),
        },
      ]),
    })
  })

  test('of one person, of another commit, or that is over lets nothing stand', () => {
    for (const over of [{ granted_by: [BY] }, { sha: 'c'.repeat(40) }, { expires_at: '2026-01-15T11:30:00.000Z' }])
      expect(verdict(over).verdict).toBe('indeterminate')
  })

  test('a waiver of another gate lets it stand no more than before', () => {
    expect(verdict({ gate: 'slo' }).verdict).toBe('indeterminate')
  })

  test('makes no green out of a red gate below it', () => {
    expect(evaluate(gate, { ...INPUT, evidence: [...INPUT.evidence, glass({})] }).verdict).toBe('indeterminate')
  })
})

describe('the waiver of a hotfix', () => {
  const LANE = { must_hold: ['hardening'], covers: ['policy_ci', 'slo'] }
  const predicate = { ...PREDICATE, gate: 'hotfix', version: 'v2.0.1', hotfix: LANE }
  const verdict = (over: object, hotfixGates: readonly GateId[] | undefined = ['hardening']): Verdict =>
    evaluate(gate, {
      ...INPUT,
      evidence: [...INPUT.evidence, { ...WAIVER, predicate: { ...predicate, ...over } }],
      ...(hotfixGates && { hotfixGates }),
    })

  test('lets a gate that it covers stand, and says so in its own words', () => {
    const { verdict: outcome, reasons, evidence } = verdict({})
    expect(outcome).toBe('waived')
    expect(reasons[0]).toMatchObject({
      code: 'gate.waived',
      message: 'waived with the hotfix by ann and bob until 2026-01-15T13:00:00.000Z: the title was wrong (without it: indeterminate)',
    })
    expect(evidence).toContainEqual({ path: 'attestations/waiver-hotfix.sigstore.json', sha256: WAIVER.digest, sig: null })
  })

  test.each<[string, object, readonly GateId[] | undefined]>([
    ['a gate that must hold', { hotfix: { must_hold: ['policy_ci'], covers: ['slo'] } }, ['policy_ci']],
    ['a gate there was none of when it was granted', { hotfix: { must_hold: ['hardening'], covers: ['slo'] } }, ['hardening']],
    ['anything once the config names one gate more', {}, ['hardening', 'policy_ci']],
    ['anything once the config names another gate', {}, ['slo']],
    ['anything once the config names none', {}, []],
    ['anything of a version that is no patch', { version: 'v2.0.0' }, ['hardening']],
    ['anything on another commit', { sha: 'c'.repeat(40) }, ['hardening']],
    ['anything by the word of one person', { granted_by: [BY] }, ['hardening']],
    ['anything when it is over', { expires_at: '2026-01-15T11:30:00.000Z' }, ['hardening']],
  ])('does not cover %s', (_what, over, hotfixGates) => {
    expect(verdict(over, hotfixGates).verdict).toBe('indeterminate')
  })

  test('covers nothing for whoever knows no config', () => {
    expect(waived(RED, [{ ...WAIVER, predicate }], INPUT.now).verdict).toBe('indeterminate')
    expect(waived(RED, [{ ...WAIVER, predicate }], INPUT.now, ['hardening']).verdict).toBe('waived')
  })

  test('never lets the gate over gates stand', () => {
    const over = built('all_required_gates')
    const input = { ...healthy('all_required_gates'), verdicts: [], hotfixGates: ['hardening' as const] }
    expect(evaluate(over, { ...input, evidence: [...input.evidence, { ...WAIVER, predicate }] }).verdict).toBe('indeterminate')
  })

  test('makes nothing of a gate that holds', () => {
    const input = healthy('policy_ci')
    expect(evaluate(gate, { ...input, evidence: [...input.evidence, { ...WAIVER, predicate }], hotfixGates: ['hardening'] }).verdict).toBe('pass')
  })
})
