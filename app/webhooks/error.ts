/** Errors of the way in. Codes are closed; tests assert them. */
export type WebhookErrorCode =
  | 'weak-secret' // no webhook secret, a public one, or too short
  | 'disk-full' // the journal could not be written for lack of space
  | 'journal-failed' // the journal could not be written or synced
  | 'busy' // more waits to be written than memory allows
  | 'closed' // used after close

export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code: WebhookErrorCode
  constructor(code: WebhookErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
