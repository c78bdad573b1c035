/** Errors of the store. Codes are closed; tests assert them. */
export type StoreErrorCode =
  | 'locked' // another process has the data directory
  | 'unreachable' // the database does not answer
  | 'migration-changed' // a migration that was already applied has other text now
  | 'schema-newer' // the database was written by a newer version
  | 'unknown-effect' // an effect that was never intended
  | 'closed' // used after close
  | 'again' // thrown by a handler of the queue that could not look now, through nobody's fault: its triggers stay, and it is asked again soon

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
