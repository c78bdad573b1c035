import { expect, test } from 'vitest'
import { REQUIRED_FOR_MERGE } from '../../gates/all-required-gates.ts'
import { digestOf } from '../../evidence/core/digest.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { VerdictContext } from '../../evidence/model/verdict-context.ts'
import { contextInput, unreadable } from '../../gates/context.ts'
import { declaredOf } from '../../gates/declared.ts'
import { evaluate, type EvidenceLike } from '../../gates/evaluate.ts'
import { limitsOf, type Gate } from '../../gates/gate.ts'
import { GATES } from '../../gates/index.ts'
import { replayVerdicts, type GateReplayed, type PackedVerdict, type ReplayQuestion } from '../../gates/replay.ts'
import { gateCases } from '../../gates/self-test.ts'
import { SPECIMEN_BUDGETS, SPECIMEN_NOW, SPECIMEN_SHA } from '../../gates/specimen.ts'

const TEXT = 'version: 1\nrelease: { base: [main] }\npeople: { approvers: { promote: { users: [a], count: 1 } } }\n'
const DECLARED = `${TEXT}not_applicable: { hardening: { reason: "no image here", by: "@a" } }\n`
const IN_PART = `${TEXT}not_applicable: { hardening.images: { reason: "no image here", by: "@a" } }\n`
const NOW = SPECIMEN_NOW + 1_000
const OCCASION = { sha: SPECIMEN_SHA, env: 'all', now: NOW, traceId: '5'.repeat(32) }

function configOf(text: string): ReplayQuestion['config'] {
  const parsed = parseConfig(text)
  return { digest: parsed.digest, value: parsed.ok ? parsed.config : null }
}

function contextOf(gate: Gate, over: Partial<VerdictContext> = {}): VerdictContext {
  return {
    gate_version: gate.version,
    base: 'main',
    policy_digest: configOf(TEXT).digest,
    policy_commit: 'c'.repeat(40),
    unreadable: null,
    not_applicable: null,
    absent_topics: [],
    own_topics: [],
    inputs: [],
    rejections: 1,
    deadline: null,
    ...over,
  }
}

/** What every gate says without evidence, as it lies in a pack. */
function question(over: Partial<ReplayQuestion> = {}, contexts: Partial<VerdictContext> = {}, text = TEXT): ReplayQuestion {
  const evidence: EvidenceLike[] = []
  const config = configOf(text)
  const verdicts: Verdict[] = []
  const packed: PackedVerdict[] = []
  for (const gate of GATES) {
    const declared = config.value === null ? {} : declaredOf(config.value, gate)
    const context = contextOf(gate, { policy_digest: config.digest, ...declared, ...contexts })
    const verdict =
      context.unreadable === null
        ? evaluate(gate, {
            ...contextInput(OCCASION, context),
            evidence,
            policy: config.value?.gates[gate.id] ?? {},
            budgets: config.value === null ? SPECIMEN_BUDGETS : limitsOf(config.value),
            verdicts: [...verdicts],
          })
        : unreadable(gate.id, OCCASION, context.unreadable)
    verdicts.push(verdict)
    packed.push({ gate: gate.id, verdict, statement: { schema_version: 1, verdict, context } })
  }
  const noted = new Map(verdicts.map((verdict) => [verdict.gate as string, digestOf(verdict)]))
  return { head: SPECIMEN_SHA, sealedAt: NOW + 1_000, evidence, config, noted, packed, ...over }
}

const told = (rows: readonly GateReplayed[]): string[] => rows.map((row) => `${row.subject} ${row.result}`)
const IDS = [...REQUIRED_FOR_MERGE, 'all_required_gates']
const SAME = IDS.map((id) => `${id} same`)

test.each<[string, ReplayQuestion]>([
  ['as they were', question()],
  ['declared not applicable', question({}, {}, DECLARED)],
  ['declared not applicable in part', question({}, {}, IN_PART)],
  ['while no config could be read', question({}, { policy_digest: null, policy_commit: null, unreadable: { code: 'config.absent', message: 'm' } })],
  ['past a deadline', question({}, { deadline: NOW - 1 })],
])('verdicts %s come out the same', (_what, asked) => expect(told(replayVerdicts(asked))).toEqual(SAME))

const edited = (asked: ReplayQuestion, gate: string, change: (packed: PackedVerdict) => PackedVerdict): ReplayQuestion => ({
  ...asked,
  packed: asked.packed.map((one) => (one.gate === gate ? change(one) : one)),
})

const context = (over: Partial<VerdictContext>) => (one: PackedVerdict) => ({
  ...one,
  statement: one.statement && { ...one.statement, context: { ...one.statement.context, ...over } },
})

test.each<[string, ReplayQuestion, string, string]>([
  [
    'another threshold in the file alone',
    edited(question(), 'hardening', (one) => ({ ...one, verdict: one.verdict && { ...one.verdict, thresholds: { open_errors: '<=9' } } })),
    'hardening',
    'verdict.thresholds.open_errors',
  ],
  ['another count of rejections', edited(question(), 'policy_ci', context({ rejections: 0 })), 'policy_ci', 'verdict.reasons[1].code'],
  ['a declaration that the config does not have', question({ config: configOf(TEXT) }, {}, DECLARED), 'hardening', 'context.not_applicable'],
  ['a topic that the config does not declare', question({ config: configOf(TEXT) }, {}, IN_PART), 'hardening', 'context.absent_topics[0]'],
  ['another config', question({ config: configOf(`${TEXT}# later\n`) }), 'hardening', 'context.policy_digest'],
  ['another commit', question({ head: '9'.repeat(40) }), 'hardening', 'verdict.sha'],
  ['a time after the seal', question({ sealedAt: NOW - 1 }), 'hardening', 'verdict.at'],
  ['no word of it in the ledger', question({ noted: new Map() }), 'hardening', 'ledger.verdict'],
])('%s is named', (_what, asked, gate, field) => {
  const row = replayVerdicts(asked).find((one) => one.subject === gate)
  expect(row?.result).toBe('differs')
  expect(row?.differences.map((one) => one.field)).toContain(field)
})

