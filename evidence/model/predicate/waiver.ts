/**
 * A gate that two people let stand in place of its proof, on one commit, for a reason, until a day: shown as waived, never as a pass (SPEC part 6). To waive
 * the gate over gates is to break the glass: the release ships without the proof of any of them, and owes it. To waive a hotfix is to let stand every gate
 * that the config does not name for hotfixes: one waiver, which says itself which gates those are.
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

/** What the one waiver of a hotfix is called where others say the gate. */
export const HOTFIX = 'hotfix'

/** What a waiver may be of. */
export const Waived = z.enum([...GateId.options, HOTFIX])
export type Waived = z.infer<typeof Waived>

const Gates = z
  .array(WaivableGate)
  .min(1)
  .max(30)
  .refine((gates) => new Set(gates).size === gates.length, 'each gate once')

/** The gates of a hotfix, as they were when its waiver was granted. */
export const Lane = z
  .strictObject({
    /** `release.hotfix.gates` of the base branch: those hold as always. */
    must_hold: Gates,
    /** Every other gate there was. */
    covers: Gates,
  })
  .refine(({ must_hold, covers }) => !covers.some((gate) => must_hold.includes(gate)), { path: ['covers'], error: 'no gate that must hold' })
export type Lane = z.infer<typeof Lane>

/** A patch of a line: neither its first version nor a preview. */
export function isPatch(version: string): boolean {
  return /^v\d+\.\d+\.[1-9]\d*$/.test(version)
}

/** Do both name the same gates? The order is nobody's. */
export function isSameLane(before: readonly GateId[], now: readonly GateId[]): boolean {
  const [first, second] = [new Set(before), new Set(now)]
  return first.size === second.size && [...first].every((gate) => second.has(gate))
}

/** Is this waiver also one of that gate? */
export function covers({ gate, hotfix }: Pick<WaiverPredicate, 'gate' | 'hotfix'>, of: GateId): boolean {
  return gate === HOTFIX ? hotfix?.covers.some((covered) => covered === of) === true : gate === of
}

export const WaiverPredicate = z
  .strictObject({
    schema_version: z.literal(1),
    gate: Waived,
    /** Of a hotfix, and of nothing else. */
    hotfix: Lane.optional(),
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
    if ((of.gate === HOTFIX) !== (of.hotfix !== undefined)) wrong('hotfix', 'the gates of a hotfix, and of nothing else')
    if (of.gate === HOTFIX && !isPatch(of.version)) wrong('version', 'a patch of a line')
    if (new Set(of.granted_by.map((person) => person.id)).size < of.granted_by.length) wrong('granted_by', 'different people')
    if (of.granted_by.some((person) => person.at > of.granted_at)) wrong('granted_by', 'people who agreed before it was granted')
  })
export type WaiverPredicate = z.infer<typeof WaiverPredicate>
