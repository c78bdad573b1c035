/** Runs every built gate over the believed evidence of one commit; the gate over gates last. Pure. */
import { digestOf } from '../../evidence/core/digest.ts'
import { evaluate } from '../../gates/evaluate.ts'
import type { Gate } from '../../gates/gate.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { ConfigFacts, Settings } from './facts.ts'
import type { EvidenceRow, Rejection, ReleaseRecord } from './ports.ts'
import type { ReleaseData } from './state.ts'

export interface VerdictInput {
  readonly record: ReleaseRecord
  readonly data: ReleaseData
  readonly config: ConfigFacts
  readonly inputs: Readonly<Record<string, string>>
  readonly evidence: readonly EvidenceRow[]
  readonly rejections: readonly Rejection[]
  readonly now: number
  readonly settings: Settings
  /** As they were decided last: a verdict that says the same again keeps its time, and so its digest and the plan id. */
  readonly before: readonly Verdict[]
}

export function evaluateAll(gates: readonly Gate[], input: VerdictInput): Verdict[] {
  const verdicts: Verdict[] = []
  const ordered = [...gates.filter((gate) => gate.readsVerdicts !== true), ...gates.filter((gate) => gate.readsVerdicts === true)]
  for (const gate of ordered) verdicts.push(settled(one(gate, input, verdicts), input.before))
  return verdicts
}

function one(gate: Gate, input: VerdictInput, verdicts: readonly Verdict[]): Verdict {
  const { record, data, config, now } = input
  if (!config.ok) return unreadable(gate, input, config)
  const declared = config.config.not_applicable[gate.id]
  return evaluate(gate, {
    subject: { sha: record.head, base: record.base, env: 'all' },
    evidence: input.evidence.map((row) => row.evidence).filter((row) => row.kind !== 'rollout-event'),
    policy: config.config.gates[gate.id] ?? {},
    notApplicable: declared === undefined ? null : { ...declared, commit: config.commit },
    inputs: input.inputs,
    verdicts,
    rejections: input.rejections.length,
    now,
    deadline: data.headSince + input.settings.evidenceDeadlineMs,
    traceId: record.traceId,
  })
}

function settled(verdict: Verdict, before: readonly Verdict[]): Verdict {
  const last = before.find((one) => one.gate === verdict.gate && one.sha === verdict.sha)
  return last !== undefined && digestOf({ ...last, at: verdict.at }) === digestOf(verdict) ? last : verdict
}

function unreadable(gate: Gate, { record, now }: VerdictInput, config: Extract<ConfigFacts, { ok: false }>): Verdict {
  return {
    gate: gate.id,
    env: 'all',
    sha: record.head,
    verdict: 'fail',
    metrics: {},
    thresholds: {},
    measured: null,
    evidence: [],
    reasons: [
      { code: config.code, message: config.message, next: 'Run `release-conductor config check` and merge the correction into the base branch.' },
    ],
    agent: 'release-conductor',
    trace_id: record.traceId,
    at: timestamp(now),
  }
}
