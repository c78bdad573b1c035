/** Errors of signing. Codes are closed; tests assert them. */
export type SignErrorCode =
  | 'unusable-key'
  | 'wrong-password'
  | 'invalid-statement'
  /** An address that is none, or not of a kind that may be called. */
  | 'bad-address'
  /** The job's identity token is absent or is none. */
  | 'no-identity'
  /** A service did not answer in time, or answered that it cannot now: try again later. */
  | 'unavailable'
  /** A service answered no: trying again changes nothing. */
  | 'refused'
  /** A service answered something that is not what was asked for. */
  | 'bad-answer'
  /** The bundle has no form that a log takes. */
  | 'not-loggable'

export class SignError extends Error {
  override readonly name = 'SignError'
  readonly code: SignErrorCode
  constructor(code: SignErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
