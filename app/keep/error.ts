/** Errors of the places where packs are kept. Codes are closed; tests assert them. No message carries a key, a header or a body. */

/**
 * - `unreachable`: no answer, or a broken one; try again later.
 * - `limited`: asked to wait until `retryAt`.
 * - `refused`: the place will not do this; asking again will not help.
 * - `changed`: what lies there has not the digest it should have.
 * - `locked`: it lies under a lock or a hold that the place itself enforces.
 * - `immutable`: the place never deletes it.
 * - `unsupported`: such a place cannot do this.
 * - `absent`: there is no such pack.
 * - `too-large`: more bytes than a pack may have.
 * - `busy`: another process writes the retention log.
 * - `log`: the retention log cannot be read or does not hold.
 * - `unknown-store`: the operator's file has no store of this name.
 */
export type StorageErrorCode =
  | 'unreachable'
  | 'limited'
  | 'refused'
  | 'changed'
  | 'locked'
  | 'immutable'
  | 'unsupported'
  | 'absent'
  | 'too-large'
  | 'busy'
  | 'log'
  | 'unknown-store'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode
  /** Epoch milliseconds; only for `limited`. */
  readonly retryAt: number | null
  constructor(code: StorageErrorCode, message: string, options: ErrorOptions & { readonly retryAt?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryAt = options.retryAt ?? null
  }
}
