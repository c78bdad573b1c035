/** Why a bundle is not believed. Codes are closed; people, the release page and tests act on them. */
export type EvidenceErrorCode =
  | 'no-trust'
  | 'too-large'
  | 'malformed'
  | 'untrusted-signer'
  | 'bad-signature'
  | 'wrong-payload-type'
  | 'wrong-predicate'
  | 'wrong-subject'
  | 'wrong-commit'
  | 'wrong-repository'
  | 'schema'
  | 'not-covered'
  | 'duplicate'

/** Answered, not thrown: hostile input is an everyday case. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError'
  readonly code: EvidenceErrorCode
  constructor(code: EvidenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
