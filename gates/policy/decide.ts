/** The policy of commands, in process: a projected input -> a decision that is certainly one. Pure; it is loaded when it is first asked. */
import { z } from 'zod'
import { ReasonCode } from '../../evidence/model/reasons.ts'
import { openBundle, type PolicyBundle } from './bundle.ts'
import packed from './bundle.json' with { type: 'json' }
import { PolicyError } from './error.ts'
import type { CommandInput } from './input.ts'
import { loadPolicy, type Ask } from './load.ts'

/** Where OPA has it, as a path of its REST API and in decision logs. */
export const DECISION_PATH = 'release_conductor/commands/decision'

/** Allowed and without a reason against it, or neither. */
export const CommandDecision = z
  .strictObject({
    allow: z.boolean(),
    /** Whose voice it needs. */
    as: z.enum(['approver', 'waiver', 'breaker', 'on-call', 'writer', 'anyone', 'nobody']),
    /** Every reason against it, the most telling first. */
    codes: z.array(ReasonCode).max(20),
    /** Account ids of the different people whose voices count, this one included. */
    counted: z.array(z.number().int()).max(201),
    /** How many it takes. */
    need: z.number().int().min(0).max(100),
  })
  .refine(
    ({ allow, codes, as, need, counted }) => (allow ? codes.length === 0 && as !== 'nobody' && need >= 1 && counted.length >= 1 : codes.length > 0),
    {
      error: 'allowed without a reason against it, or refused with one',
    },
  )
export type CommandDecision = z.infer<typeof CommandDecision>

let opened: PolicyBundle | null = null
let loaded: Promise<Ask> | null = null

/** @throws PolicyError `digest`, `unreadable` */
export function commandPolicy(): PolicyBundle {
  return (opened ??= openBundle(packed))
}

/** An App for which this throws does not start, so a person's /rollback always finds a policy. @throws PolicyError */
export async function readyPolicy(): Promise<PolicyBundle> {
  await policy()
  return commandPolicy()
}

function policy(): Promise<Ask> {
  const { wasm, entrypoint } = commandPolicy()
  return (loaded ??= loadPolicy(wasm, entrypoint))
}

/** @throws PolicyError */
export async function decide(input: CommandInput): Promise<CommandDecision> {
  try {
    return decisionOf((await policy())(input))
  } catch (error) {
    // What broke in the middle of an evaluation is not asked again.
    loaded = null
    throw error
  }
}

/** @throws PolicyError `evaluation` when the answer is undefined or no decision */
export function decisionOf(answer: unknown): CommandDecision {
  const decision = CommandDecision.safeParse(answer)
  if (decision.success) return decision.data
  const why = answer === undefined ? 'it has no answer' : decision.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw new PolicyError('evaluation', `the policy gave no decision: ${why}`.slice(0, 500), { cause: decision.error })
}
