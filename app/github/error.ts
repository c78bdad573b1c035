/** Errors of the GitHub edge. Codes are closed; tests assert them. No message or cause carries a token, a header or a request body. */

/**
 * - `unavailable`: nothing happened; GitHub could not be reached or answered 5xx to a call that changes nothing twice. Try again later.
 * - `limited`: GitHub asks to wait until `retryAt`.
 * - `forbidden`: the App may not; a person must change an installation or a rule.
 * - `not-found`: no such thing, or not visible to this App.
 * - `refused`: GitHub (or we, before asking) will not do this; asking again will not help.
 * - `too-large`: more bytes or pages than the caller allows.
 * - `malformed`: the answer is not what GitHub documents.
 * - `unknown`: a creating call may or may not have happened; `find` must tell.
 */
export type GitHubErrorCode = 'unavailable' | 'limited' | 'forbidden' | 'not-found' | 'refused' | 'too-large' | 'malformed' | 'unknown'

export class GitHubError extends Error {
  override readonly name = 'GitHubError'
  readonly code: GitHubErrorCode
  /** HTTP status, when there was an answer. */
  readonly status: number | null
  /** Epoch milliseconds; only for `limited`. */
  readonly retryAt: number | null
  constructor(
    code: GitHubErrorCode,
    message: string,
    options: ErrorOptions & { readonly status?: number | undefined; readonly retryAt?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? null
    this.retryAt = options.retryAt ?? null
  }
}

/** Narrowing for callers that act on one code. */
export function isGitHubError(error: unknown, ...codes: readonly GitHubErrorCode[]): error is GitHubError {
  return error instanceof GitHubError && (codes.length === 0 || codes.includes(error.code))
}
