/** Why a person does what must be accounted for: text from outside, kept as it is, and made harmless wherever it is shown. */
import { KeepError } from './error.ts'

export const REASON_MIN = 10
export const REASON_MAX = 500

/** What a reader cannot see, or what moves the text around it: control, format and bidirectional characters, odd spaces, blank letters, lone surrogates. */
const UNPRINTABLE = /\p{C}|\p{Zl}|\p{Zp}|(?! )\p{Zs}|\p{Default_Ignorable_Code_Point}|\u2800/u

/** The reason itself, trimmed, or why it is none. Markdown, formulas and mentions are fine: they are data here. */
export function readReason(text: string | undefined): string | KeepError {
  const reason = (text ?? '').trim()
  const length = Array.from(reason).length
  if (UNPRINTABLE.test(reason)) return new KeepError('reason', 'the reason holds a character that cannot be seen; type it by hand, on one line')
  if (length < REASON_MIN || length > REASON_MAX || !/[\p{L}\p{N}]/u.test(reason))
    return new KeepError('reason', `a reason of ${REASON_MIN} to ${REASON_MAX} characters is needed; this one has ${length}`)
  return reason
}

/** A name as it may stand in the log: one line, visible, up to 100 characters. */
export function readName(text: string): string | KeepError {
  const name = text.trim()
  if (name === '' || Array.from(name).length > 100 || UNPRINTABLE.test(name))
    return new KeepError('actor', 'a name of 1 to 100 characters that can be seen is needed')
  return name
}

/** One cell of a CSV file (RFC 4180) that no spreadsheet takes for a formula. */
export function csvCell(text: string): string {
  const safe = /^[\s]*[=+\-@\t\r|%]/.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
