/**
 * The App's own way in, ahead of Probot, which would buffer any body, accept the public secret `development` when none is set, and lose what it was
 * handling in a crash. Here: cap, headers, signature over the raw bytes, journal, sync, 202; nothing is parsed before the answer.
 *
 *     POST /api/github/webhooks   202 kept, 400 headers or signature, 413 too large, 503 no space or too busy (GitHub shows it as failed: redeliver)
 *     GET  /healthz               200 while the process runs
 *     GET  /readyz                200 when the database answers and the journal can be written, else 503 with what is wrong
 *     GET  /metrics               OpenMetrics text
 *     anything else             what the App shows in a browser (app/web)
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock, Log } from '../release/ports.ts'
import type { DeliveryResult, Metrics } from '../telemetry/metrics.ts'
import { bodyReader } from './body.ts'
import { WebhookError } from './error.ts'
import { deliveryHeaders } from './headers.ts'
import type { Journal } from './journal.ts'
import { signedBy, type WebhookSecrets } from './signature.ts'

export const WEBHOOK_PATH = '/api/github/webhooks'
/** GitHub does not send larger events. */
export const LARGEST_BODY = 25 * 1024 * 1024
/** All bodies that are being read at one time. */
const BODY_BUDGET = 64 * 1024 * 1024
const CONNECTIONS = 256
/** How long a refused sender's rest is read and thrown away, so that it sees the answer. */
const LINGER_MS = 2000

export interface FrontDoorOptions {
  readonly host: string
  readonly port: number
  readonly appId: number
  readonly secrets: WebhookSecrets
  readonly journal: Journal
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  /** Called after each kept delivery: the inbox can drain. */
  readonly onKept: () => void
  /** What is not ready, in words; empty when all is. */
  readonly unready: () => Promise<readonly string[]>
  /** What is shown in a browser; false: nothing is there. */
  readonly web?: (path: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  readonly headersTimeoutMs?: number
  readonly requestTimeoutMs?: number
}

export interface FrontDoor {
  /** `http://host:port`, with the port really bound. */
  readonly url: string
  readonly port: number
  /** Takes no more connections; resolves when the open ones are answered. */
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly result: DeliveryResult
  readonly message: string
}

const TOO_LARGE: Answer = { status: 413, result: 'too_large', message: `The body is over ${LARGEST_BODY} bytes. GitHub sends no such event.` }
const BUSY: Answer = { status: 503, result: 'busy', message: 'Too many deliveries at once. Redeliver it in a minute.' }
const BAD_SIGNATURE: Answer = {
  status: 400,
  result: 'bad_signature',
  message: 'X-Hub-Signature-256 is missing or does not fit the body. Check that the App’s webhook secret is the WEBHOOK_SECRET of this server.',
}

/** Listens. The promise resolves when connections are accepted. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const bodies = bodyReader(LARGEST_BODY, BODY_BUDGET)
  const server = createServer({
    headersTimeout: options.headersTimeoutMs ?? 10_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    keepAliveTimeout: 15_000,
    connectionsCheckingInterval: Math.min(1000, options.headersTimeoutMs ?? 1000),
    maxHeaderSize: 16 * 1024,
  })
  server.maxConnections = CONNECTIONS
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    route(request, response).catch((error: unknown) => {
      options.log.error({ error: String(error) }, 'A request could not be answered.')
      if (!response.headersSent) say(response, 500, 'The server failed. Its log says why.')
    })
  }
  server.on('request', serve)
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) <= LARGEST_BODY) response.writeContinue()
    serve(request, response)
  })

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0]
    if (path === WEBHOOK_PATH && request.method === 'POST') return deliver(request, response)
    if (path === WEBHOOK_PATH) return say(response, 405, 'Deliveries come by POST.')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead && path === '/healthz') return say(response, 200, 'ok')
    if (isRead && path === '/readyz') {
      const wrong = await options.unready()
      return say(response, wrong.length === 0 ? 200 : 503, wrong.length === 0 ? 'ok' : wrong.join('\n'))
    }
    if (isRead && path === '/metrics') {
      options.metrics.ready.set((await options.unready()).length === 0 ? 1 : 0)
      response.writeHead(200, { 'content-type': options.metrics.registry.contentType })
      response.end(await options.metrics.registry.metrics())
      return
    }
    if (path !== undefined && (await options.web?.(path, request, response)) === true) return
    say(response, 404, 'Nothing is here.')
  }

  async function deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await bodies.read(request)
    if ('refused' in read) {
      if (read.refused === 'aborted') options.metrics.deliveries.inc({ result: 'aborted' })
      else refuseUnread(request, response, read.refused === 'too-large' ? TOO_LARGE : BUSY)
      return
    }
    const answer = await keep(request, read.body)
    options.metrics.deliveries.inc({ result: answer.result })
    say(response, answer.status, answer.message)
    if (answer.status === 202) options.onKept()
  }

  async function keep(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const headers = deliveryHeaders(request.headers, options.appId)
    if ('wrong' in headers) return { status: 400, result: 'bad_request', message: headers.wrong.join('\n') }
    const header = request.headers['x-hub-signature-256']
    const secret = signedBy(options.secrets, typeof header === 'string' ? header : undefined, body)
    if (secret === null) return BAD_SIGNATURE
    options.metrics.signatures.inc({ secret })
    const { app, hook, guid, event } = headers
    try {
      await options.journal.append({ head: { app, hook, guid, event, at: options.clock.now() }, body })
      return { status: 202, result: 'accepted', message: 'kept' }
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error
      const result = error.code === 'disk-full' ? 'disk_full' : error.code === 'busy' ? 'busy' : 'journal_failed'
      return { status: 503, result, message: error.message }
    }
  }

  function refuseUnread(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    options.metrics.deliveries.inc({ result: answer.result })
    const message = `${answer.message}\n`
    response.writeHead(answer.status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(message),
      connection: 'close',
    })
    // The whole answer is written but not ended: ending would reset the connection while the sender still sends, and it might never see the answer.
    response.write(message)
    request.resume()
    const over = (): void => {
      clearTimeout(timer)
      response.end()
      request.socket.destroySoon()
    }
    const timer = setTimeout(over, LINGER_MS)
    request.once('end', over)
    request.once('close', over)
  }

  await listen(server, options.host, options.port)
  const { port } = server.address() as AddressInfo
  return { url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`, port, close: () => closeServer(server) }
}

function say(response: ServerResponse, status: number, message: string): void {
  const text = `${message}\n`
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  // A sender that never ends its request must not hold the process back.
  const force = setTimeout(() => server.closeAllConnections(), 5000)
  await closed
  clearTimeout(force)
}
