/** One JSON document to one operator-named address: no redirect, a deadline over everything, and a cap on what is read. */
import { OutgoingError } from './error.ts'

export interface Post {
  /** For messages; never the address, which may be a secret. */
  readonly name: string
  readonly url: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** For the whole exchange. Default 8 s, which is less than the rest of a lease. */
  readonly timeoutMs?: number
}

const MAX_BYTES = 64 * 1024

/** @returns the answer's text @throws OutgoingError `unreachable`, `refused`, `unreadable` */
export async function post({ name, url, body, headers = {}, timeoutMs = 8_000 }: Post): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      redirect: 'manual',
      signal,
    })
    const text = await capped(name, response)
    if (response.status < 200 || response.status >= 300)
      throw new OutgoingError(
        'refused',
        `${name} answered ${response.status}${response.status >= 300 && response.status < 400 ? ', a redirect, which is not followed' : ''}`,
      )
    return text
  } catch (error) {
    if (error instanceof OutgoingError) throw error
    throw new OutgoingError('unreachable', signal.aborted ? `${name} gave no whole answer within ${timeoutMs} ms` : `${name} could not be reached`, {
      cause: error,
    })
  }
}

async function capped(name: string, response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > MAX_BYTES) throw new OutgoingError('unreadable', `${name} answered more than ${MAX_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
