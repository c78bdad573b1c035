/**
 * Clients that stay with their version while the weight rises: each has a fixed place between 0 and 100, and the canary serves those below the weight. So a
 * larger weight only adds clients, and nobody needs to remember anybody.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { RouterError } from './router.ts'

export type Sticky = { readonly by: 'address' } | { readonly by: 'header' | 'cookie'; readonly name: string }

/** `address`, `header:x-user`, `cookie:cart`. @throws RouterError `invalid` */
export function stickyBy(text: string): Sticky {
  if (text === 'address') return { by: 'address' }
  const match = /^(header|cookie):([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100})$/.exec(text)
  const [, by, name] = match ?? []
  if ((by === 'header' || by === 'cookie') && name !== undefined) return { by, name: by === 'header' ? name.toLowerCase() : name }
  throw new RouterError('invalid', `Clients are told apart by address, header:NAME or cookie:NAME, not ${JSON.stringify(text)}.`)
}

function cookie(header: string, name: string): string | undefined {
  return header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1)
}

/** Who asks; null when the request does not say. */
export function clientOf(sticky: Sticky, { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string | null {
  if (sticky.by === 'address') return socket.remoteAddress ?? null
  const said = sticky.by === 'header' ? headers[sticky.name] : cookie(headers.cookie ?? '', sticky.name)
  const text = Array.isArray(said) ? said.join(',') : said
  return text === undefined || text === '' ? null : text
}

const PLACES = 2 ** 48

/** Same answer for the same client at the same weight, and still true at every larger one. @param percent 0 to 100 */
export function inCanary(client: string, percent: number): boolean {
  return (createHash('sha256').update(client).digest().readUIntBE(0, 6) / PLACES) * 100 < percent
}