test('a receipt whose cases are not those that the gate has is named', () => {
  const asked = question()
  const [gate] = GATES
  if (gate === undefined) throw new Error('there are gates')
  const cases = gateCases(gate).map((one, at) => (at === 0 ? { ...one, name: 'something easier' } : one))
  const origin = {
    repository: 'acme/shop',
    repository_id: 1,
    sha: SPECIMEN_SHA,
    ref: 'r',
    event: 'push',
    workflow: 'w',
    signer_workflow: 's',
    signer_digest: 'c'.repeat(40),
    run_id: 1,
    run_attempt: 1,
    runner_environment: 'github-hosted',
  }
  const predicate = { schema_version: 1, gate: gate.id, gate_version: gate.version, cases, origin, made_at: '2026-01-15T12:00:00.000Z' }
  const row = replayVerdicts({ ...asked, evidence: [{ kind: 'self-test', digest: 'a'.repeat(64), predicate }] }).find(
    (one) => one.subject === gate.id,
  )
  expect(row?.differences.map((one) => one.field)).toContain('self_test.cases[0].name')
})

const invent = (one: PackedVerdict): PackedVerdict => {
  const verdict = one.verdict && { ...one.verdict, metrics: { invented: 1 } }
  return { ...one, verdict, statement: one.statement && verdict && { ...one.statement, verdict } }
}

test('what only follows from another gate says so', () => {
  const asked = question()
  const lied = edited(asked, 'policy_ci', invent)
  const files = lied.packed.flatMap((one) => (one.gate === 'all_required_gates' ? [] : (one.verdict ?? [])))
  const [gate] = GATES.filter((one) => one.readsVerdicts === true)
  if (gate === undefined) throw new Error('there is a gate over gates')
  const verdict = evaluate(gate, { ...contextInput(OCCASION, contextOf(gate)), evidence: [], policy: {}, budgets: SPECIMEN_BUDGETS, verdicts: files })
  const noted = new Map([
    ...lied.packed.flatMap((one) => (one.verdict === null ? [] : [[one.gate, digestOf(one.verdict)] as const])),
    [gate.id, digestOf(verdict)],
  ])
  const whole = edited({ ...lied, noted }, gate.id, (one) => ({ ...one, verdict, statement: one.statement && { ...one.statement, verdict } }))
  const rows = replayVerdicts(whole)
  const [, ...others] = SAME.slice(0, -1)
  expect(told(rows)).toEqual(['policy_ci differs', ...others, 'all_required_gates differs'])
  expect(rows.at(-1)?.why).toBe('it follows from policy_ci')
})

test.each<[string, ReplayQuestion, string]>([
  ['of a gate that is not built here', question({ gates: GATES.filter((gate) => gate.id !== 'policy_ci') }), 'no gate policy_ci is built'],
  ['by another version of the gate', edited(question(), 'policy_ci', context({ gate_version: 1 })), 'version 1 of the gate; here is version 3'],
  ['that no statement explains', edited(question(), 'policy_ci', (one) => ({ ...one, statement: null })), 'no believed statement'],
  ['that is not there', edited(question(), 'policy_ci', (one) => ({ ...one, verdict: null })), 'no verdict of it'],
  ['from a config that cannot be read', question({ config: { digest: configOf(TEXT).digest, value: null } }), 'cannot be read'],
])('a verdict %s is indeterminate, and so is what rests on it', (_what, asked, why) => {
  const rows = replayVerdicts(asked)
  const row = rows.find((one) => one.subject === 'policy_ci')
  expect([row?.result, row?.recomputed]).toEqual(['indeterminate', null])
  expect(row?.why).toContain(why)
  expect(rows.at(-1)?.result).not.toBe('same')
})

test('a verdict of no time at all is named, and nothing is thrown', () => {
  const asked = edited(question(), 'policy_ci', (one) => ({ ...one, verdict: one.verdict && { ...one.verdict, at: '2026-99-99T99:99:99.999Z' } }))
  const row = replayVerdicts(asked).find((one) => one.subject === 'policy_ci')
  expect([row?.result, row?.why, row?.differences.map((one) => one.field)]).toEqual([
    'differs',
    '2026-99-99T99:99:99.999Z is no time',
    ['statement.at'],
  ])
})

test('a gate that fails its own self-test here and now proves nothing', () => {
  const gates = GATES.map((gate) =>
    gate.id === 'policy_ci'
      ? { ...gate, decide: () => ({ verdict: 'fail' as const, metrics: {}, thresholds: {}, measured: null, reasons: [] }) }
      : gate,
  )
  const row = replayVerdicts(question({ gates })).find((one) => one.subject === 'policy_ci')
  expect([row?.result, row?.why]).toEqual(['indeterminate', expect.stringContaining('commits, workflows and policies without an error')])
})
