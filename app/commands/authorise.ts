/**
 * May this person say this command? The policy in process always decides. A server of the operator, when there is one, must agree: it may ask for more,
 * never for less. It is not asked about going back and stopping, nor about looking: nothing that may be away stands before those.
 */
import type { ReasonCode } from '../../evidence/model/reasons.ts'
import { commandPolicy, decide, type CommandDecision } from '../../gates/policy/decide.ts'
import { CommandInput } from '../../gates/policy/input.ts'
import { decisionLog, type DecisionLog } from '../../gates/policy/log.ts'
import type { PolicyServer, ServerRuling } from '../release/ports.ts'

export interface Authorisation {
  readonly allowed: boolean
  /** Every reason against it, the most telling first. */
  readonly codes: readonly ReasonCode[]
  /** Account ids of the different people whose voices count, and how many it takes. */
  readonly counted: readonly number[]
  readonly need: number
  /** null: what was asked was not even a question. */
  readonly log: (DecisionLog & { readonly server: ServerRuling | null }) | null
}

const NEVER_ASKED: ReadonlySet<string> = new Set(['rollback', 'hold'])

/** @param of `question` names release and comment: the same one has the same decision id */
export async function authorise(of: {
  readonly input: CommandInput
  readonly question: string
  readonly labels: Readonly<Record<string, string>>
  readonly server: PolicyServer | undefined
}): Promise<Authorisation> {
  const { question, labels } = of
  const input = CommandInput.safeParse(of.input)
  if (!input.success) return refused('command.facts-unavailable')
  let own: CommandDecision
  try {
    own = await decide(input.data)
  } catch {
    return refused('command.policy-failed')
  }
  const isAsked = of.server !== undefined && own.allow && own.as !== 'anyone' && !NEVER_ASKED.has(input.data.command.name)
  const server = isAsked ? await of.server.ask(input.data) : null
  const log = { ...decisionLog({ question, policy: commandPolicy(), input: input.data, result: own, labels }), server }
  const codes = [...own.codes, ...against(server)]
  return { allowed: codes.length === 0, codes, counted: own.counted, need: Math.max(own.need, server?.need ?? 0), log }
}

function against(server: ServerRuling | null): readonly ReasonCode[] {
  if (server === null || server.allow === true) return []
  return [server.allow === null ? 'command.server-unavailable' : 'command.server-refuses']
}

/** Without asking the policy. */
export function refused(code: ReasonCode): Authorisation {
  return { allowed: false, codes: [code], counted: [], need: 0, log: null }
}
