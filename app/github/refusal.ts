/** What a failed exchange means: one closed code, the time to come back, and what GitHub said in short. */
import { GitHubError } from './error.ts'
import { neverSent } from './transport.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly message: string
}

/**
 * Anything thrown by the request library -> GitHubError.
 * @param creates a repetition would make a second thing, so a lost answer leaves the effect unknown
 * @param now epoch milliseconds
 */
export function errorOf(error: unknown, creates: boolean, now: number): GitHubError {
  const inner = error instanceof Error && error.cause instanceof GitHubError ? error.cause : error
  if (inner instanceof GitHubError) {
    if (creates && inner.code === 'unavailable' && !neverSent(inner))
      return new GitHubError('unknown', `${inner.message} The call may have had its effect; it is looked for before it is repeated.`, {
        cause: inner,
      })
    return inner
  }
  const refusal = refusalOf(error)
  if (refusal === null) return new GitHubError('malformed', 'GitHub answered with something that cannot be read.', { cause: error })
  return ofStatus(refusal, creates, now)
}

/** 304 leaves the request library as an error; it is an answer. */
export function isNotModified(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 304
}

function ofStatus(refusal: Refusal, creates: boolean, now: number): GitHubError {
  const { status } = refusal
  const said = `GitHub answered ${status}: ${refusal.message}`
  const retryAt = limitedUntil(refusal, now)
  if (retryAt !== null)
    return new GitHubError('limited', `${said} It will be tried again at ${new Date(retryAt).toISOString()}.`, { status, retryAt })
  if (status >= 500 || status === 408)
    return creates
      ? new GitHubError('unknown', `${said} The call may have had its effect; it is looked for before it is repeated.`, { status })
      : new GitHubError('unavailable', said, { status })
  if (status === 401) return new GitHubError('forbidden', `${said} Check the App id and private key in the operator's file.`, { status })
  if (status === 403) return new GitHubError('forbidden', `${said} ${remedyFor(refusal.message)}`, { status })
  if (status === 404 || status === 410) return new GitHubError('not-found', said, { status })
  if (status === 413) return new GitHubError('too-large', said, { status })
  return new GitHubError('refused', said, { status })
}

/** A 403 tells what it means by its words alone. */
function remedyFor(message: string): string {
  if (/\barchived\b/i.test(message)) return 'Nothing can be written there until somebody unarchives the repository.'
  if (/\bsuspended\b/i.test(message)) return 'An owner of the account must lift the suspension of the installation.'
  return "Check that the installation has accepted the App's permissions."
}

/**
 * Primary and secondary limits (GITHUB.md part 9.3): `retry-after`, else `x-ratelimit-reset` when nothing remains, else a minute.
 * Never less than one second, never more than an hour, whatever the header says.
 */
function limitedUntil(refusal: Refusal, now: number): number | null {
  if (refusal.status !== 403 && refusal.status !== 429) return null
  const after = Number(refusal.headers['retry-after'])
  const clamp = (until: number): number => Math.min(Math.max(until, now + 1000), now + HOUR_MS)
  if (Number.isFinite(after) && after > 0) return clamp(now + after * 1000)
  const reset = Number(refusal.headers['x-ratelimit-reset'])
  if (String(refusal.headers['x-ratelimit-remaining']) === '0' && Number.isFinite(reset)) return clamp(reset * 1000)
  if (refusal.status === 429 || /secondary rate limit|abuse detection/i.test(refusal.message)) return now + MINUTE_MS
  return null
}

function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null
  const response = 'response' in error && typeof error.response === 'object' && error.response !== null ? error.response : {}
  const headers = 'headers' in response ? (response.headers as Refusal['headers']) : {}
  return { status: error.status, headers, message: printable(error.message) }
}

/** GitHub's own words, short, on one line, without anything that looks like a token. */
function printable(message: string): string {
  return message
    .replace(/\bgh[pousr]_[A-Za-z0-9._-]{16,}/g, '[token]')
    .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, '[token]')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 300)
}
