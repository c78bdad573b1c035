/**
 * Evidence in, verdict out, fail-closed (SPEC part 4). The evaluator answers for everything a gate never sees: absence, a foreign commit, stale inputs, a
 * missing or bad self-test receipt, an agent that could not look, a policy that cannot be used, a throw. Each is a no that says why and what to do next.
 * Pure: the same input gives the same verdict, so a verdict can be computed again from the pack.
 */
import { digestOf } from '../evidence/core/digest.ts'
import type { GateId } from '../evidence/model/phases.ts'
import { timestamp } from '../evidence/model/primitives.ts'
import { Verdict } from '../evidence/model/verdict.ts'
import type { Decision, EvidenceRef, Reason } from '../evidence/model/verdict.ts'
import { absences, admit, receiptReasons, staleness } from './admit.ts'
import type { Admitted, EvidenceLike } from './admit.ts'
import { asked, contradicted, notAsked, unusable } from './declared.ts'
import type { AbsentTopic } from './declared.ts'
import type { Gate, Limits, Testimony } from './gate.ts'
import { gateUnit } from './self-test.ts'
import { no, opinionOf } from './statement.ts'
import { waived } from './waived.ts'

export type { EvidenceLike } from './admit.ts'

export interface EvaluateInput {
  /** The commit the verdict speaks for, its base commit or branch (for the record only), and the environment, `all` for what holds everywhere. */
  readonly subject: { readonly sha: string; readonly base: string; readonly env: string }
  /** Believed evidence in any order; what is not of this commit is not evidence. */
  readonly evidence: readonly EvidenceLike[]
  /** `config.gates[gate.id] ?? {}`, unparsed. */
  readonly policy: unknown
  /** `limitsOf(config)`. */
  readonly budgets: Limits
  /** `config.release.hotfix.gates`; absent: none, so that no hotfix's waiver covers anything. */
  readonly hotfixGates?: readonly GateId[]
  /** From the config of the base branch, at `commit`; null when nothing is declared for this gate. */
  readonly notApplicable: { readonly reason: string; readonly by: string; readonly commit: string } | null
  /** Topics of this gate that the config of the base branch declares absent. */
  readonly absentTopics: readonly AbsentTopic[]
  /** Topics of the adopter's own agents that this gate requires too: their opinion may lower it, never raise it. */
  readonly ownTopics: readonly string[]
  /** InputDigest.kind -> the digest of that input as it is now. */
  readonly inputs: Readonly<Record<string, string>>
  /** Verdicts of the other gates, as they are now. */
  readonly verdicts: readonly Verdict[]
  /** How many statements arrived for this release and were not believed. */
  readonly rejections: number
  /** Epoch milliseconds. */
  readonly now: number
  /** Epoch milliseconds after which absent evidence is late; null: none. */
  readonly deadline: number | null
  readonly traceId: string
}

/** One gate's verdict. Never throws for bad evidence, policy or gates; the answer is then a no. */
export function evaluate(gate: Gate, input: EvaluateInput): Verdict {
  const admitted = admit({ ...gate, reads: [...gate.reads, ...input.ownTopics] }, input.subject.sha, input.evidence)
  const verdicts = gate.readsVerdicts === true ? ofThisCommit(gate, input) : []
  const refs = cited(admitted, verdicts)
  try {
    if (input.notApplicable !== null) return declared(gate, input, input.notApplicable, refs)
    return waived(verdictOf(gate, input, decided(gate, input, admitted, verdicts), refs), input.evidence, input.now, input.hotfixGates)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    const message = `${gate.id} threw an error: ${said}`.slice(0, 1000)
    return verdictOf(
      gate,
      input,
      no('indeterminate', [{ code: 'gate.crashed', message, next: 'Report the defect; the gate blocks until it is mended.' }]),
      refs,
    )
  }
}

function ofThisCommit(gate: Gate, input: EvaluateInput): Verdict[] {
  return input.verdicts.filter((verdict) => verdict.gate !== gate.id && verdict.sha === input.subject.sha && Verdict.safeParse(verdict).success)
}

