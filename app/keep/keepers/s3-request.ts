/**
 * One signed exchange with an S3-compatible server, with nothing left open: the operator's endpoint only, no redirects, no link-local or metadata address
 * whatever the name resolves to, a deadline for the whole exchange and a cap on its bytes, the body's SHA-256 signed and sent as a checksum. Every call
 * made here may be repeated. Neither a key nor a body ever appears in a message.
 *
 * Signature Version 4 is AWS's own library: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignatureV4 } from '@smithy/signature-v4'
import { forbiddenAddress, guardedLookup } from '../../../agents/collect/metrics/bounded-get.ts'
import { StorageError } from '../error.ts'

export interface S3Place {
  /** For messages. */
  readonly name: string
  readonly endpoint: URL
  readonly region: string
  readonly bucket: string
  readonly keyId: string
  readonly secret: string
  /** For one exchange, body included. */
  readonly timeoutMs: number
  /** Waits before the second and third try. */
  readonly backoffMs: readonly number[]
}

export interface S3Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** Of the object; null: the bucket. Only letters, digits, `/`, `.`, `-` and `_`. */
  readonly key: string | null
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly maxBytes?: number
}

export interface S3Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

const EMPTY = new Uint8Array()
const MAX_TEXT = 4 * 1024 * 1024
/** A server that asks for more patience than this is asked again by the outbox. */
const PATIENCE_MS = 5_000

/** Every answer under 500 but 429. @throws StorageError `unreachable`, `limited`, `refused` (a redirect), `too-large` */
export async function s3Call(place: S3Place, call: S3Call): Promise<S3Answer> {
  for (let attempt = 0; ; attempt++) {
    const wait = place.backoffMs[attempt]
    try {
      const answer = await exchange(place, call)
      if (answer.status < 500 && answer.status !== 429) return answer
      const asked = retryAfter(answer.headers['retry-after'])
      const failure = new StorageError(
        'limited',
        `${place.name} answered ${answer.status}${asked === null ? '' : ` and asks to wait ${asked / 1000} s`}.`,
        {
          retryAt: Date.now() + (asked ?? 0),
        },
      )
      if (wait === undefined || (asked ?? 0) > PATIENCE_MS) throw failure
      await sleep(Math.max(wait, asked ?? 0))
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'unreachable' || wait === undefined) throw error
      await sleep(wait)
    }
  }
}

/** Seconds, or a date. Milliseconds; null: nothing that can be read. */
function retryAfter(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

/** Is the endpoint an address that no store may have? A name is looked at when it is resolved; an address never is. */
export function isForbidden(endpoint: URL): boolean {
  const host = endpoint.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && forbiddenAddress(host)
}

async function exchange(place: S3Place, call: S3Call): Promise<S3Answer> {
  const { endpoint, bucket } = place
  if (isForbidden(endpoint)) throw new StorageError('refused', `${place.name}: ${endpoint.hostname} is no address a store may have.`)
  const body = call.body ?? EMPTY
  const path = `${endpoint.pathname.replace(/\/$/, '')}/${bucket}${call.key === null ? '' : `/${call.key}`}`
  const signer = new SignatureV4({
    service: 's3',
    region: place.region,
    credentials: { accessKeyId: place.keyId, secretAccessKey: place.secret },
    sha256: NodeHash,
    // The path of an S3 object is signed as it is sent.
    uriEscapePath: false,
    applyChecksum: false,
  })
  const digest = createHash('sha256').update(body).digest()
  const signed = await signer.sign({
    method: call.method,
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    ...(endpoint.port !== '' && { port: Number(endpoint.port) }),
    path,
    query: { ...call.query },
    headers: {
      host: endpoint.host,
      'x-amz-content-sha256': digest.toString('hex'),
      ...(body.length > 0 && { 'x-amz-checksum-sha256': digest.toString('base64'), 'content-length': String(body.length) }),
      ...call.headers,
    },
    body,
  })
  const query = Object.entries(call.query ?? {})
    .map(([name, value]) => (value === '' ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`))
    .join('&')
  return send(place, call, `${path}${query === '' ? '' : `?${query}`}`, signed.headers, body)
}

function send(place: S3Place, call: S3Call, path: string, headers: Record<string, string>, body: Uint8Array): Promise<S3Answer> {
  const { name, endpoint, timeoutMs } = place
  const maxBytes = call.maxBytes ?? MAX_TEXT
  return new Promise((resolve, reject) => {
    let open = true
    const settle = (result: S3Answer | StorageError): void => {
      if (!open) return
      open = false
      clearTimeout(timer)
      if (result instanceof StorageError) {
        request.destroy()
        reject(result)
      } else resolve(result)
    }
    const lost = (cause?: unknown): void => settle(new StorageError('unreachable', `${name} could not be reached.`, { cause }))
    const options = { method: call.method, path, headers, agent: false as const, lookup: guardedLookup }
    const request = (endpoint.protocol === 'https:' ? secureRequest : plainRequest)(
      { ...options, hostname: endpoint.hostname.replace(/^\[|\]$/g, ''), ...(endpoint.port !== '' && { port: endpoint.port }) },
      (response) => {
        const status = response.statusCode ?? 0
        if (status >= 300 && status < 400 && status !== 304)
          return settle(new StorageError('refused', `${name} answered with a redirect, which is never followed. Check its endpoint and region.`))
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > maxBytes) settle(new StorageError('too-large', `${name} sent more than ${maxBytes} bytes.`))
          else chunks.push(chunk)
        })
        response.on('end', () =>
          response.complete ? settle({ status, headers: response.headers, body: new Uint8Array(Buffer.concat(chunks)) }) : lost(),
        )
        response.on('error', lost)
        response.on('aborted', () => lost())
      },
    )
    const timer = setTimeout(() => settle(new StorageError('unreachable', `${name} did not answer whole within ${timeoutMs} ms.`)), timeoutMs)
    request.on('error', lost)
    request.end(body)
  })
}

/** SHA-256 and HMAC-SHA-256 as the library wants them, from the system's own. */
class NodeHash {
  readonly #hash: Hash | Hmac
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data))
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()))
  }
  reset(): void {}
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8')
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
