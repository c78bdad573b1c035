/** The body of an answer as text, or none of it. */
import { RouterError } from './router.ts'

/** @throws RouterError `malformed` over `maxBytes`, and whatever the connection throws */
export async function boundedBody(response: Response, maxBytes: number, whose: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new RouterError('malformed', `${whose} is longer than ${maxBytes} bytes. Is the address right?`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
