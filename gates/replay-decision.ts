/**
 * What people agreed to, computed again from the pack: each plan id from what the signed decision says it was made of, and that against the approval, the
 * ledger, the config and the verdicts; then the go or no-go. Pure.
 */
import { differences } from '../evidence/core/difference.ts'
import type { Difference } from '../evidence/core/difference.ts'
import type { LedgerEntry } from '../evidence/ledger/chain.ts'
import type { Manifest } from '../evidence/model/manifest.ts'
import type { ApprovalPredicate, DecisionPredicate } from '../evidence/model/statement.ts'
import type { Verdict } from '../evidence/model/verdict.ts'
import type { GoNoGo } from '../evidence/pack/documents.ts'
import { evidenceRoot, planId, policyDigest, verdictDigest, type StatementRef } from '../evidence/pack/evidence-root.ts'
import { policyPath } from '../evidence/pack/layout.ts'
import type { Replayed } from '../evidence/pack/replayed.ts'
import type { GateReplayed } from './replay.ts'

export interface DecisionQuestion {
  readonly manifest: Pick<Manifest, 'version' | 'repository_id' | 'commits' | 'outcome'>
  /** SHA-256 of `config.yml`. */
  readonly configDigest: string
  /** SHA-256 of every file in the pack. */
  readonly hashes: ReadonlyMap<string, string>
  /** Believed statements of every kind. */
  readonly statements: readonly StatementRef[]
  readonly approvals: readonly ApprovalPredicate[]
  readonly decisions: readonly DecisionPredicate[]
  /** Of the files in the pack. */
  readonly verdicts: readonly Verdict[]
  readonly goNoGo: GoNoGo | null
  readonly ledger: readonly LedgerEntry[]
  /** The gates, computed again. */
  readonly gates: readonly GateReplayed[]
}

/** One row for each decision, one for each approval that no decision stands for, and one for `go_no_go.json`. */
export function replayDecisions(question: DecisionQuestion): readonly Replayed[] {
  const { approvals, decisions } = question
  return [
    ...decisions.map((decision) => decided(question, decision)),
    ...approvals.filter((approval) => !decisions.some((decision) => agrees(approval, decision))).map(alone),
    goNoGo(question),
  ]
}

function agrees(approval: ApprovalPredicate, decision: DecisionPredicate): boolean {
  return approval.plan === decision.plan && approval.step === decision.step && approval.environment === decision.environment
}

function decided(question: DecisionQuestion, decision: DecisionPredicate): Replayed {
  const { manifest, approvals, ledger } = question
  const plan = planId({
    version: manifest.version,
    repositoryId: manifest.repository_id,
    head: manifest.commits.head,
    base: decision.base,
    environment: decision.environment,
    step: decision.step,
    gates: Object.entries(decision.gates).map(([gate, { verdict }]) => ({ gate, verdict })),
    policyDigest: decision.policy_digest,
    evidenceRoot: decision.evidence_root,
    schemaRange: decision.schema_range,
    deployed: decision.deployed,
  })
  const approved = approvals.filter((one) => one.environment === decision.environment && one.step === decision.step).map((one) => one.plan)
  const noted = ledger.filter(({ type, data }) => type === 'decision' && data['plan'] === decision.plan)
  const found = [
    ...differences(decision.plan, plan, 'decision.plan'),
    ...differences(decision.version, manifest.version, 'decision.version'),
    ...differences(decision.policy_digest, rules(question, decision), 'decision.policy_digest'),
    ...tooFew(question, decision),
    ...(approved.includes(decision.plan) ? [] : differences(approved.join(', ') || null, decision.plan, 'approval.plan')),
    ...(noted.some(({ data }) => data['environment'] === decision.environment && data['up_to'] === decision.step)
      ? []
      : differences(null, decision.plan, 'ledger.decision')),
  ]
  const moved = grounds(question, decision)
  // The pack of a decision holds what it rests on; afterwards a gate may have turned, and the decision stays what it was.
  const isFresh = manifest.outcome === 'proven' && ledger.findLast(({ type }) => type === 'decision')?.data['environment'] === decision.environment
  if (isFresh) found.push(...moved)
  const subject = `decision for ${decision.environment} up to ${decision.step} %`
  const result = found.length === 0 ? 'same' : 'differs'
  const why = !isFresh && moved.length > 0 ? `since it was taken: ${moved.map(({ field }) => field).join(', ')}`.slice(0, 500) : ''
  return { subject, packed: decision.plan, recomputed: plan, result, differences: found, why }
}

/** Fewer different people than the policy wanted. */
function tooFew({ approvals }: DecisionQuestion, decision: DecisionPredicate): readonly Difference[] {
  const need = decision.authorised?.need ?? 1
  const people = new Set(approvals.filter((one) => agrees(one, decision)).map(({ actor }) => actor.id)).size
  return people === 0 || people >= need ? [] : differences(people, need, 'approval.people')
}

/** The rules it was made by, from what lies in the pack; null when their bundle does not. */
function rules({ configDigest, hashes }: DecisionQuestion, { authorised }: DecisionPredicate): string | null {
  if (authorised === undefined) return configDigest
  const bundle = hashes.get(policyPath(authorised.policy))
  return bundle === undefined ? null : policyDigest(configDigest, bundle)
}

/** Evidence root and verdicts of the decision against those in the pack. */
function grounds({ statements, verdicts }: DecisionQuestion, decision: DecisionPredicate): readonly Difference[] {
  const now = Object.fromEntries(verdicts.map((verdict) => [verdict.gate, { outcome: verdict.verdict, verdict: verdictDigest(verdict) }]))
  return [
    ...differences(decision.evidence_root, evidenceRoot(statements), 'decision.evidence_root'),
    ...differences(decision.gates, now, 'decision.gates'),
  ]
}

function alone(approval: ApprovalPredicate): Replayed {
  return {
    subject: `approval for ${approval.environment} up to ${approval.step} %`,
    packed: approval.plan,
    recomputed: null,
    result: 'differs',
    differences: differences(approval.plan, null, 'approval.plan'),
    why: 'no decision stands for this plan',
  }
}

/** What the gate over gates must say for a go; waived: by break-glass. */
const LETS_GO: ReadonlySet<string> = new Set(['pass', 'waived'])

/** `go_no_go.json` from the gates as they come out now; a gate that could not be asked leaves it open. */
function goNoGo({ goNoGo: packed, gates }: DecisionQuestion): Replayed {
  const subject = 'go/no-go'
  if (packed === null)
    return { subject, packed: null, recomputed: null, result: 'indeterminate', differences: [], why: 'the pack has no go_no_go.json' }
  const known = gates.filter((gate) => gate.verdict !== null)
  const outcomes = Object.fromEntries(known.map((gate) => [gate.subject, gate.recomputed]))
  const stated = Object.fromEntries(
    Object.entries(packed.gates).filter(([gate]) => !gates.some((one) => one.subject === gate && one.verdict === null)),
  )
  const all = gates.find((gate) => gate.subject === 'all_required_gates')
  const recomputed = all?.verdict === null || all === undefined ? null : LETS_GO.has(all.recomputed ?? '') ? 'go' : 'no_go'
  const found = [
    ...differences(stated, outcomes, 'go_no_go.gates'),
    ...(recomputed === null ? [] : differences(packed.decision, recomputed, 'go_no_go.decision')),
  ]
  const open = recomputed === null || known.length < gates.length
  const result = found.length > 0 ? 'differs' : open ? 'indeterminate' : 'same'
  return { subject, packed: packed.decision, recomputed, result, differences: found, why: open ? 'a gate could not be computed again' : '' }
}
