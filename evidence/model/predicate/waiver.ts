/**
 * A gate that two people let stand in place of its proof, on one commit, for a reason, until a day: shown as waived, never as a pass (SPEC part 6). To waive
 * the gate over gates is to break the glass: the release ships without the proof of any of them, and owes it.
 */
import { z } from 'zod'
import { Environment, GateId } from '../phases.ts'
import { CommitSha, Timestamp, Version } from '../primitives.ts'

/** Longest life of a waiver that any config may grant, in days. */
export const WAIVER_MAX_DAYS = 365
const DAY = 86_400_000

/** Waived by break-glass, and by nothing else. */
export const GLASS = 'all_required_gates' satisfies GateId

/** What `/waive` may name: every gate but the one over gates, which says what the others say. */
export const WaivableGate = GateId.exclude([GLASS])
export type WaivableGate = z.infer<typeof WaivableGate>

export const WaiverPredicate = z
  .strictObject({
    schema_version: z.literal(1),
    gate: GateId,
    /** Where it holds; `all` as in the verdict it stands for. */
    environment: Environment,
    version: Version,
    /** The one commit it speaks for: the first subject of the statement. */
    sha: CommitSha,
    /** Finding rules it lets stand; empty: the whole gate. */
    rules: z.array(z.string().regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/, 'a rule such as image.user-root')).max(200),
    reason: z.string().trim().min(3).max(500),
    /** Everybody who agreed, each with the comment that says so. */
    granted_by: z
      .array(
        z.strictObject({
          login: z.string().min(1).max(100),
          id: z.number().int().positive(),
          role: z.string().max(100),
          comment_node_id: z.string().min(1).max(200),
          at: Timestamp,
        }),
      )
      .min(2)
      .max(20),
    granted_at: Timestamp,
    expires_at: Timestamp,
    /** Number of the issue that remembers the debt. */
    issue: z.number().int().positive(),
  })
  .superRefine((of, context) => {
    const life = Date.parse(of.expires_at) - Date.parse(of.granted_at)
    const wrong = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    if (!(life > 0 && life <= WAIVER_MAX_DAYS * DAY)) wrong('expires_at', `a time after granted_at, at most ${WAIVER_MAX_DAYS} days`)
    if (new Set(of.granted_by.map((person) => person.id)).size < of.granted_by.length) wrong('granted_by', 'different people')
    if (of.granted_by.some((person) => person.at > of.granted_at)) wrong('granted_by', 'people who agreed before it was granted')
  })
export type WaiverPredicate = z.infer<typeof WaiverPredicate>
