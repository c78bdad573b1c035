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

export type AgentGate = 'policy_ci' | 'hardening' | 'supply_chain' | 'slo' | 'perf' | 'preview_budget'

type Topic = readonly [topic: string, counts: Readonly<Record<string, number>>]

/** The first is the one that tests change. */
const TOPICS: Readonly<Record<AgentGate, readonly [Topic, ...Topic[]]>> = {
  policy_ci: [
    ['commits', { commits: 3 }],
    ['workflows', { workflows: 2, workflows_unread: 0, required_checks: 1 }],
    ['policies', { policy_evaluations: 4, policies_unevaluated: 0 }],
  ],
  hardening: [
    ['images', { dockerfiles: 2, unread: 0 }],
    ['manifests', { manifests: 2, manifests_unread: 0 }],
    ['templates', { templated_files: 2, templates_unread: 0 }],
  ],
  supply_chain: [
    [
      'supply-chain',
      {
        sboms: 2,
        components: 3,
        scans: 1,
        packages_scanned: 3,
        report_hours: 1,
        new_critical: 0,
        new_high: 0,
        new_medium: 0,
        artifacts: 1,
        proven: 1,
      },
    ],
    ['registry', { repositories: 1 }],
  ],
  slo: [
    ['slo', { objectives: 1, unmeasured: 0, fewest_requests: 500, burn_share: 0.2, budget_left: 0.8 }],
    ['probes', { journeys: 1, steps_asked: 2 }],
    ['dashboards', { panels: 2, unshown_objectives: 0, known_metrics: 10 }],
    ['logs', { lines: 10, incomplete_lines: 0 }],
  ],
  perf: [
    ['load', { answered: 500, spike_due: 90, p50_ms: 20, p95_ms: 60, p99_ms: 90, error_share: 0, spike_error_share: 0 }],
    ['capacity', { usable_steps: 6, headroom: 0.4 }],
  ],
  preview_budget: [
    ['preview-costs', { deployments: 5, unpriced: 0, past_ttl: 0, over_budget: 0, most_usd: 2 }],
    ['previews', { deployments: 5, unasked: 0, dead: 0, comments: 1 }],
  ],
}

function isAgentGate(id: string): id is AgentGate {
  return Object.hasOwn(TOPICS, id)
}

export interface Run {
  readonly run_id: number
  readonly run_attempt: number
}

/** A healthy statement on the gate's first topic. */
export function response(id: AgentGate, change: Partial<AgentResponsePredicate> = {}, name = 'specimen', run: Partial<Origin> = {}): Response {
  return about(id, TOPICS[id][0], change, name, run)
}

/** Healthy statements on the gate's other topics, each of an agent of its own. */
export function others(id: AgentGate, run: Partial<Origin> = {}): Response[] {
  return TOPICS[id].slice(1).map((topic) => about(id, topic, {}, `specimen-${topic[0]}`, run))
}

/** Names of the agents of {@link response} and {@link others}. */
export function unitsOf(id: GateId): string[] {
  return isAgentGate(id) ? ['specimen', ...TOPICS[id].slice(1).map(([topic]) => `specimen-${topic}`)] : []
}

/** The gate as if the first topic were its only one. */
export function narrowed(id: AgentGate): Gate {
  return { ...built(id), reads: [TOPICS[id][0][0]] }
}

function about(id: AgentGate, [topic, counts]: Topic, change: Partial<AgentResponsePredicate>, name: string, run: Partial<Origin>): Response {
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
    ownTopics: [],
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
  if (isAgentGate(id)) return evaluation([response(id), ...others(id), receipt(gate, unitsOf(id))])
  return evaluation([receipt(gate)], { verdicts: REQUIRED_FOR_MERGE.map((required) => specimenVerdict(required, 'pass')) })
}

export function codes(verdict: Verdict): string[] {
  return verdict.reasons.map((reason) => reason.code)
}
