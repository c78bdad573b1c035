/** Errors of the command line: what went wrong, why, and what to do. The code decides the exit code. */
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
