/** Whom a load goes to: resolved once, and never an address that must not be asked; every request then goes to that very machine. */
import { promisify } from 'node:util'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import type { LoadRequest } from '../../../evidence/model/config/perf.ts'
import { guardedLookup, metricsAddress } from '../metrics/bounded-get.ts'

export interface Target {
  readonly secure: boolean
  /** As resolved. */
  readonly address: string
  readonly port: number
  /** As named, with the port where it is not the scheme's own: header `Host`. */
  readonly host: string
  /** As named, without a port: what a certificate must be for. */
  readonly servername: string
  /** What the address itself names; a slash at its end does not count. */
  readonly prefix: string
}

const lookup = promisify(guardedLookup as (name: string, options: { all: true }, done: (error: Error | null, found: LookupAddress[]) => void) => void)

/** @throws MetricsError `address`; an error of the resolver */
export async function targetOf(text: string): Promise<Target> {
  const url = metricsAddress(text)
  const servername = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'https:'
  const [found] = isIP(servername) === 0 ? await lookup(servername, { all: true }) : [{ address: servername }]
  return {
    secure,
    address: found?.address ?? servername,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    servername,
    prefix: url.pathname.replace(/\/+$/, ''),
  }
}

export interface Ask {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** It must answer with. */
  readonly status: number
}

/** Each as often as its weight says, spread as evenly as whole numbers allow; the same settings give the same order. */
export function askedOf({ host, prefix }: Pick<Target, 'host' | 'prefix'>, requests: readonly LoadRequest[]): readonly Ask[] {
  const shared = requests.reduce((divisor, { weight }) => gcd(divisor, weight), 0)
  const turns = requests.flatMap((request, kind) => {
    const times = request.weight / shared
    return Array.from({ length: times }, (_, nth) => ({ request, at: (nth + 0.5) / times, kind }))
  })
  return turns
    .toSorted((a, b) => a.at - b.at || a.kind - b.kind)
    .map(({ request: { method, path, body, status } }) => {
      const text = body === undefined ? null : JSON.stringify(body)
      const headers = {
        host,
        'user-agent': 'release-conductor',
        ...(text !== null && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      }
      return { method, path: `${prefix}${path}`, headers, body: text, status }
    })
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
