/**
 * What of the evidence a gate may read: believed statements of this very commit, the newest of each agent, and never one that a later run did not bring
 * again. Everything that is missing or does not fit becomes a reason; nothing is repaired. Pure.
 */
import { Sha256 } from '../evidence/model/primitives.ts'
import { AgentResponsePredicate, SelfTestPredicate } from '../evidence/model/statement.ts'
import type { Origin } from '../evidence/model/statement.ts'
import type { Reason } from '../evidence/model/verdict.ts'
import type { Gate, Testimony } from './gate.ts'
import { receiptLacks, unitsOf } from './self-test.ts'

/** Believed evidence, as far as gates care; `Evidence` of the App is one. */
export interface EvidenceLike {
  readonly kind: string
  /** SHA-256 of the statement's exact bytes. */
  readonly digest: string
  readonly predicate: unknown
}

export interface Receipt {
  readonly digest: string
  readonly predicate: SelfTestPredicate
}

export interface Admitted {
  /** Sorted by topic, agent, digest, so that order of arrival changes nothing. */
  readonly testimonies: readonly Testimony[]
  readonly receipts: readonly Receipt[]
  /** Statements about this gate that are not of this commit, or not of a known shape. */
  readonly foreign: number
}

/** Evidence of any kind -> what this gate may read of it, at this commit. */
export function admit(gate: Gate, sha: string, evidence: readonly EvidenceLike[]): Admitted {
  let foreign = 0
  const receipts: Receipt[] = []
  const found: Testimony[] = []
  for (const { kind, digest, predicate } of evidence) {
    if (!Sha256.safeParse(digest).success) foreign += 1
    else if (kind === 'self-test') {
      const parsed = SelfTestPredicate.safeParse(predicate)
      if (!parsed.success || parsed.data.gate !== gate.id) continue
      if (parsed.data.origin.sha === sha) receipts.push({ digest, predicate: parsed.data })
      else foreign += 1
    } else if (kind === 'agent-response') {
      const parsed = AgentResponsePredicate.safeParse(predicate)
      if (!parsed.success) foreign += 1
      else if (gate.reads.includes(parsed.data.topic)) {
        const here = parsed.data.origin.sha === sha && parsed.data.response.verdicts.every((verdict) => verdict.sha === sha)
        if (here) found.push({ topic: parsed.data.topic, digest, predicate: parsed.data })
        else foreign += 1
      }
    }
  }
  const since = receipts.map((receipt) => receipt.predicate.origin).toSorted(newestFirst)[0]
  const testimonies = found
    .filter((testimony) => since === undefined || newestFirst(testimony.predicate.origin, since) <= 0)
    .filter(
      (testimony, _index, all) =>
        !all.some((other) => sameAgent(other, testimony) && newestFirst(other.predicate.origin, testimony.predicate.origin) < 0),
    )
    .toSorted((a, b) => compare(order(a), order(b)))
  return { testimonies, receipts: receipts.toSorted((a, b) => compare(a.digest, b.digest)), foreign }
}

function sameAgent(a: Testimony, b: Testimony): boolean {
  return a.topic === b.topic && a.predicate.agent.name === b.predicate.agent.name
}

function order(testimony: Testimony): string {
  return `${testimony.topic} ${testimony.predicate.agent.name} ${testimony.digest}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Runs are numbered upwards, and so are their attempts. */
function newestFirst(a: Pick<Origin, 'run_id' | 'run_attempt'>, b: Pick<Origin, 'run_id' | 'run_attempt'>): number {
  return b.run_id - a.run_id || b.run_attempt - a.run_attempt
}

const AGAIN = (gate: Gate): string => `Run phase ${gate.phase} again.`

/** Receipts must be of this version of the gate, complete, and red where a fault was planted. */
export function receiptReasons(gate: Gate, { receipts, testimonies }: Admitted): Reason[] {
  const units = testimonies.map((testimony) => testimony.predicate.agent.name)
  const own = receipts.filter((receipt) => receipt.predicate.gate_version === gate.version)
  if (own.length === 0) {
    const others = receipts.map((receipt) => receipt.predicate.gate_version).join(', ')
    const message =
      others === '' ? `No receipt shows that ${gate.id} can fail` : `The receipt is of version ${others} of ${gate.id}, not ${gate.version}`
    return [{ code: 'gate.self-test-absent', message, next: AGAIN(gate) }]
  }
  return own.flatMap((receipt) => {
    const lacks = receiptLacks(gate, receipt.predicate, [...new Set(units)])
    if (lacks.length === 0) return []
    return [
      {
        code: 'gate.self-test-failed' as const,
        message: lacks.slice(0, 10).join('; ').slice(0, 1900),
        next: 'Do not trust this gate; report the defect.',
      },
    ]
  })
}

/** Topics and agents that have not spoken. */
export function absences(gate: Gate, admitted: Admitted, of: { readonly late: boolean; readonly rejections: number }): Reason[] {
  const spoken = new Set(admitted.testimonies.map((testimony) => testimony.predicate.agent.name))
  const topics = gate.reads
    .filter((topic) => !admitted.testimonies.some((testimony) => testimony.topic === topic))
    .map((topic) => `no evidence on ${topic}`)
  const silent = [...new Set(admitted.receipts.flatMap((receipt) => unitsOf(gate, receipt.predicate)))]
    .filter((unit) => !spoken.has(unit))
    .map((unit) => `no statement of ${unit}`)
  const missing = [...topics, ...silent]
  if (missing.length === 0) return []
  const aside = admitted.foreign > 0 ? ` (${admitted.foreign} statements are of another commit or of no known shape)` : ''
  const reasons: Reason[] = [
    {
      code: of.late ? 'gate.evidence-late' : 'gate.evidence-absent',
      message: `There is ${missing.join(', ')}${aside}`.slice(0, 1900),
      next: of.late ? `Look at the workflow run, then run phase ${gate.phase} again.` : AGAIN(gate),
    },
  ]
  if (of.rejections > 0)
    reasons.push({
      code: 'gate.evidence-rejected',
      message: `${of.rejections} statements arrived and were not believed`,
      next: `Look at the rejections, then run phase ${gate.phase} again from the pinned workflow.`,
    })
  return reasons
}

/** Inputs that changed since the evidence was made, or that nobody can compare. @param current digests of the inputs as they are now */
export function staleness(gate: Gate, testimonies: readonly Testimony[], current: Readonly<Record<string, string>>): Reason[] {
  return gate.dependsOn.flatMap((kind) => {
    const topics = gate.inputOf?.[kind]
    const of = topics === undefined ? testimonies : testimonies.filter(({ topic }) => topics.includes(topic))
    const now = Object.hasOwn(current, kind) ? current[kind] : undefined
    const message =
      now === undefined
        ? `The current ${kind} is not known, so nobody can say whether the evidence is about it`
        : of.some((testimony) => !testimony.predicate.inputs.some((input) => input.kind === kind && input.sha256 === now))
          ? `${kind} changed after the evidence was made`
          : of.some((testimony) => testimony.predicate.inputs.some((input) => input.kind === kind && input.sha256 !== now))
            ? `The evidence names two different ${kind}`
            : null
    return message === null ? [] : [{ code: 'gate.evidence-stale' as const, message, next: AGAIN(gate) }]
  })
}
