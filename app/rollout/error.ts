/** Errors of the rollout. Codes are closed; tests assert them. */

/**
 * - `unknown-router`: the config names a router that the operator's file does not have.
 * - `withdrawn`: this rollout was taken back while the store did not answer; it gets no traffic any more.
 * - `file-unreadable`: the file of late rollbacks is there and cannot be read.
 */
export type RolloutErrorCode = 'unknown-router' | 'withdrawn' | 'file-unreadable'

export class RolloutError extends Error {
  override readonly name = 'RolloutError'
  readonly code: RolloutErrorCode
  constructor(code: RolloutErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
