/** What the App itself states in a pack, and signs: each gate's verdict with what it was decided from, each approval, and the decision it stands for. */
import { sha256 } from '../../evidence/core/digest.ts'
import type { EvidenceKind } from '../../evidence/model/kinds.ts'
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { ApprovalPredicate, DecisionPredicate, VerdictPredicate } from '../../evidence/model/statement.ts'
import { documentBytes } from '../../evidence/pack/documents.ts'
import { APPROVALS_MATRIX, attestationPath, verdictPath } from '../../evidence/pack/layout.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { bundleBytes, statementBytes, statementOf, type About } from '../../evidence/sign/statement.ts'
import { ReleaseError } from './error.ts'
import type { Decided } from './ports.ts'
import type { Agreed, Rollout } from './state.ts'
import { isOfPage } from './voice.ts'
import type { StandingWaiver } from './waivers.ts'

export interface Stating {
  readonly signer: Signer
  readonly repository: string
  readonly commit: string
}

/** Each verdict as a file, and the statement that binds that file to what it was decided from. @throws ReleaseError `incomplete` */
export async function verdictFiles(of: Stating, decided: readonly Decided[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const { gate, verdict, context } of decided) {
    if (context === null) throw new ReleaseError('incomplete', `nothing says what the verdict of ${gate} was decided from; it is decided again soon`)
    const bytes = documentBytes(verdict)
    const predicate: VerdictPredicate = { schema_version: 1, verdict, context }
    files.set(verdictPath(gate), bytes)
    files.set(attestationPath('verdict', gate), await signed(of, 'verdict', predicate, [{ path: verdictPath(gate), sha256: sha256(bytes) }]))
  }
  return files
}

/** Each waiver of the commit. */
export async function waiverFiles(of: Stating, waivers: readonly StandingWaiver[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const [at, { predicate }] of waivers.entries())
    files.set(attestationPath('waiver', predicate.gate, at + 1), await signed(of, 'waiver', predicate))
  return files
}

/** Each approval with its decision, and the matrix of approvals; no file without a rollout. */
export async function agreementFiles(of: Stating, version: string, rollouts: readonly Rollout[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  if (rollouts.length === 0) return files
  for (const { environment, number, agreed } of rollouts)
    for (const [index, one] of agreed.entries()) {
      for (const [at, voice] of voicesOf(one).entries()) {
        const path = attestationPath('approval', environment, number, index + 1, ...(at === 0 ? [] : [at + 1]))
        files.set(path, await signed(of, 'approval', approvalOf(environment, one, voice)))
      }
      files.set(attestationPath('decision', environment, number, index + 1), await signed(of, 'decision', decisionOf(version, environment, one)))
    }
  const approvals = rollouts.flatMap(({ environment, agreed }) =>
    agreed.flatMap((one) =>
      voicesOf(one).map(({ login, role, at }) => ({ environment, up_to: one.upTo, plan: one.plan, by: login, role, at: timestamp(at) })),
    ),
  )
  files.set(APPROVALS_MATRIX, documentBytes({ schema_version: 1, approvals }))
  return files
}

type Spoken = Agreed['approval'] & Partial<Pick<Agreed['voices'][number], 'plan' | 'reason' | 'stepUp'>>

/** Everybody whose voice counted, the last approver first. */
function voicesOf({ approval, voices }: Agreed): readonly Spoken[] {
  return voices.length === 0 ? [approval] : voices.toReversed()
}

function approvalOf(environment: string, { plan, upTo }: Agreed, voice: Spoken): ApprovalPredicate {
  return {
    schema_version: 1,
    comment_node_id: voice.nodeId,
    ...(isOfPage(voice.nodeId) ? { source: 'page' as const } : {}),
    actor: { login: voice.login, id: voice.id, role: voice.role },
    command: voice.plan === null ? '/approve' : `/promote plan:${plan}`,
    plan,
    step: upTo,
    environment,
    ...(voice.reason == null ? {} : { reason: voice.reason }),
    ...(voice.stepUp == null ? {} : { step_up: { method: 'webauthn' as const, key: voice.stepUp.key } }),
    at: timestamp(voice.at),
  }
}

function decisionOf(version: string, environment: string, agreed: Agreed): DecisionPredicate {
  const { plan, upTo, approval, base, gates, policyDigest, evidenceRoot, schemaRange, deployed, authorised } = agreed
  return {
    schema_version: 1,
    decision: 'go',
    version,
    base,
    environment,
    step: upTo,
    gates,
    policy_digest: policyDigest,
    evidence_root: evidenceRoot,
    schema_range: schemaRange,
    deployed,
    plan,
    ...(authorised === undefined
      ? {}
      : {
          authorised: {
            decision_id: authorised.decisionId,
            policy: authorised.policy,
            revision: authorised.revision,
            input_digest: authorised.inputDigest,
            need: authorised.need,
          },
        }),
    reasons: [
      gates[GLASS]?.outcome === 'waived'
        ? `${approval.login} approved this plan; the glass was broken, so not every required gate held on the commit.`
        : `${approval.login} approved this plan, and every required gate held on the commit.`,
    ],
    at: timestamp(approval.at),
  }
}

async function signed(
  { signer, repository, commit }: Stating,
  kind: EvidenceKind,
  predicate: object,
  files: About['files'] = [],
): Promise<Uint8Array> {
  return bundleBytes(await signer.sign(statementBytes(statementOf(kind, { ...predicate }, { repository, commit, files }))))
}
