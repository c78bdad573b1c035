/**
 * The proxy's own address for the one who moves the weight, apart from the traffic: `GET /weight`, `PUT /weight` with `{"percent": 10}`, `GET /metrics`,
 * `GET /healthz`. Browsers are refused (an `Origin` header), so a page somebody opens cannot move traffic.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { percentage, RouterError, type RouterErrorCode } from './router.ts'
import type { Weight } from './weight.ts'

const MAX_BODY = 1024
const Wanted = z.strictObject({ percent: z.number() })
const STATUS: Record<RouterErrorCode, number> = { invalid: 400, malformed: 400, refused: 409, 'not-durable': 507, mismatch: 500, unreachable: 503 }

export interface AdminOptions {
  readonly weight: Weight
  /** As OpenMetrics text. */
  readonly metrics: () => string
  /** When set, every call but `/healthz` must carry it as a bearer token. */
  readonly token: string | undefined
  /** Resolves when no request chosen before the call can still start on the canary. */
  readonly settled: () => Promise<void>
}

function answer(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function sameToken(header: string | undefined, token: string): boolean {
  return timingSafeEqual(hash(header ?? ''), hash(`Bearer ${token}`))
}

async function wanted(request: IncomingMessage): Promise<number> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new RouterError('malformed', `The body is longer than ${MAX_BODY} bytes. Send {"percent": 10}.`)
    chunks.push(chunk)
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    throw new RouterError('malformed', 'The body is not JSON. Send {"percent": 10}.', { cause: error })
  }
  const body = Wanted.safeParse(parsed)
  if (!body.success) throw new RouterError('malformed', 'The body is not {"percent": 10}: one key, a number.')
  return percentage(body.data.percent)
}

/** Not listening yet. */
export function adminServer({ weight, metrics, token, settled }: AdminOptions): Server {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0]
    if (path === '/healthz') return answer(response, 200, { ok: true })
    if (request.headers.origin !== undefined) return answer(response, 403, { code: 'browser', message: 'This address does not answer browsers.' })
    if (token !== undefined && !sameToken(request.headers.authorization, token)) {
      return answer(response, 401, { code: 'token', message: 'Send the operator\'s token as "Authorization: Bearer …".' })
    }
    if (path === '/metrics' && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' }).end(metrics())
      return
    }
    if (path !== '/weight') return answer(response, 404, { code: 'path', message: 'Known: /weight, /metrics, /healthz.' })
    if (request.method === 'GET') return answer(response, 200, { percent: weight.percent() })
    if (request.method !== 'PUT') return answer(response, 405, { code: 'method', message: '/weight knows GET and PUT.' })
    const percent = await wanted(request)
    await weight.set(percent)
    await settled()
    answer(response, 200, { percent: weight.percent() })
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const code = error instanceof RouterError ? error.code : 'refused'
      response.setHeader('connection', 'close')
      answer(response, STATUS[code], { code, message: error instanceof Error ? error.message : String(error), percent: weight.percent() })
    })
  })
  server.requestTimeout = 10_000
  return server
}
