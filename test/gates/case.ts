/** Builds what `evaluate` reads: one complete, healthy case of a gate, to be changed by a test. */
import { digestOf } from '../../evidence/core/digest.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import type { AgentResponsePredicate, Origin, SelfTestPredicate } from '../../evidence/model/statement.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { EvaluateInput, EvidenceLike } from '../../gates/evaluate.ts'
import type { Gate } from '../../gates/gate.ts'
import { gateById } from '../../gates/index.ts'
import { gateCases } from '../../gates/self-test.ts'
import { SPECIMEN_BUDGETS, SPECIMEN_NOW, SPECIMEN_SHA, specimen, specimenVerdict } from '../../gates/specimen.ts'
import { REQUIRED_FOR_MERGE } from '../../gates/all-required-gates.ts'

export const CURRENT = { pullRequest: '1'.repeat(64), policy: '2'.repeat(64) }

export function built(id: GateId): Gate {
  const gate = gateById(id)
  if (gate === undefined) throw new Error(`${id} is not built`)
  return gate
}

export type Response = { kind: 'agent-response'; digest: string; predicate: AgentResponsePredicate }
export type ReceiptEvidence = { kind: 'self-test'; digest: string; predicate: SelfTestPredicate }

const ORIGIN = specimen({ gate: 'slo', topic: 'x', phase: 'P0', metrics: {}, thresholds: {}, n: 1, findings: [] }).predicate.origin

export type AgentGate = 'policy_ci' | 'hardening' | 'supply_chain' | 'slo'

const TOPICS: Readonly<Record<AgentGate, readonly [topic: string, counts: Readonly<Record<string, number>>]>> = {
  policy_ci: ['commits', { commits: 3 }],
  hardening: ['images', { dockerfiles: 2, unread: 0 }],
  supply_chain: [
    'supply-chain',
    { sboms: 2, components: 3, scans: 1, packages_scanned: 3, report_hours: 1, new_critical: 0, new_high: 0, new_medium: 0, artifacts: 1, proven: 1 },
  ],
  slo: ['slo', { objectives: 1, unmeasured: 0, fewest_requests: 500, burn_share: 0.2, budget_left: 0.8 }],
}

function isAgentGate(id: string): id is AgentGate {
  return Object.hasOwn(TOPICS, id)
}

export interface Run {
  readonly run_id: number
  readonly run_attempt: number
}

/** A healthy statement on the gate's topic. */
export function response(id: AgentGate, change: Partial<AgentResponsePredicate> = {}, name = 'specimen', run: Partial<Origin> = {}): Response {
  const [topic, counts] = TOPICS[id]
  const findings = change.findings ?? []
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length
  const metrics = { ...counts, errors: count('error'), warnings: count('warning') }
  const { predicate } = specimen({ gate: id, topic, phase: 'P0', metrics, thresholds: { errors: '>=0' }, n: 3, findings })
  const inputs = Object.entries(CURRENT).map(([kind, sha256]) => ({ kind, sha256 }))
  const full: AgentResponsePredicate = { ...predicate, inputs, agent: { ...predicate.agent, name }, ...change, origin: { ...ORIGIN, ...run } }
  return { kind: 'agent-response', digest: digestOf(full), predicate: full }
}

/** A receipt that the gate and the named agents can fail. */
export function receipt(
  gate: Gate,
  units: readonly string[] = gate.readsVerdicts === true ? [] : ['specimen'],
  run: Partial<Origin> = {},
): ReceiptEvidence {
  const cases = [
    ...gateCases(gate),
    ...units.flatMap((unit) => (['red', 'green'] as const).map((expected) => ({ name: `planted ${expected}`, unit, expected, got: expected }))),
  ]
  const predicate: SelfTestPredicate = {
    schema_version: 1,
    gate: gate.id,
    gate_version: gate.version,
    cases,
    origin: { ...ORIGIN, ...run },
    made_at: '2026-01-15T12:00:00.000Z',
  }
  return { kind: 'self-test', digest: digestOf(predicate), predicate }
}

export function evaluation(evidence: readonly EvidenceLike[], change: Partial<EvaluateInput> = {}): EvaluateInput {
  return {
    subject: { sha: SPECIMEN_SHA, base: 'a'.repeat(40), env: 'all' },
    evidence,
    policy: {},
    budgets: SPECIMEN_BUDGETS,
    notApplicable: null,
    absentTopics: [],
    inputs: CURRENT,
    verdicts: [],
    rejections: 0,
    now: SPECIMEN_NOW,
    deadline: null,
    traceId: '5'.repeat(32),
    ...change,
  }
}

/** A case of each gate that passes. */
export function healthy(id: GateId): EvaluateInput {
  const gate = built(id)
  if (isAgentGate(id)) return evaluation([response(id), receipt(gate)])
  return evaluation([receipt(gate)], { verdicts: REQUIRED_FOR_MERGE.map((required) => specimenVerdict(required, 'pass')) })
}

export function codes(verdict: Verdict): string[] {
  return verdict.reasons.map((reason) => reason.code)
}
