/** The predicates that may be read: kind -> schema. A kind without an entry has no reader yet, and is refused. */
import { z } from 'zod'
import { kindOf, type EvidenceKind } from '../model/kinds.ts'
import { Sha256, Timestamp, Version } from '../model/primitives.ts'
import {
  AgentResponsePredicate,
  ApprovalPredicate,
  DecisionPredicate,
  RolloutEventPredicate,
  SelfTestPredicate,
  VerdictPredicate,
} from '../model/statement.ts'

/** A position of a release's ledger, signed: what a pack's manifest stands on. */
export const CheckpointPredicate = z.strictObject({
  schema_version: z.literal(1),
  version: Version,
  seal: z.union([z.literal(1), z.literal(2)]),
  ledger: z.strictObject({ root: Sha256, entries: z.number().int().positive() }),
  evidence_root: Sha256,
  previous: Sha256.nullable(),
  at: Timestamp,
})
export type CheckpointPredicate = z.infer<typeof CheckpointPredicate>

const READABLE = {
  'agent-response': AgentResponsePredicate,
  'self-test': SelfTestPredicate,
  'rollout-event': RolloutEventPredicate,
  verdict: VerdictPredicate,
  approval: ApprovalPredicate,
  decision: DecisionPredicate,
  checkpoint: CheckpointPredicate,
} satisfies Partial<Record<EvidenceKind, z.ZodType>>

export type ReadableKind = keyof typeof READABLE

/** A predicate with the kind that says how to read it. */
export type Predicate = { [Kind in ReadableKind]: { readonly kind: Kind; readonly predicate: z.infer<(typeof READABLE)[Kind]> } }[ReadableKind]

/** Predicate type and value -> the typed predicate, or what is wrong with it. */
export function readPredicate(type: string, value: unknown): Predicate | { readonly problem: string; readonly unknown: boolean } {
  const kind = kindOf(type)
  if (kind === undefined || !isReadable(kind)) return { problem: `nothing reads the predicate type ${type.slice(0, 200)}`, unknown: true }
  const parsed = READABLE[kind].safeParse(value)
  if (!parsed.success) return { problem: `the ${kind} predicate does not fit its schema: ${firstIssues(parsed.error)}`, unknown: false }
  return { kind, predicate: parsed.data } as Predicate
}

/** The first few problems in one line: a hostile input cannot make the message long. */
export function firstIssues(error: z.ZodError): string {
  const shown = error.issues.slice(0, 3).map((issue) => `${issue.path.map(String).join('.') || 'value'}: ${issue.message}`)
  return shown.join('; ').slice(0, 600)
}

function isReadable(kind: EvidenceKind): kind is ReadableKind {
  return Object.hasOwn(READABLE, kind)
}
