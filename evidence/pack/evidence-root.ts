/** What a decision rests on, in one digest, and what an approver agrees to, in one id (SPEC part 13). Both pure. */
import { digestOf } from '../core/digest.ts'
import type { EvidenceKind } from '../model/kinds.ts'
import type { Verdict } from '../model/verdict.ts'

/** Kinds the evidence root is made of. Approvals are not in it: they agree to it. */
export const ROOT_KINDS = ['agent-response', 'test-result', 'sbom', 'provenance', 'self-test', 'waiver'] as const satisfies readonly EvidenceKind[]

export interface StatementRef {
  readonly kind: EvidenceKind
  /** SHA-256 of the statement's exact bytes. */
  readonly digest: string
}

/** SHA-256 over the RFC 8785 list of [kind, digest] of {@link ROOT_KINDS}, sorted, each once. Order and repetition of the input do not matter. */
export function evidenceRoot(statements: Iterable<StatementRef>): string {
  const pairs = new Map<string, readonly [string, string]>()
  for (const { kind, digest } of statements) if ((ROOT_KINDS as readonly string[]).includes(kind)) pairs.set(`${kind} ${digest}`, [kind, digest])
  return digestOf([...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair))
}

/**
 * What of a verdict a plan is bound to: the answer and what it rests on. When it was computed, and by which trace, is left out, so that looking again at
 * the same evidence does not make an approver paste again.
 */
export function verdictDigest(verdict: Verdict): string {
  const { at: _at, trace_id: _trace, ...rest } = verdict
  return digestOf(rest)
}

/** The rules a decision was made by: the config on the base branch, and the policy bundle that let people's commands through. @param config, commands SHA-256 of each */
export function policyDigest(config: string, commands: string): string {
  return digestOf({ config, commands })
}

export interface Plan {
  readonly version: string
  readonly repositoryId: number
  readonly head: string
  readonly base: string
  readonly environment: string
  /** Percent. */
  readonly step: number
  /** {@link verdictDigest} of each gate's verdict. */
  readonly gates: readonly { readonly gate: string; readonly verdict: string }[]
  /** {@link policyDigest} */
  readonly policyDigest: string
  readonly evidenceRoot: string
  /** Schema versions the new code can run on; null where there is no database. */
  readonly schemaRange: string | null
  /** Image -> digest that runs now. */
  readonly deployed: Readonly<Record<string, string>>
}

/** 32 hex digits that name exactly this plan: if anything an approver was shown moves, so does the id. */
export function planId(plan: Plan): string {
  const gates = plan.gates.map(({ gate, verdict }) => [gate, verdict] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return digestOf({
    version: plan.version,
    repository_id: plan.repositoryId,
    head: plan.head,
    base: plan.base,
    environment: plan.environment,
    step: plan.step,
    gates,
    policy_digest: plan.policyDigest,
    evidence_root: plan.evidenceRoot,
    schema_range: plan.schemaRange,
    deployed: plan.deployed,
  }).slice(0, 32)
}
