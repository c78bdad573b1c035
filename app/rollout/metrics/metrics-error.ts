/**
 * Why a version could not be measured. It never leaves this folder as a throw: a sample carries the message as its note.
 *
 * - `address`: not an address the operator may name.
 * - `unreachable`, `slow`, `too-large`: no connection; not whole within the time cap; past the byte cap.
 * - `refused`: a status other than 200, redirects included.
 * - `malformed`: not OpenMetrics or Prometheus text.
 * - `absent`: no series of the named metric. Absence is not zero.
 * - `not-a-number`: NaN, infinite or negative where a running total belongs.
 * - `inconsistent`: the same series twice, or more errors than requests.
 */
export type MetricsErrorCode = 'address' | 'unreachable' | 'slow' | 'too-large' | 'refused' | 'malformed' | 'absent' | 'not-a-number' | 'inconsistent'

export class MetricsError extends Error {
  override readonly name = 'MetricsError'
  readonly code: MetricsErrorCode
  constructor(code: MetricsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
