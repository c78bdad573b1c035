/** What people said of a release, as it is kept: who, when, about which commit and proof; and what two of them waived. */
import { z } from 'zod'
import { Lane, WaivableGate, Waived } from '../../evidence/model/predicate/waiver.ts'
import { CommitSha, Sha256 } from '../../evidence/model/primitives.ts'

const Milliseconds = z.number().nonnegative()

export const Approval = z.strictObject({
  nodeId: z.string(),
  comment: z.number(),
  login: z.string(),
  id: z.number(),
  role: z.string(),
  at: Milliseconds,
})

/** What somebody said that may count for a later promotion: `plan` is null for an approval of the commit with its proof. */
export const Voice = Approval.extend({
  saidAt: Milliseconds,
  head: CommitSha,
  /** Base branch that it was said for; absent: an older version kept it. */
  base: z.string().optional(),
  basis: Sha256,
  plan: z.string().nullable(),
  reason: z.string().nullable(),
  /** The gate it would waive, or the hotfix with the gates that must hold then; for how many days, null for break-glass. null: it waives none. */
  waive: z
    .strictObject({ gate: Waived, days: z.number().int().positive().nullable(), must_hold: z.array(WaivableGate).readonly().exactOptional() })
    .nullable(),
  /** The security key that signed it, and how old that signature was when it was used; null: none did. */
  stepUp: z.strictObject({ key: z.string(), ageMs: Milliseconds }).nullable().default(null),
})
export type Voice = z.infer<typeof Voice>

/** The decision of the policy that an approval was let through by. */
export const Authorised = z.strictObject({
  decisionId: z.string(),
  /** Digest of the policy bundle. */
  policy: Sha256,
  revision: z.string(),
  inputDigest: Sha256,
  need: z.number().int(),
})

/** A gate that people let stand on one commit, until then; the gate over gates by break-glass, or what a hotfix may go without. */
export const Granted = z.strictObject({
  gate: Waived,
  /** Of a hotfix: the gates it covers, and those that must hold. */
  lane: Lane.optional(),
  /** Of a hotfix: why it covers nothing at present; absent: it does. */
  off: z.string().optional(),
  reason: z.string(),
  head: CommitSha,
  /** Base branch that it was given for; absent: an older version kept it. */
  base: z.string().optional(),
  grantedBy: z.array(Voice).min(2),
  grantedAt: Milliseconds,
  expiresAt: Milliseconds,
  /** Of break-glass and of a hotfix: what its issue says by now. */
  told: z.strictObject({ seq: z.number().int(), digest: Sha256 }).optional(),
  /** Of those: when and why what was owed was closed; absent: it is open. */
  settled: z.strictObject({ at: Milliseconds, why: z.string(), proven: z.boolean() }).optional(),
})
export type Granted = z.infer<typeof Granted>

/** What was said or given for another commit or another base does not count here. */
export function isOf(said: Pick<Granted, 'head' | 'base'>, here: { readonly head: string; readonly base: string }): boolean {
  return said.head === here.head && said.base === here.base
}

const PAGE = 'page:'

/** What stands for a comment's node id where somebody said it on the page. @param id of the order */
export function nodeIdOfPage(id: string): string {
  return `${PAGE}${id}`
}

export function isOfPage(nodeId: string): boolean {
  return nodeId.startsWith(PAGE)
}
