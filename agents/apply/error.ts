/** Errors of carrying out what agents planned. Each leaves what it speaks of as it was. */
export type ApplyErrorCode = 'stale' | 'refused' | 'unavailable' | 'cannot-undo' | 'unreadable'

export class ApplyError extends Error {
  override readonly name = 'ApplyError'
  readonly code: ApplyErrorCode
  /** What to do. */
  readonly next: string
  constructor(code: ApplyErrorCode, message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.next = next
  }
}
