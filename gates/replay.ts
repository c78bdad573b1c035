/**
 * Every verdict of a pack, asked again: the statements, the config and the context that lie in it -> the verdict this version of the gates gives, beside
 * the packed one. What cannot be asked again (a gate of another version, one that is not built here, no signed context) is indeterminate, never the same;
 * so is a gate that fails its own self-test here and now. Pure.
 */
import { differences } from '../evidence/core/difference.ts'
import { digestOf } from '../evidence/core/digest.ts'
import type { Difference } from '../evidence/core/difference.ts'
import type { Config } from '../evidence/model/config.ts'
import { SelfTestPredicate } from '../evidence/model/statement.ts'
import type { VerdictPredicate } from '../evidence/model/statement.ts'
import type { Verdict } from '../evidence/model/verdict.ts'
import type { VerdictContext } from '../evidence/model/verdict-context.ts'
import type { Replayed } from '../evidence/pack/replayed.ts'
import { contextInput, unreadable } from './context.ts'
import { declaredOf } from './declared.ts'
import type { Declared } from './declared.ts'
import { evaluate } from './evaluate.ts'
import type { EvidenceLike } from './evaluate.ts'
import { limitsOf, type Gate } from './gate.ts'
import { GATES } from './index.ts'
import { gateCases, gateUnit } from './self-test.ts'

/** What a pack holds of one gate. */
export interface PackedVerdict {
  readonly gate: string
  /** `verdicts/<gate>.json`; null when it is not there. */
  readonly verdict: Verdict | null
  /** The believed verdict statement; null when there is none. */
  readonly statement: VerdictPredicate | null
}

export interface ReplayQuestion {
  /** The release's commit. */
  readonly head: string
  /** Epoch milliseconds. */
  readonly sealedAt: number
  /** Believed statements of every kind. */
  readonly evidence: readonly EvidenceLike[]
  /** `config.yml`: the digest of its bytes, and what it says; null when it cannot be read. */
  readonly config: { readonly digest: string; readonly value: Config | null }
  /** Digest of each gate's last verdict in the ledger. */
  readonly noted: ReadonlyMap<string, string>
  readonly packed: readonly PackedVerdict[]
  /** Default: the gates of this version. */
  readonly gates?: readonly Gate[]
}

export interface GateReplayed extends Replayed {
  /** The verdict as it was computed now; null when it could not be. */
  readonly verdict: Verdict | null
}

/** One row for each packed gate, the gate over gates last. */
export function replayVerdicts(question: ReplayQuestion): readonly GateReplayed[] {
  const { packed, gates = GATES } = question
  const rows = new Map<string, GateReplayed>()
  const gateOf = (id: string): Gate | undefined => gates.find((gate) => gate.id === id)
  const isOverGates = ({ gate }: PackedVerdict): boolean => gateOf(gate)?.readsVerdicts === true
  for (const one of packed.filter((each) => !isOverGates(each))) rows.set(one.gate, replayed(question, one, gateOf(one.gate), []))
  for (const one of packed.filter(isOverGates)) rows.set(one.gate, overGates(question, one, gateOf(one.gate), rows))
  return [...rows.values()]
}

/** The gate over gates reads what the others say now; when only that makes the difference, it says so. */
function overGates(question: ReplayQuestion, packed: PackedVerdict, gate: Gate | undefined, others: ReadonlyMap<string, GateReplayed>): GateReplayed {
  const files = question.packed.flatMap((one) => (one.gate === packed.gate ? [] : (one.verdict ?? [])))
  const now = files.map((file) => others.get(file.gate)?.verdict ?? file)
  const row = replayed(question, packed, gate, now)
  const unknown = [...others.values()].filter((other) => other.result === 'indeterminate').map((other) => other.subject)
  if (row.result === 'same' && unknown.length > 0)
    return { ...row, result: 'indeterminate', why: `it rests on ${unknown.join(', ')}, which could not be computed again` }
  if (row.result !== 'differs' || replayed(question, packed, gate, files).result !== 'same') return row
  const changed = [...others.values()].filter((other) => other.result === 'differs').map((other) => other.subject)
  return { ...row, why: `it follows from ${changed.join(', ')}` }
}

