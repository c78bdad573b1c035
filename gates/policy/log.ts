/**
 * A decision as Open Policy Agent logs it, so that its readers read ours: https://www.openpolicyagent.org/docs/management-decision-logs
 * The same question has the same id, however often it is asked after a crash. Pure.
 */
import { digestOf } from '../../evidence/core/digest.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { PolicyBundle } from './bundle.ts'
import { DECISION_PATH, type CommandDecision } from './decide.ts'
import type { CommandInput } from './input.ts'

/** Left out of the log: who is named stands in the config, whose digest the plan holds. */
const ERASED = ['people'] as const

export interface DecisionLog {
  readonly labels: Readonly<Record<string, string>>
  readonly decision_id: string
  readonly bundles: Readonly<Record<string, { readonly revision: string; readonly digest: string }>>
  readonly path: string
  readonly input: Readonly<Record<string, unknown>>
  /** JSON pointers to what was left out. */
  readonly erased: readonly string[]
  /** SHA-256 over the canonical form of the whole input. */
  readonly input_digest: string
  readonly result: CommandDecision
  readonly timestamp: string
}

/** @param of `question` names what was asked: release and comment */
export function decisionLog(of: {
  readonly question: string
  readonly policy: Pick<PolicyBundle, 'digest' | 'revision'>
  readonly input: CommandInput
  readonly result: CommandDecision
  readonly labels: Readonly<Record<string, string>>
}): DecisionLog {
  const { question, policy, input, result, labels } = of
  return {
    labels,
    decision_id: uuidOf(digestOf({ question, policy: policy.digest })),
    bundles: { commands: { revision: policy.revision, digest: policy.digest } },
    path: DECISION_PATH,
    input: Object.fromEntries(Object.entries(input).filter(([key]) => !(ERASED as readonly string[]).includes(key))),
    erased: ERASED.map((key) => `/input/${key}`),
    input_digest: digestOf(input),
    result,
    timestamp: timestamp(input.now),
  }
}

/** 64 hex digits -> a UUID of version 8 (RFC 9562), which leaves its digits to whoever makes it. */
function uuidOf(digest: string): string {
  const variant = '89ab'[Number.parseInt(digest.charAt(16), 16) & 3]
  return [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `${variant}${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-')
}
