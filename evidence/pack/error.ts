/** Errors of packs and archives. Codes are closed; tests assert them. */
export type PackErrorCode =
  | 'zip-structure'
  | 'zip-name'
  | 'zip-duplicate'
  | 'zip-unsupported'
  | 'zip-limit'
  | 'zip-checksum'
  | 'zip-not-canonical'
  | 'manifest'
  | 'signature'
  | 'missing'
  | 'unexpected'
  | 'changed'
  | 'ledger'
  | 'attestation'
  | 'evidence-root'
  | 'document'
  | 'contract'
  | 'wrong-release'

export class PackError extends Error {
  override readonly name = 'PackError'
  readonly code: PackErrorCode
  /** The entry it is about; empty for the archive as a whole. */
  readonly path: string
  constructor(code: PackErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.path = path
  }
}