function replayed(question: ReplayQuestion, packed: PackedVerdict, gate: Gate | undefined, verdicts: readonly Verdict[]): GateReplayed {
  const { verdict, statement } = packed
  const unknown = (why: string): GateReplayed => {
    const found = statement !== null && verdict !== null ? differences(verdict, statement.verdict, 'statement') : []
    const result = found.length > 0 ? 'differs' : 'indeterminate'
    return { subject: packed.gate, packed: verdict?.verdict ?? null, recomputed: null, result, differences: found, why, verdict: null }
  }
  if (verdict === null) return unknown('the pack has no verdict of it')
  if (statement === null) return unknown('no believed statement says what its verdict was decided from')
  if (gate === undefined) return unknown(`no gate ${packed.gate} is built in this version of release-conductor`)
  const { context } = statement
  if (context.gate_version !== gate.version)
    return unknown(`it was decided by version ${context.gate_version} of the gate; here is version ${gate.version}`)
  const failed = gateCases(gate).filter((planted) => planted.got !== planted.expected)
  if (failed.length > 0) return unknown(`here the gate fails its own self-test: ${failed.map((planted) => planted.name).join(', ')}`.slice(0, 500))
  const now = Date.parse(verdict.at)
  if (!Number.isFinite(now)) return unknown(`${verdict.at} is no time`)
  const recomputed = decide(question, gate, { verdict, context, now }, verdicts)
  if (recomputed === null) return unknown('the config in the pack cannot be read')
  const found = [
    ...differences(verdict, recomputed, 'verdict'),
    ...differences(verdict, statement.verdict, 'statement'),
    ...differences(digestOf(verdict), question.noted.get(gate.id), 'ledger.verdict'),
    ...contextDifferences(question, gate, context),
    ...receiptDifferences(question, gate),
    ...(now > question.sealedAt ? differences(verdict.at, `at most ${new Date(question.sealedAt).toISOString()}`, 'verdict.at') : []),
  ]
  return {
    subject: gate.id,
    packed: verdict.verdict,
    recomputed: recomputed.verdict,
    result: found.length === 0 ? 'same' : 'differs',
    differences: found,
    why: '',
    verdict: recomputed,
  }
}

interface Decided {
  readonly verdict: Verdict
  readonly context: VerdictContext
  readonly now: number
}

function decide({ head, evidence, config }: ReplayQuestion, gate: Gate, of: Decided, verdicts: readonly Verdict[]): Verdict | null {
  const { verdict, context, now } = of
  const occasion = { sha: head, env: verdict.env, now, traceId: verdict.trace_id }
  if (context.unreadable !== null) return unreadable(gate.id, occasion, context.unreadable)
  if (config.value === null) return null
  return evaluate(gate, {
    ...contextInput(occasion, { ...context, ...declaredOf(config.value, gate) }),
    evidence,
    policy: config.value.gates[gate.id] ?? {},
    budgets: limitsOf(config.value),
    hotfixGates: config.value.release.hotfix.gates,
    verdicts,
  })
}

/** Does the context speak of the config that is in the pack? */
function contextDifferences({ config }: ReplayQuestion, gate: Gate, context: VerdictContext): readonly Difference[] {
  if (context.unreadable !== null) return differences(context.policy_digest, null, 'context.policy_digest')
  return [
    ...differences(context.policy_digest, config.digest, 'context.policy_digest'),
    ...(config.value === null ? [] : declarationDifferences(context, declaredOf(config.value, gate))),
  ]
}

function declarationDifferences(context: VerdictContext, now: Declared): readonly Difference[] {
  return [
    ...differences(context.not_applicable, now.not_applicable, 'context.not_applicable'),
    ...differences(context.absent_topics, now.absent_topics, 'context.absent_topics'),
    ...differences(context.own_topics, now.own_topics, 'context.own_topics'),
  ]
}

/** The gate's own cases in its receipts against the same cases, run now. */
function receiptDifferences({ evidence, head }: ReplayQuestion, gate: Gate): readonly Difference[] {
  const now = gateCases(gate)
  return evidence.flatMap(({ kind, predicate }) => {
    const receipt = kind === 'self-test' ? SelfTestPredicate.safeParse(predicate) : null
    if (receipt?.success !== true || receipt.data.gate !== gate.id || receipt.data.origin.sha !== head) return []
    if (receipt.data.gate_version !== gate.version) return []
    return differences(
      receipt.data.cases.filter((planted) => planted.unit === gateUnit(gate)),
      now,
      'self_test.cases',
    )
  })
}
