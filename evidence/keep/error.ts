/** Why something about retention is refused. Codes are closed; people and tests act on them. */
export type KeepErrorCode =
  | 'unknown-pack' // the retention log has never seen this digest
  | 'early' // its time is not over
  | 'held' // somebody keeps it for a case
  | 'not-held'
  | 'no-such-hold'
  | 'no-request' // nobody asked for this purge
  | 'requested' // somebody did already
  | 'stale-request' // it was asked for too long ago
  | 'too-few-approvers' // two people, neither of whom asked
  | 'same-person' // one person twice
  | 'own-request' // who asks does not approve
  | 'purging' // its deletion has begun
  | 'purged' // it is gone, and the tombstone says so
  | 'reason' // 10 to 500 characters that can be seen
  | 'actor' // no name, or none that can be written down
  | 'unsigned' // this act counts only when it is signed
  | 'bad-signature' // a signature that is not what it should be
  | 'malformed' // an entry, a tombstone or an act that cannot be read
  | 'contradiction' // a tombstone whose parts do not agree
  | 'log' // the retention log does not hold

/** Answered, not thrown, by everything in this folder. */
export class KeepError extends Error {
  override readonly name = 'KeepError'
  readonly code: KeepErrorCode
  constructor(code: KeepErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
