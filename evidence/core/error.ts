/** Errors of the byte floor. Codes are closed; tests assert them. */
export type CoreErrorCode =
  | 'not-json'
  | 'too-large'
  | 'too-deep'
  | 'malformed'
  | 'not-utf8'
  | 'lone-surrogate'
  | 'duplicate-key'
  | 'forbidden-key'
  | 'unsafe-number'

export class CoreError extends Error {
  override readonly name = 'CoreError'
  readonly code: CoreErrorCode
  constructor(code: CoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
