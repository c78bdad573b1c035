/** Errors of our Actions. Codes are closed; tests assert them. Each message says what, why, and what to do. */
export type ActionErrorCode =
  | 'bad-input'
  | 'environment'
  | 'no-handover'
  | 'bad-handover'
  | 'digest-differs'
  | 'file-missing'
  | 'file-extra'
  | 'file-changed'
  | 'file-not-covered'
  | 'entry-not-accepted'
  | 'no-identity'
  | 'identity-differs'
  | 'not-believed'
  | 'no-evidence'
  | 'github-refused'
  | 'github-unavailable'
  | 'refused'
  | 'not-answered'

export class ActionError extends Error {
  override readonly name = 'ActionError'
  readonly code: ActionErrorCode
  constructor(code: ActionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
