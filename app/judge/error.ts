/** Errors of series that come from outside. Codes are closed; tests assert them. */
export type LineErrorCode = 'too-large' | 'malformed' | 'schema' | 'order' | 'objectives'

/** A line that cannot be read; nothing after it is. */
export class LineError extends Error {
  override readonly name = 'LineError'
  readonly code: LineErrorCode
  /** From 1. */
  readonly line: number
  constructor(code: LineErrorCode, line: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.line = line
  }
}
