/** Errors of the small Actions runner. It refuses what it does not know instead of guessing, so most codes name a kind of unknown. */
export type RunnerErrorCode =
  | 'bad-yaml'
  | 'bad-workflow'
  | 'bad-expression'
  | 'unknown-value'
  | 'unknown-action'
  | 'unknown-input'
  | 'not-pinned'
  | 'not-found'
  | 'permission'
  | 'bad-input'
  | 'bad-command'
  | 'step-failed'

export class RunnerError extends Error {
  override readonly name = 'RunnerError'
  readonly code: RunnerErrorCode
  constructor(code: RunnerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
