/** Errors of the command line: what went wrong, why, and what to do. The code decides the exit code. */
import { nearest } from '../../evidence/config/nearest.ts'
import { EXIT } from './verb.ts'
import type { Exit } from './verb.ts'

export type CliErrorCode = 'usage' | 'not-built' | 'config' | 'not-found' | 'not-authorised' | 'unavailable'

const EXITS: Readonly<Record<CliErrorCode, Exit>> = {
  usage: EXIT.usage,
  'not-built': EXIT.usage,
  config: EXIT.usage,
  'not-found': EXIT.usage,
  'not-authorised': EXIT.unauthorised,
  unavailable: EXIT.unavailable,
}

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  /** What to do, as an instruction. */
  readonly next: string
  constructor(code: CliErrorCode, message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.next = next
  }
  get exit(): Exit {
    return EXITS[this.code]
  }
}

/** A word that is not one of those there are. @param what such as `command` @param shown how the right one is written, when it can be guessed */
export function unknownWord(
  what: string,
  word: string,
  known: readonly string[],
  otherwise: string,
  shown: (meant: string) => string = (meant) => `\`${meant}\``,
): CliError {
  const meant = nearest(word, known)
  return new CliError(
    'usage',
    `There is no ${what} \`${word.slice(0, 100)}\`.`,
    meant === undefined ? otherwise : `Did you mean ${shown(meant)}? ${otherwise}`,
  )
}
