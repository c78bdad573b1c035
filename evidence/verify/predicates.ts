/** The predicates that may be read: kind -> schema. A kind without an entry has no reader yet, and is refused. */
import { z } from 'zod'
import { CYCLONEDX_TYPE, kindOf, type EvidenceKind } from '../model/kinds.ts'
import { CheckpointPredicate } from '../model/predicate/checkpoint.ts'
import { ProvenancePredicate } from '../model/predicate/provenance.ts'
import { CyclonedxBom, SbomPredicate, SpdxDocument } from '../model/predicate/sbom.ts'
import { TestResultPredicate } from '../model/predicate/test-result.ts'
import { WaiverPredicate } from '../model/predicate/waiver.ts'
import {
  AgentResponsePredicate,
  ApprovalPredicate,
  DecisionPredicate,
  RolloutEventPredicate,
  SelfTestPredicate,
  VerdictPredicate,
} from '../model/statement.ts'

export { CheckpointPredicate } from '../model/predicate/checkpoint.ts'

const READABLE = {
  'agent-response': AgentResponsePredicate,
  'self-test': SelfTestPredicate,
  'rollout-event': RolloutEventPredicate,
  verdict: VerdictPredicate,
  approval: ApprovalPredicate,
  decision: DecisionPredicate,
  waiver: WaiverPredicate,
  checkpoint: CheckpointPredicate,
  provenance: ProvenancePredicate,
  sbom: SbomPredicate,
  'test-result': TestResultPredicate,
} satisfies Partial<Record<EvidenceKind, z.ZodType>>

export type ReadableKind = keyof typeof READABLE

/** A predicate with the kind that says how to read it. */
export type Predicate = { [Kind in ReadableKind]: { readonly kind: Kind; readonly predicate: z.infer<(typeof READABLE)[Kind]> } }[ReadableKind]

/** Predicate type and value -> the typed predicate, or what is wrong with it. */
export function readPredicate(type: string, value: unknown): Predicate | { readonly problem: string; readonly unknown: boolean } {
  const kind = kindOf(type)
  if (kind === undefined || !isReadable(kind)) return { problem: `nothing reads the predicate type ${type.slice(0, 200)}`, unknown: true }
  const parsed = schemaOf(kind, type).safeParse(value)
  if (!parsed.success) return { problem: `the ${kind} predicate does not fit its schema: ${firstIssues(parsed.error)}`, unknown: false }
  return { kind, predicate: parsed.data } as Predicate
}

/** The type says which of two formats an SBOM has; the content may not say otherwise. */
function schemaOf(kind: ReadableKind, type: string): z.ZodType {
  if (kind !== 'sbom') return READABLE[kind]
  return type.startsWith(CYCLONEDX_TYPE) ? CyclonedxBom : SpdxDocument
}

/** The first few problems in one line: a hostile input cannot make the message long. */
export function firstIssues(error: z.ZodError): string {
  const shown = error.issues.slice(0, 3).map((issue) => `${issue.path.map(String).join('.') || 'value'}: ${issue.message}`)
  return shown.join('; ').slice(0, 600)
}

function isReadable(kind: EvidenceKind): kind is ReadableKind {
  return Object.hasOwn(READABLE, kind)
}
