import { expect, test } from 'vitest'
import { evaluateAll, type VerdictInput } from '../../../app/release/verdicts.ts'
import { emptyData } from '../../../app/release/state.ts'
import { Verdict } from '../../../evidence/model/verdict.ts'
import { GATES } from '../../../gates/index.ts'
import { configOf, configText, deployedRow, HEAD, NOW, OTHER_HEAD, recordOf, SETTINGS } from '../../support/release.ts'

const INPUT: VerdictInput = {
  record: recordOf(),
  data: emptyData(NOW),
  config: configOf(),
  inputs: {},
  evidence: [],
  rejections: [],
  now: NOW,
  settings: SETTINGS,
  before: [],
}

test('every built gate answers, the gate over gates last, and without evidence nobody passes', () => {
  const verdicts = evaluateAll(GATES.toReversed(), INPUT)
  expect(verdicts.map((verdict) => verdict.gate).toSorted()).toEqual(GATES.map((gate) => gate.id).toSorted())
  expect(verdicts.at(-1)?.gate).toBe('all_required_gates')
  for (const verdict of verdicts) {
    expect(Verdict.safeParse(verdict).success).toBe(true)
    expect(verdict).toMatchObject({ sha: HEAD, env: 'all' })
    expect(verdict.verdict).not.toBe('pass')
  }
})

test.each(['config.absent', 'config.invalid'] as const)('%s: every gate says no, and why', (code) => {
  for (const verdict of evaluateAll(GATES, { ...INPUT, config: { ok: false, code, message: 'line 3 is wrong' } })) {
    expect(Verdict.safeParse(verdict).success).toBe(true)
    expect(verdict).toMatchObject({ verdict: 'fail', reasons: [{ code, message: 'line 3 is wrong' }] })
  }
})

test('what is declared not applicable on the base says so, with the declaration', () => {
  const text = `${configText()}not_applicable: { hardening: { reason: "nothing is built into an image here", by: "@second" } }\n`
  const hardening = evaluateAll(GATES, { ...INPUT, config: configOf(text) }).find((verdict) => verdict.gate === 'hardening')
  expect(hardening?.verdict).toBe('not_applicable')
})

test('the same answer keeps its time, and with it its digest; another one does not', () => {
  const before = evaluateAll(GATES, INPUT)
  const later = evaluateAll(GATES, { ...INPUT, now: NOW + 5_000, before })
  expect(later).toEqual(before)
  expect(evaluateAll(GATES, { ...INPUT, now: NOW + 5_000 }).map((verdict) => verdict.at)).not.toEqual(before.map((verdict) => verdict.at))
  const late = evaluateAll(GATES, { ...INPUT, now: NOW + SETTINGS.evidenceDeadlineMs + 1, before })
  expect(late.find((verdict) => verdict.gate === 'policy_ci')?.reasons.map((reason) => reason.code)).toContain('gate.evidence-late')
})

test('the answer for another commit is never kept', () => {
  const before = evaluateAll(GATES, { ...INPUT, record: recordOf({ head: OTHER_HEAD }) })
  expect(evaluateAll(GATES, { ...INPUT, now: NOW + 5_000, before }).map((verdict) => verdict.sha)).toEqual(GATES.map(() => HEAD))
})

test('what a deploy job says is no evidence for a gate', () => {
  expect(evaluateAll(GATES, { ...INPUT, evidence: [deployedRow(9)] })).toEqual(evaluateAll(GATES, INPUT))
})
