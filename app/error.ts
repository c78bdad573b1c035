export type OperatorErrorCode = 'unreadable' | 'invalid' | 'weak-secret'

export class OperatorError extends Error {
  override readonly name = 'OperatorError'
  readonly code: OperatorErrorCode
  /** Of the process that could not start. */
  readonly exitCode = 2
  constructor(code: OperatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
