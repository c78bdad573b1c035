/**
 * Why something could not be measured. The App's rollout never lets it out as a throw: a sample carries the message as its note.
 *
 * - `address`: not an address the operator may name.
 * - `unreachable`, `slow`, `too-large`: no connection; not whole within the time cap; past the byte cap.
 * - `refused`: a status other than 200, redirects included.
 * - `malformed`: not OpenMetrics or Prometheus text; not an answer of the Prometheus HTTP API.
 * - `absent`: no series of the named metric. Absence is not zero.
 * - `not-a-number`: NaN, infinite or negative where a running total belongs.
 * - `inconsistent`: the same series twice, more errors than requests, or a clock that is not ours.
 * - `partial`: the answer itself says that something is missing from it.
 * - `several`: more than one series where one value belongs.
 * - `stale`: what was counted last was counted too long ago.
 */
export type MetricsErrorCode =
  | 'address'
  | 'unreachable'
  | 'slow'
  | 'too-large'
  | 'refused'
  | 'malformed'
  | 'absent'
  | 'not-a-number'
  | 'inconsistent'
  | 'partial'
  | 'several'
  | 'stale'

export class MetricsError extends Error {
  override readonly name = 'MetricsError'
  readonly code: MetricsErrorCode
  /** Of `refused`: the HTTP status, where it was that. */
  readonly status: number | null
  constructor(code: MetricsErrorCode, message: string, { status = null, ...options }: ErrorOptions & { readonly status?: number | null } = {}) {
    super(message, options)
    this.code = code
    this.status = status
  }
}
