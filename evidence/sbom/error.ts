/** Errors of inventories. Codes are closed; tests assert them. */
export type SbomErrorCode =
  | 'unknown-file'
  | 'too-large'
  | 'malformed'
  | 'unsupported'
  | 'integrity'
  | 'limit'
  | 'needs-manifest'
  | 'time'
  | 'image-structure'
  | 'image-digest'
  | 'image-platform'

export class SbomError extends Error {
  override readonly name = 'SbomError'
  readonly code: SbomErrorCode
  constructor(code: SbomErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
