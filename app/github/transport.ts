/** One HTTP exchange with a deadline and a byte cap. Nothing is buffered past the cap; redirects are never followed here. */
import { GitHubError } from './error.ts'

export interface Bounds {
  /** For the whole exchange, body included. */
  readonly timeoutMs: number
  readonly maxBytes: number
  /** The real thing in production; a test may put a broken network here. */
  readonly fetch: typeof globalThis.fetch
}

/** Errors after which the request certainly did not reach the server. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

/** Did this failure happen before the request left? Then not even a creating call can have had an effect. */
export function neverSent(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if ('code' in at && typeof at.code === 'string' && NEVER_SENT.has(at.code)) return true
  return false
}

/**
 * A `fetch` that reads the whole body within the bounds and hands it on as a finished response.
 * @throws GitHubError `unavailable` for the network and the deadline, `too-large` past the cap
 */
export function boundedFetch(bounds: Bounds): typeof globalThis.fetch {
  return async (input, init) => {
    const signal = AbortSignal.timeout(bounds.timeoutMs)
    try {
      const response = await bounds.fetch(input, { ...init, signal, redirect: 'manual' })
      const body = await readCapped(response, bounds.maxBytes)
      const bodyless = response.status === 204 || response.status === 205 || response.status === 304
      return new Response(bodyless ? null : body, { status: response.status, headers: response.headers })
    } catch (error) {
      if (error instanceof GitHubError) throw error
      const why = signal.aborted ? `no whole answer within ${bounds.timeoutMs} ms` : error instanceof Error ? error.message : 'network error'
      throw new GitHubError('unavailable', `GitHub could not be reached: ${why}. It will be tried again.`, { cause: error })
    }
  }
}

async function readCapped(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (): never => {
    throw new GitHubError('too-large', `The answer is larger than the ${maxBytes} bytes allowed here; it was not read.`, { status: response.status })
  }
  if (response.body === null) return new Uint8Array(0)
  const declared = Number(response.headers.get('content-length') ?? '0')
  if (declared > maxBytes) {
    await response.body.cancel()
    refuse()
  }
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      refuse()
    }
    chunks.push(value)
  }
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}
