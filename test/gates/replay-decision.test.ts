import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import type { ApprovalPredicate, DecisionPredicate } from '../../evidence/model/statement.ts'
import { evidenceRoot, planId, policyDigest, verdictDigest } from '../../evidence/pack/evidence-root.ts'
import { policyPath } from '../../evidence/pack/layout.ts'
import type { Replayed } from '../../evidence/pack/replayed.ts'
import { replayDecisions, type DecisionQuestion } from '../../gates/replay-decision.ts'
import { specimenVerdict } from '../../gates/specimen.ts'

const AT = '2026-01-15T12:00:00.000Z'
const VERDICTS = [specimenVerdict('policy_ci', 'pass'), specimenVerdict('all_required_gates', 'pass')]
const STATEMENTS = [{ kind: 'self-test', digest: 'a'.repeat(64) }] as const
const POLICY = 'c'.repeat(64)
const MANIFEST = { version: 'v2.0.0', repository_id: 7, commits: { base: 'b'.repeat(40), head: '1'.repeat(40) }, outcome: 'proven' } as const

function decision(over: Partial<DecisionPredicate> = {}): DecisionPredicate {
  const of: Omit<DecisionPredicate, 'plan'> = {
    schema_version: 1,
    decision: 'go',
    version: 'v2.0.0',
    base: 'main',
    environment: 'prod',
    step: 100,
    gates: Object.fromEntries(VERDICTS.map((verdict) => [verdict.gate, { outcome: verdict.verdict, verdict: verdictDigest(verdict) }])),
    policy_digest: over.policy_digest ?? POLICY,
    evidence_root: evidenceRoot(STATEMENTS),
    schema_range: null,
    deployed: { shop: `sha256:${'5'.repeat(64)}` },
    reasons: [],
    at: AT,
  }
  const plan = planId({
    version: of.version,
    repositoryId: 7,
    head: MANIFEST.commits.head,
    base: of.base,
    environment: of.environment,
    step: of.step,
    gates: VERDICTS.map((verdict) => ({ gate: verdict.gate, verdict: verdictDigest(verdict) })),
    policyDigest: of.policy_digest,
    evidenceRoot: of.evidence_root,
    schemaRange: null,
    deployed: of.deployed,
  })
  return { ...of, plan, ...over }
}

const PLAN = decision().plan

const BUNDLE = 'e'.repeat(64)
const AUTHORISED = { decision_id: 'id', policy: BUNDLE, revision: 'commands-1', input_digest: 'f'.repeat(64), need: 2 }
/** Decided by a policy, which wanted two people. */
const RULED = decision({ policy_digest: policyDigest(POLICY, BUNDLE), authorised: AUTHORISED })
const TWO = [approval({ plan: RULED.plan }), approval({ plan: RULED.plan, actor: { login: 'sam', id: 2, role: 'admin' } })]

function approval(over: Partial<ApprovalPredicate> = {}): ApprovalPredicate {
  const actor = { login: 'pat', id: 1, role: 'maintain' }
  return { schema_version: 1, comment_node_id: 'IC_1', actor, command: '/promote', plan: PLAN, step: 100, environment: 'prod', at: AT, ...over }
}

function noted(data: Record<string, unknown> = {}): LedgerEntry {
  const entry = { index: 0, release: '7#3', at: AT, type: 'decision', previous: null, hash: 'f'.repeat(64) }
  return { ...entry, data: { environment: 'prod', up_to: 100, plan: PLAN, ...data } }
}

function ask(over: Partial<DecisionQuestion> = {}): readonly Replayed[] {
  return replayDecisions({
    manifest: MANIFEST,
    configDigest: POLICY,
    hashes: new Map([[policyPath(BUNDLE), BUNDLE]]),
    statements: STATEMENTS,
    approvals: [approval()],
    decisions: [decision()],
    verdicts: VERDICTS,
    goNoGo: {
      version: 'v2.0.0',
      gates: { policy_ci: 'pass', all_required_gates: 'pass' },
      headroom: {},
      exceptions: [],
      risk_open: [],
      drill_recent: null,
      evidence_signed: true,
      decision: 'go',
      reasons: [],
    },
    ledger: [noted()],
    gates: VERDICTS.map((verdict) => ({
      subject: verdict.gate,
      packed: verdict.verdict,
      recomputed: verdict.verdict,
      result: 'same',
      differences: [],
      why: '',
      verdict,
    })),
    ...over,
  })
}

