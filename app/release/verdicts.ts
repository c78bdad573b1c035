/** Runs every built gate over the believed evidence of one commit; the gate over gates last. Pure. */
import { digestOf } from '../../evidence/core/digest.ts'
import { contextInput, unreadable } from '../../gates/context.ts'
import { declaredOf } from '../../gates/declared.ts'
import { evaluate } from '../../gates/evaluate.ts'
import { limitsOf, type Gate } from '../../gates/gate.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { VerdictContext } from '../../evidence/model/verdict-context.ts'
import { currentEvidence } from './current.ts'
import type { ConfigFacts, Settings } from './facts.ts'
import type { Decided, EvidenceRow, Rejection, ReleaseRecord } from './ports.ts'
import { deadlineOf, feederOf } from './reruns.ts'
import type { ReleaseData } from './state.ts'
import type { StandingWaiver } from './waivers.ts'

export interface VerdictInput {
  readonly record: ReleaseRecord
  readonly data: ReleaseData
  readonly config: ConfigFacts
  readonly inputs: Readonly<Record<string, string>>
  readonly evidence: readonly EvidenceRow[]
  readonly waivers: readonly StandingWaiver[]
  readonly rejections: readonly Rejection[]
  readonly now: number
  readonly settings: Settings
  /** As they were decided last: a verdict that says the same again keeps its time, and so its digest. */
  readonly before: readonly Decided[]
}

export interface Judged extends Decided {
  readonly context: VerdictContext
  /** It says something else than before, or for the first time. */
  readonly fresh: boolean
}

export function evaluateAll(gates: readonly Gate[], input: VerdictInput): Judged[] {
  const judged: Judged[] = []
  const ordered = [...gates.filter((gate) => gate.readsVerdicts !== true), ...gates.filter((gate) => gate.readsVerdicts === true)]
  for (const gate of ordered) {
    const context = contextOf(gate, input)
    const verdict = one(
      gate,
      input,
      context,
      judged.map((each) => each.verdict),
    )
    judged.push(settled({ gate: gate.id, verdict, context, fresh: true }, input.before))
  }
  return judged
}

function contextOf(gate: Gate, { record, data, config, inputs, rejections, settings }: VerdictInput): VerdictContext {
  return {
    gate_version: gate.version,
    base: record.base,
    policy_digest: config.ok ? config.digest : null,
    policy_commit: config.ok ? config.commit : null,
    unreadable: config.ok ? null : { code: config.code, message: config.message },
    ...(config.ok ? declaredOf(config.config, gate) : { not_applicable: null, absent_topics: [], own_topics: [] }),
    inputs: gate.dependsOn.toSorted().flatMap((kind) => {
      const sha256 = Object.hasOwn(inputs, kind) ? inputs[kind] : undefined
      return sha256 === undefined ? [] : [{ kind, sha256 }]
    }),
    rejections: rejections.length,
    deadline: deadlineOf(data, feederOf(gate), settings),
  }
}

function one(gate: Gate, { record, config, evidence, waivers, now }: VerdictInput, context: VerdictContext, verdicts: readonly Verdict[]): Verdict {
  const of = { sha: record.head, env: 'all', now, traceId: record.traceId }
  if (!config.ok) return unreadable(gate.id, of, config)
  return evaluate(gate, {
    ...contextInput(of, context),
    evidence: [
      ...currentEvidence(evidence, record.head)
        .map((row) => row.evidence)
        .filter((row) => row.kind !== 'rollout-event'),
      ...waivers,
    ],
    policy: config.config.gates[gate.id] ?? {},
    budgets: limitsOf(config.config),
    hotfixGates: config.config.release.hotfix.gates,
    verdicts,
  })
}

/**
 * The same answer by the same version of the gate, from the same config and inputs, keeps its time; and then it keeps what it was decided from as well:
 * a verdict and its context are of one moment.
 */
function settled(now: Judged, before: readonly Decided[]): Judged {
  const last = before.find((one) => one.gate === now.gate && one.verdict.sha === now.verdict.sha)
  if (last === undefined || last.context === null) return now
  const same =
    digestOf({ ...last.verdict, at: now.verdict.at }) === digestOf(now.verdict) && digestOf(lasting(last.context)) === digestOf(lasting(now.context))
  return same ? { ...now, verdict: last.verdict, context: last.context, fresh: false } : now
}

/** What may not move under a verdict. The rest moves without it: where it mattered, the verdict would say something else. */
function lasting({ gate_version, policy_digest, inputs }: VerdictContext): object {
  return { gate_version, policy_digest, inputs }
}
