/** Bytes -> lines of text, without the mark at the start that some editors put there. */
import { SbomError } from './error.ts'

const MAX_BYTES = 8 << 20
const MAX_LINE = 8000

/** @param what the path, for messages @throws SbomError `too-large`, `malformed` */
export function linesOf(bytes: Uint8Array, what: string): readonly string[] {
  const lines = lockText(bytes, what).split(/\r?\n/)
  const long = lines.findIndex((line) => line.length > MAX_LINE)
  if (long !== -1) throw malformedLine(what, long, `has more than ${MAX_LINE} characters`)
  return lines
}

/** @throws SbomError `too-large`, `malformed` */
export function lockText(bytes: Uint8Array, what: string): string {
  if (bytes.byteLength > MAX_BYTES) throw new SbomError('too-large', `${what} has ${bytes.byteLength} bytes; at most ${MAX_BYTES} are read`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new SbomError('malformed', `${what} is not UTF-8`, { cause })
  }
}

/** @param at from 0 */
export function malformedLine(path: string, at: number, why: string): SbomError {
  return new SbomError('malformed', `${path}: line ${at + 1} ${why}`)
}