test('a decision by a policy rests on the config and on the bundle in the pack, and on as many people as it wanted', () => {
  const of = { decisions: [RULED], approvals: TWO, ledger: [noted({ plan: RULED.plan })] }
  expect(fields(ask(of))).toEqual([])
  expect(fields(ask({ ...of, hashes: new Map() }))).toEqual(['decision.policy_digest'])
  expect(fields(ask({ ...of, hashes: new Map([[policyPath(BUNDLE), 'd'.repeat(64)]]) }))).toEqual(['decision.policy_digest'])
  expect(fields(ask({ ...of, approvals: TWO.slice(1) }))).toEqual(['approval.people'])
  expect(fields(ask({ ...of, approvals: [...TWO.slice(1), ...TWO.slice(1)] }))).toEqual(['approval.people'])
})

const fields = (rows: readonly Replayed[]): string[] => rows.flatMap((row) => row.differences.map(({ field }) => field))
const results = (rows: readonly Replayed[]): string[] => rows.map((row) => row.result)

test('what was agreed to gives its plan id, and the gates give the go', () => {
  expect(ask()).toMatchObject([
    { subject: 'decision for prod up to 100 %', packed: PLAN, recomputed: PLAN, result: 'same', why: '' },
    { subject: 'go/no-go', packed: 'go', recomputed: 'go', result: 'same' },
  ])
})

test.each<[string, Partial<DecisionQuestion>, string[]]>([
  ['another plan', { decisions: [decision({ plan: '0'.repeat(32) })] }, ['decision.plan', 'approval.plan', 'ledger.decision', 'approval.plan']],
  ['another base', { decisions: [decision({ base: 'develop' })] }, ['decision.plan']],
  ['another step', { decisions: [decision({ step: 50 })] }, ['decision.plan', 'approval.plan', 'ledger.decision', 'approval.plan']],
  ['other digests that serve', { decisions: [decision({ deployed: {} })] }, ['decision.plan']],
  ['another schema range', { decisions: [decision({ schema_range: '1..2' })] }, ['decision.plan']],
  ['another config in the pack', { configDigest: 'd'.repeat(64) }, ['decision.policy_digest']],
  ['another repository', { manifest: { ...MANIFEST, repository_id: 8 } }, ['decision.plan']],
  ['another version', { manifest: { ...MANIFEST, version: 'v2.0.1' } }, ['decision.plan', 'decision.version']],
  ['other evidence', { statements: [] }, ['decision.evidence_root']],
  ['another verdict', { verdicts: VERDICTS.slice(1) }, ['decision.gates.policy_ci']],
  ['no approval', { approvals: [] }, ['approval.plan']],
  ['an approval of another plan', { approvals: [approval({ plan: '0'.repeat(32) })] }, ['approval.plan', 'approval.plan']],
  ['nothing in the ledger', { ledger: [] }, ['ledger.decision']],
  ['another step in the ledger', { ledger: [noted({ up_to: 10 })] }, ['ledger.decision']],
])('%s is named', (_what, over, expected) => {
  const rows = ask(over)
  expect(results(rows)).toContain('differs')
  expect(fields(rows)).toEqual(expected)
})

test.each<[string, Partial<DecisionQuestion>]>([
  ['in the pack of its end', { manifest: { ...MANIFEST, outcome: 'promoted' } }],
  ['in the pack of a later decision, for the next environment', { ledger: [noted(), noted({ environment: 'next' })] }],
])('%s a gate may have turned and evidence come: the decision stays what it was, and what moved is said', (_where, over) => {
  const [row] = ask({ ...over, statements: [], verdicts: [] })
  expect([row?.result, row?.why]).toEqual(['same', expect.stringMatching(/^since it was taken: decision\.evidence_root, decision\.gates/)])
})

test('the go falls with the gate over gates, and stays open while a gate could not be asked', () => {
  const base = { packed: 'pass', result: 'same', differences: [], why: '' } as const
  const red = VERDICTS.map((verdict) => ({ ...base, subject: verdict.gate, recomputed: 'fail', verdict }))
  expect(fields(ask({ gates: red }))).toEqual(['go_no_go.gates.all_required_gates', 'go_no_go.gates.policy_ci', 'go_no_go.decision'])
  const open = VERDICTS.map((verdict) => ({ ...base, subject: verdict.gate, recomputed: null, verdict: null }))
  expect(ask({ gates: open }).at(-1)).toMatchObject({ result: 'indeterminate', recomputed: null, differences: [] })
  expect(ask({ goNoGo: null }).at(-1)).toMatchObject({ result: 'indeterminate', packed: null })
})
