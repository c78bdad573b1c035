/**
 * One trace for each release: the App, the jobs it starts and their agents find the same ids without being told them, from the key that names the release.
 * W3C Trace Context: 16 and 8 bytes, hex, not all zero. https://www.w3.org/TR/trace-context/
 */
import { sha256 } from '../core/digest.ts'

/** @param release its key, `<repository id>#<pull request>` @returns 32 hex digits */
export function traceOf(release: string): string {
  return sha256(`release-conductor/trace/v1 ${release}`).slice(0, 32)
}

/** The span of the release itself, which all others hang on: it can be named before it has ended. @returns 16 hex digits */
export function rootSpanOf(trace: string): string {
  return sha256(`release-conductor/root-span/v1 ${trace}`).slice(0, 16)
}

/** Every intent of a release, and the run it starts, is named `<release>/<what>`. */
export function releaseOfKey(key: string): string {
  return key.split('/', 1)[0] ?? key
}

/** The header that hands a trace on. */
export function traceparent(trace: string): string {
  return `00-${trace}-${rootSpanOf(trace)}-01`
}
