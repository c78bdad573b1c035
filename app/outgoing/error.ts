/** Errors of what the App sends to operator-named addresses. Codes are closed; tests assert them. */

/**
 * - `unknown`: the operator's file names no such webhook.
 * - `unsigned`: a hook must be signed, and the operator's file names no secret for it.
 * - `unreachable`: no whole answer in time.
 * - `refused`: an answer that is no yes: a status of 300 or more.
 * - `unreadable`: the answer is too large, or not what it should be.
 */
export type OutgoingErrorCode = 'unknown' | 'unsigned' | 'unreachable' | 'refused' | 'unreadable'

export class OutgoingError extends Error {
  override readonly name = 'OutgoingError'
  readonly code: OutgoingErrorCode
  constructor(code: OutgoingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
