/** Why the world could not be read. A collector's caller turns it into `blocked`. */
export type CollectErrorCode = 'git-failed' | 'commit-absent' | 'api-refused' | 'api-unreachable' | 'answer-invalid' | 'too-large'

export class CollectError extends Error {
  override readonly name = 'CollectError'
  readonly code: CollectErrorCode
  /** What to do. */
  readonly next: string
  constructor(code: CollectErrorCode, message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.next = next
  }
}
