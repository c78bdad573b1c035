/** Errors of the release. Codes are closed; tests assert them. */

/**
 * - `pull-gone`: the release pull request cannot be read any more; look at the App's installation.
 * - `no-such-release`: an effect names a release that the store does not have.
 * - `no-such-transition`: the table of states does not allow this step; a defect, report it.
 * - `incomplete`: the store lacks something that the pack must hold; nothing is sealed.
 * - `cut-pending`: GitHub could not be made to cut the release yet; it is tried again.
 * - `late`: the lease may have gone to another process; the effect is left to whoever holds it now.
 * - `log-pending`: the transparency log was asked and has not answered yet; it is asked again.
 * - `log-unverified`: what the log answered does not verify against the trusted root; nothing is kept.
 * - `pack-unverified`: the pack that was built does not verify with the public keys alone; nothing is kept.
 * - `pack-unreplayable`: computed again from the pack, a verdict or a decision comes out differently; nothing is kept.
 */
export type ReleaseErrorCode =
  | 'pull-gone'
  | 'no-such-release'
  | 'no-such-transition'
  | 'incomplete'
  | 'cut-pending'
  | 'late'
  | 'log-pending'
  | 'log-unverified'
  | 'pack-unverified'
  | 'pack-unreplayable'

export class ReleaseError extends Error {
  override readonly name = 'ReleaseError'
  readonly code: ReleaseErrorCode
  constructor(code: ReleaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
