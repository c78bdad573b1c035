/** Errors of running agents. What an agent meets is an answer, never an error; these are mistakes of the caller. */
export type AgentsErrorCode = 'unknown-agent' | 'unsupported-op' | 'cannot-write' | 'name-taken' | 'parts'

export class AgentsError extends Error {
  override readonly name = 'AgentsError'
  readonly code: AgentsErrorCode
  constructor(code: AgentsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