function decided(gate: Gate, input: EvaluateInput, admitted: Admitted, verdicts: readonly Verdict[]): Decision {
  const policy = gate.policy.safeParse(input.policy)
  if (!policy.success) {
    const where = policy.error.issues.map((issue) => `gates.${[gate.id, ...issue.path].join('.')}: ${issue.message}`).join('; ')
    return no('fail', [
      {
        code: 'gate.policy-invalid',
        message: where.slice(0, 1900),
        next: 'Run `release-conductor config check`, and correct the config on the base branch.',
      },
    ])
  }
  const undeclarable = unusable(gate, input.absentTopics)
  if (undeclarable.length > 0) return no('fail', undeclarable)
  const contradictions = contradicted(gate, input.absentTopics, admitted.testimonies)
  if (contradictions.length > 0) return no('fail', contradictions)
  const wanted = asked(gate, input.absentTopics)
  const testimonies = admitted.testimonies.filter(({ topic }) => wanted.reads.includes(topic))
  const own = admitted.testimonies.filter(({ topic }) => input.ownTopics.includes(topic) && !gate.reads.includes(topic))
  const late = input.deadline !== null && input.now > input.deadline
  const obstacles = [
    ...absences({ ...wanted, reads: [...wanted.reads, ...input.ownTopics] }, admitted, { late, rejections: input.rejections }),
    ...receiptReasons(gate, { ...admitted, testimonies: admitted.testimonies.filter((one) => !own.includes(one)) }),
    ...staleness(gate, testimonies, input.inputs),
    ...[...testimonies, ...own].flatMap(couldNotLook),
  ]
  if (obstacles.length > 0) return no('indeterminate', obstacles)
  const evidence = new Map(wanted.reads.map((topic) => [topic, testimonies.filter((testimony) => testimony.topic === topic)]))
  const decision = gate.decide({ evidence, verdicts, policy: policy.data, budgets: input.budgets, now: input.now })
  return decision.verdict === 'pass' ? lowered(gate, decision, [...testimonies, ...own]) : decision
}

function couldNotLook(testimony: Testimony): Reason[] {
  const { response, agent } = testimony.predicate
  if (response.result === 'ok') return []
  const message = `${agent.name} answered ${response.result}: ${response.notes || 'it gave no reason'}`.slice(0, 1900)
  return [{ code: 'gate.agent-not-ok', message, next: response.next || 'Look at the log of the job.' }]
}

/** An agent's opinion can take a pass away; it can never give one. */
function lowered(gate: Gate, decision: Decision, testimonies: readonly Testimony[]): Decision {
  const objections = testimonies.flatMap((testimony) => {
    const opinion = opinionOf(testimony, gate.id)
    return opinion?.verdict === 'pass' ? [] : [{ name: testimony.predicate.agent.name, opinion }]
  })
  if (objections.length === 0) return decision
  const verdict = objections.some((objection) => objection.opinion?.verdict === 'fail') ? 'fail' : 'indeterminate'
  const reasons = objections.map(({ name, opinion }): Reason => {
    const why = opinion?.reasons.map((reason) => reason.message).join('; ') ?? 'it gave no opinion'
    return {
      code: 'gate.agent-objects',
      message: `${name} says ${opinion?.verdict ?? 'nothing'}: ${why}`.slice(0, 1900),
      next: opinion?.reasons[0]?.next ?? `Look at what ${name} wrote.`,
    }
  })
  return no(verdict, reasons, { metrics: decision.metrics, measured: decision.measured }, decision.thresholds)
}

function declared(gate: Gate, input: EvaluateInput, of: NonNullable<EvaluateInput['notApplicable']>, refs: readonly EvidenceRef[]): Verdict {
  if (gate.readsVerdicts === true) {
    const message = `${gate.id} applies to every release and cannot be declared not applicable`
    return verdictOf(
      gate,
      input,
      no('fail', [{ code: 'gate.policy-invalid', message, next: `Take not_applicable.${gate.id} out of the config on the base branch.` }]),
      refs,
    )
  }
  const message = `not applicable: ${of.reason}, declared by ${of.by} at ${of.commit}`.slice(0, 2000)
  const reason: Reason = {
    code: 'gate.declared-not-applicable',
    message,
    next: 'Nothing to do; take the declaration out of the config when it stops being true.',
  }
  return Verdict.parse({ ...frame(gate, input, refs), verdict: 'not_applicable', metrics: {}, thresholds: {}, measured: null, reasons: [reason] })
}

function verdictOf(gate: Gate, input: EvaluateInput, decision: Decision, refs: readonly EvidenceRef[]): Verdict {
  const { verdict, metrics, thresholds, measured } = decision
  const reasons = decision.verdict === 'pass' ? notAsked(input.absentTopics) : decision.reasons.slice(0, 200)
  return Verdict.parse({ ...frame(gate, input, refs), verdict, metrics, thresholds, measured, reasons })
}

function frame(gate: Gate, input: EvaluateInput, refs: readonly EvidenceRef[]) {
  const { sha, env } = input.subject
  return { gate: gate.id, env, sha, evidence: refs.slice(0, 1000), agent: gateUnit(gate), trace_id: input.traceId, at: timestamp(input.now) }
}

/** Every statement and verdict that was read, by digest. */
function cited({ testimonies, receipts }: Admitted, verdicts: readonly Verdict[]): EvidenceRef[] {
  const refs = [
    ...testimonies.map(({ topic, digest }) => ({ path: `attestations/agent-response-${topic}.sigstore.json`, sha256: digest, sig: null })),
    ...receipts.map(({ digest, predicate }) => ({ path: `attestations/self-test-${predicate.gate}.sigstore.json`, sha256: digest, sig: null })),
    ...verdicts.map((verdict) => ({ path: `verdicts/${verdict.gate}.json`, sha256: digestOf(verdict), sig: null })),
  ]
  const unique = new Map(refs.map((ref) => [`${ref.path} ${ref.sha256}`, ref]))
  return [...unique.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref)
}
