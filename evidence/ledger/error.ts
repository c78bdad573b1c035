/** Errors of the ledger. Codes are closed; tests assert them. */
export type LedgerErrorCode = 'malformed' | 'empty' | 'broken' | 'anchor'

export class LedgerError extends Error {
  override readonly name = 'LedgerError'
  readonly code: LedgerErrorCode
  /** Index of the first entry that does not hold. */
  readonly at: number
  constructor(code: LedgerErrorCode, at: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.at = at
  }
}
