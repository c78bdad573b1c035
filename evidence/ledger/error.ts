/** Errors of the ledger. Codes are closed; tests assert them. */
export type LedgerErrorCode =
  /** No ledger, or not one in its only form. */
  | 'malformed'
  | 'empty'
  /** An entry was edited, dropped, repeated or moved. */
  | 'broken'
  /** The chain does not reach the hash that was kept of it. */
  | 'anchor'
  /** No signed note, or its text is no checkpoint. */
  | 'note'
  /** No trusted key signed the note, or one that did signed something else. */
  | 'signature'
  | 'unusable-key'
  /** The checkpoint is of another release's ledger. */
  | 'other-log'
  /** The ledger ends before what was kept of it. */
  | 'cut'
  /** Two histories that begin alike, or should, and part. */
  | 'fork'
  /** A proof file that is malformed, or proves nothing of this ledger. */
  | 'proof'

export class LedgerError extends Error {
  override readonly name = 'LedgerError'
  readonly code: LedgerErrorCode
  /** Index of the first entry that does not hold; of what is no entry, the number of entries it speaks for. */
  readonly at: number
  constructor(code: LedgerErrorCode, at: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.at = at
  }
}
