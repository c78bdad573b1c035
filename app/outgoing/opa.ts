/**
 * The operator's policy server: Open Policy Agent, asked by its REST API, https://www.openpolicyagent.org/docs/rest-api
 * Whatever is not exactly a decision is none. It may answer what our own policy answers, or as little as `{"allow": true}`.
 */
import { z } from 'zod'
import { DECISION_PATH } from '../../gates/policy/decide.ts'
import type { CommandInput } from '../../gates/policy/input.ts'
import type { PolicyServer, ServerRuling } from '../release/ports.ts'
import { OutgoingError } from './error.ts'
import { post } from './post.ts'

export interface NamedPolicyServer {
  /** The whole address that is asked. */
  readonly url: string
  /** null: it asks for none. */
  readonly token: string | null
}

const Reason = z.string().max(200)
const Answer = z.looseObject({
  result: z.strictObject({
    allow: z.boolean(),
    need: z.number().int().min(0).max(100).default(0),
    reasons: z.array(Reason).max(20).default([]),
    codes: z.array(Reason).max(20).default([]),
    as: Reason.optional(),
    counted: z.array(z.number().int()).max(201).optional(),
  }),
  decision_id: z.string().min(1).max(100).optional(),
})

/** A person waits for an answer, and so does the rest of the look. */
const ASK_MS = 2_000

/** `http://opa:8181` -> the address of the decision; an address with a path is asked as it is. */
export function decisionUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return pathname === '/' ? `${origin}/v1/data/${DECISION_PATH}` : url
}

export function policyServer({ url, token }: NamedPolicyServer, timeoutMs = ASK_MS): PolicyServer {
  return {
    async ask(input: CommandInput): Promise<ServerRuling> {
      const headers = token === null ? {} : { authorization: `Bearer ${token}` }
      try {
        return read(await post({ name: 'the policy server', url, body: JSON.stringify({ input }), headers, timeoutMs }))
      } catch (error) {
        return none(error instanceof OutgoingError ? error.message : 'the policy server could not be asked')
      }
    },
  }
}

function read(text: string): ServerRuling {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return none('the policy server answered no JSON')
  }
  const answer = Answer.safeParse(json)
  if (!answer.success) return none('the policy server gave no decision: its result is absent or something else')
  const { result, decision_id } = answer.data
  return { allow: result.allow, need: result.need, reasons: [...result.reasons, ...result.codes].slice(0, 20), decisionId: decision_id ?? null }
}

function none(why: string): ServerRuling {
  return { allow: null, need: 0, reasons: [why], decisionId: null }
}
