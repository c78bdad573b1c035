import { expect, test } from 'vitest'
import { evaluateAll, type VerdictInput } from '../../../app/release/verdicts.ts'
import { emptyData } from '../../../app/release/state.ts'
import { Verdict } from '../../../evidence/model/verdict.ts'
import { VerdictContext } from '../../../evidence/model/verdict-context.ts'
import { GATES } from '../../../gates/index.ts'
import { configOf, configText, deployedRow, HEAD, NOW, OTHER_HEAD, recordOf, SETTINGS } from '../../support/release.ts'

const INPUT: VerdictInput = {
  record: recordOf(),
  data: emptyData(NOW),
  config: configOf(),
  inputs: {},
  evidence: [],
  waivers: [],
  rejections: [],
  now: NOW,
  settings: SETTINGS,
  before: [],
}

const verdictsOf = (input: VerdictInput, gates = GATES): Verdict[] => evaluateAll(gates, input).map(({ verdict }) => verdict)

test('every built gate answers, the gate over gates last, and without evidence nobody passes (T2)', () => {
  const verdicts = verdictsOf(INPUT, GATES.toReversed())
  expect(verdicts.map((verdict) => verdict.gate).toSorted()).toEqual(GATES.map((gate) => gate.id).toSorted())
  expect(verdicts.at(-1)?.gate).toBe('all_required_gates')
  for (const verdict of verdicts) {
    expect(Verdict.safeParse(verdict).success).toBe(true)
    expect(verdict).toMatchObject({ sha: HEAD, env: 'all' })
    expect(verdict.verdict).not.toBe('pass')
  }
})

test.each(['config.absent', 'config.invalid'] as const)('%s: every gate says no, and why', (code) => {
  for (const { verdict, context } of evaluateAll(GATES, { ...INPUT, config: { ok: false, code, message: 'line 3 is wrong' } })) {
    expect(Verdict.safeParse(verdict).success).toBe(true)
    expect(verdict).toMatchObject({ verdict: 'fail', reasons: [{ code, message: 'line 3 is wrong' }] })
    expect(context).toMatchObject({ policy_digest: null, policy_commit: null, unreadable: { code, message: 'line 3 is wrong' } })
  }
})

const DECLARED = `${configText()}not_applicable: { hardening: { reason: "nothing is built into an image here", by: "@second" } }\n`

test('what is declared not applicable on the base says so, with the declaration', () => {
  const hardening = evaluateAll(GATES, { ...INPUT, config: configOf(DECLARED) }).find(({ gate }) => gate === 'hardening')
  expect(hardening?.verdict.verdict).toBe('not_applicable')
  expect(hardening?.context.not_applicable).toEqual({ reason: 'nothing is built into an image here', by: '@second' })
})

test('a topic that is declared absent on the base stands in the context of its gate alone', () => {
  const text = `${configText()}not_applicable: { hardening.manifests: { reason: "no cluster", by: "@second" } }\n`
  const topics = evaluateAll(GATES, { ...INPUT, config: configOf(text) }).map(({ gate, context }) => [gate, context.absent_topics])
  expect(topics.filter(([, absent]) => (absent ?? []).length > 0)).toEqual([
    ['hardening', [{ topic: 'manifests', reason: 'no cluster', by: '@second' }]],
  ])
})

test('what a verdict was decided from is kept with it, and nothing that its gate does not look at', () => {
  const inputs = { policy: '4'.repeat(64), pullRequest: '3'.repeat(64), other: '5'.repeat(64) }
  const rejections = [{ source: 'artifact:1', code: 'bad-signature', message: 'm' }]
  const judged = evaluateAll(GATES, { ...INPUT, inputs, rejections })
  for (const { gate, context } of judged) {
    expect(VerdictContext.safeParse(context).success).toBe(true)
    expect(context).toMatchObject({ base: 'main', policy_digest: configOf().digest, rejections: 1, deadline: NOW + SETTINGS.evidenceDeadlineMs })
    const depends =
      { policy_ci: ['policy', 'pullRequest'], supply_chain: ['policy'], slo: ['policy'], perf: ['policy'], preview_budget: ['policy'] }[
        gate as string
      ] ?? []
    expect(context.inputs.map(({ kind }) => kind)).toEqual(depends)
  }
})

test('the same answer keeps its time, and with it its digest; another one does not', () => {
  const before = evaluateAll(GATES, INPUT)
  const later = evaluateAll(GATES, { ...INPUT, now: NOW + 5_000, before })
  expect(later.map(({ verdict }) => verdict)).toEqual(before.map(({ verdict }) => verdict))
  expect([before, later].map((judged) => judged.map(({ fresh }) => fresh))).toEqual([GATES.map(() => true), GATES.map(() => false)])
  expect(verdictsOf({ ...INPUT, now: NOW + 5_000 }).map((verdict) => verdict.at)).not.toEqual(before.map(({ verdict }) => verdict.at))
  const late = verdictsOf({ ...INPUT, now: NOW + SETTINGS.evidenceDeadlineMs + 1, before })
  expect(late.find((verdict) => verdict.gate === 'policy_ci')?.reasons.map((reason) => reason.code)).toContain('gate.evidence-late')
})

test('a verdict that stands keeps what it was decided from: the two are of one moment', () => {
  const before = evaluateAll(GATES, INPUT)
  const moved = { ...INPUT, now: NOW + 5_000, before, data: { ...emptyData(NOW), headSince: NOW + 1_000 } }
  expect(evaluateAll(GATES, moved).map(({ context }) => context)).toEqual(before.map(({ context }) => context))
})

test.each<[string, Partial<VerdictInput>, string[]]>([
  [
    'another config',
    { config: configOf(`${configText()}# a remark\n`) },
    ['policy_ci', 'hardening', 'supply_chain', 'slo', 'perf', 'preview_budget', 'all_required_gates'],
  ],
  ['another input that one gate depends on', { inputs: { pullRequest: '3'.repeat(64) } }, ['policy_ci', 'all_required_gates']],
  ['an input that no gate depends on', { inputs: { other: '3'.repeat(64) } }, []],
])('%s: decided anew by whom it concerns', (_what, over, anew) => {
  const before = evaluateAll(GATES, INPUT)
  const judged = evaluateAll(GATES, { ...INPUT, now: NOW + 5_000, before, ...over })
  expect(judged.filter(({ fresh }) => fresh).map(({ gate }) => gate)).toEqual(anew)
})

test('a verdict of another version of its gate, or one that does not say what it was decided from, is decided anew', () => {
  const before = evaluateAll(GATES, INPUT)
  for (const spoilt of [
    before.map((one) => ({ ...one, context: { ...one.context, gate_version: 99 } })),
    before.map((one) => ({ ...one, context: null })),
  ])
    expect(evaluateAll(GATES, { ...INPUT, now: NOW + 5_000, before: spoilt }).every(({ fresh }) => fresh)).toBe(true)
})

test('the answer for another commit is never kept', () => {
  const before = evaluateAll(GATES, { ...INPUT, record: recordOf({ head: OTHER_HEAD }) })
  expect(verdictsOf({ ...INPUT, now: NOW + 5_000, before }).map((verdict) => verdict.sha)).toEqual(GATES.map(() => HEAD))
})

test('what a deploy job says is no evidence for a gate', () => {
  expect(evaluateAll(GATES, { ...INPUT, evidence: [deployedRow(9)] })).toEqual(evaluateAll(GATES, INPUT))
})
