/** Errors of signing. Codes are closed; tests assert them. */
export type SignErrorCode = 'unusable-key' | 'invalid-statement'

export class SignError extends Error {
  override readonly name = 'SignError'
  readonly code: SignErrorCode
  constructor(code: SignErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
