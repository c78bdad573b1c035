export type PolicyErrorCode =
  /** The bundle is not the one that was built. */
  | 'digest'
  /** It is no OPA bundle with a WebAssembly policy. */
  | 'unreadable'
  /** It calls functions that are not in the WebAssembly. */
  | 'builtins'
  /** It could not be evaluated, or answered something else. */
  | 'evaluation'

export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode
  constructor(code: PolicyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
