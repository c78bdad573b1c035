/** GitHub's limits of length, and the one way to keep them: cut with a mark, never in the middle of a character, by characters and by bytes (trap T14). */
import type { CheckAnnotation, CheckOutput } from '../release/ports.ts'
import { visible } from './markdown.ts'

/** Check-run summary and text, and comment bodies: characters and, to be sure, bytes. */
export const LONG_TEXT = 65_535
export const DEPLOYMENT_DESCRIPTION = 140
/** Of an answer of a deployment protection rule. */
export const PROTECTION_COMMENT = 1024
export const CHECK_TITLE = 255
const ANNOTATION_MESSAGE = 64 * 1024
/** In one request. */
export const ANNOTATIONS = 50
export const ISSUE_TITLE = 256
export const DISPATCH_INPUTS = 25

const MARK = '\n\n… cut here: the whole text is in the evidence pack.'

/**
 * The text itself when it fits, else its beginning and the mark: whole lines where there are several, so that no code in a line loses its end and comes
 * to life. @param limit of UTF-16 units and of UTF-8 bytes
 */
export function fit(text: string, limit: number, mark: string = MARK): string {
  const wellFormed = text.toWellFormed()
  if (wellFormed.length <= limit && Buffer.byteLength(wellFormed) <= limit) return wellFormed
  const room = limit - Buffer.byteLength(mark)
  if (room <= 0) return cut(wellFormed, limit)
  const kept = cut(wellFormed, room)
  const lines = kept.lastIndexOf('\n')
  return (lines > 0 ? kept.slice(0, lines) : kept) + mark
}

/** One line of at most `limit`, with an ellipsis when cut. */
export function fitLine(text: string, limit: number): string {
  return fit(visible(text).replace(/\s+/g, ' ').trim(), limit, '…')
}

export function fitOutput(output: CheckOutput): CheckOutput {
  return {
    title: fitLine(output.title, CHECK_TITLE),
    summary: fit(output.summary, LONG_TEXT),
    ...(output.text !== undefined && { text: fit(output.text, LONG_TEXT) }),
  }
}

/** As the API has it. GitHub counts 64 KB of a message. */
export function fitAnnotation({ path, line, level, title, message }: CheckAnnotation): Readonly<Record<string, string | number>> {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title: fitLine(title, CHECK_TITLE),
    message: fit(visible(message), ANNOTATION_MESSAGE),
  }
}

function cut(text: string, bytes: number): string {
  let size = 0
  let end = 0
  for (const character of text) {
    size += Buffer.byteLength(character)
    if (size > bytes) break
    end += character.length
  }
  return text.slice(0, end)
}
