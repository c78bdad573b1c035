/**
 * One GET of an address of a metrics source, or one request of another method, with nothing left open: no redirects, no compression asked, a cap on bytes and on time from the first packet to
 * the last, no cloud metadata or other link-local address, whatever a name resolves to. The body never appears in a message.
 */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { request as plain, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as secured } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { MetricsError } from './metrics-error.ts'

export interface Caps {
  readonly maxBytes: number
  readonly timeoutMs: number
}

export interface Answer {
  readonly text: string
  readonly headers: IncomingHttpHeaders
}

const forbidden = new BlockList()
forbidden.addSubnet('169.254.0.0', 16, 'ipv4')
forbidden.addSubnet('0.0.0.0', 8, 'ipv4')
forbidden.addSubnet('224.0.0.0', 3, 'ipv4')
forbidden.addSubnet('fe80::', 10, 'ipv6')
forbidden.addSubnet('ff00::', 8, 'ipv6')
forbidden.addAddress('::', 'ipv6')
forbidden.addAddress('fd00:ec2::254', 'ipv6')

/** True for an address no metrics endpoint may have; IPv4 inside IPv6 is looked through. */
export function forbiddenAddress(address: string): boolean {
  const family = isIP(address)
  return family === 0 || forbidden.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void

export function guardedLookup(hostname: string, options: LookupOptions, done: Found): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const first = addresses?.[0]
    if (error !== null) return done(error, '')
    if (first === undefined || addresses.some(({ address }) => forbiddenAddress(address))) {
      return done(new MetricsError('address', `${hostname} resolves to an address that must not be asked.`), '')
    }
    return options.all === true ? done(null, addresses) : done(null, first.address, first.family)
  })
}

/** @throws MetricsError `address` */
export function metricsAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  if (
    url === null ||
    (url.protocol !== 'http:' && url.protocol !== 'https:') ||
    url.username !== '' ||
    (isIP(host) !== 0 && forbiddenAddress(host))
  ) {
    throw new MetricsError('address', `${JSON.stringify(text)} is not an http or https address that may be asked for metrics.`)
  }
  return url
}

function read(response: IncomingMessage, where: string, maxBytes: number, settle: (result: Answer | MetricsError) => void): void {
  if (response.statusCode !== 200)
    return settle(new MetricsError('refused', `${where} answered ${response.statusCode}.`, { status: response.statusCode ?? null }))
  if (response.headers['content-encoding'] !== undefined)
    return settle(new MetricsError('refused', `${where} answered compressed, which was not asked.`))
  const chunks: Buffer[] = []
  let size = 0
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > maxBytes) settle(new MetricsError('too-large', `${where} sent more than ${maxBytes} bytes.`))
    else chunks.push(chunk)
  })
  response.on('end', () =>
    settle(
      response.complete
        ? { text: Buffer.concat(chunks).toString('utf8'), headers: response.headers }
        : new MetricsError('unreachable', `${where} broke off.`),
    ),
  )
  response.on('error', (error) => settle(new MetricsError('unreachable', `${where} broke off.`, { cause: error })))
  response.on('aborted', () => settle(new MetricsError('unreachable', `${where} broke off.`)))
}

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5'

/** The whole body as text. @throws MetricsError `address`, `unreachable`, `slow`, `too-large`, `refused` */
export async function boundedGet(url: URL, caps: Caps): Promise<string> {
  return (await boundedAnswer(url, caps, { accept: OPENMETRICS })).text
}

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly body?: string
}

/** The whole body, with the headers it came with. @throws MetricsError `address`, `unreachable`, `slow`, `too-large`, `refused` */
export async function boundedAnswer(
  url: URL,
  caps: Caps,
  headers: Readonly<Record<string, string>>,
  { method, body }: Sent = { method: 'GET' },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const where = url.host
    let open = true
    function settle(result: Answer | MetricsError): void {
      if (!open) return
      open = false
      clearTimeout(timer)
      if (!(result instanceof MetricsError)) return resolve(result)
      request.destroy()
      return reject(result)
    }
    const secure = url.protocol === 'https:'
    const options: RequestOptions = {
      method,
      // A connection of its own: a kept one that the other side just closed would look like a version that cannot be read.
      agent: false,
      headers: { ...headers, 'accept-encoding': 'identity' },
      lookup: guardedLookup,
    }
    const request = (secure ? secured : plain)(url, options, (response) => read(response, where, caps.maxBytes, settle))
    const timer = setTimeout(() => settle(new MetricsError('slow', `${where} did not answer whole within ${caps.timeoutMs} ms.`)), caps.timeoutMs)
    request.on('error', (error) =>
      settle(error instanceof MetricsError ? error : new MetricsError('unreachable', `${where} could not be reached.`, { cause: error })),
    )
    request.end(body)
  })
}
