/** A refusal in GitHub's words: becomes an answer with this status. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly errors: readonly unknown[] | undefined
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, message: string, options: { errors?: readonly unknown[]; headers?: Readonly<Record<string, string>> } = {}) {
    super(message)
    this.status = status
    this.errors = options.errors
    this.headers = options.headers ?? {}
  }
}

export type DoubleErrorCode = 'unclean' | 'unknown-account' | 'unknown-repository' | 'git' | 'refused' | 'contract' | 'artifact'

/** A mistake of the one who drives the double (a test, the demo), or of the double itself. */
export class DoubleError extends Error {
  override readonly name = 'DoubleError'
  readonly code: DoubleErrorCode
  constructor(code: DoubleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found')
export const invalid = (message: string, errors?: readonly unknown[]): Refusal => new Refusal(422, message, errors ? { errors } : {})
