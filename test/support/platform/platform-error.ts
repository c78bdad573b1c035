/**
 * - `request`: the call makes no sense. - `archive`: the tar is not of that commit, too large or not whole. - `migration`: the migration failed; nothing
 * was replaced. - `unhealthy`: the new version did not come up; the one before was started again. - `empty`: there is nothing to promote.
 */
export type PlatformErrorCode = 'request' | 'archive' | 'migration' | 'unhealthy' | 'empty'

export class PlatformError extends Error {
  override readonly name = 'PlatformError'
  readonly code: PlatformErrorCode
  constructor(code: PlatformErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
