/**
 * One request to one arm and its answer back, streamed both ways. The proxy never tries the other arm: a canary that is down must show as the
 * canary's errors, not be hidden by stable. Hop-by-hop headers stop here (RFC 9110, 7.6.1).
 */
import { request, type Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import type { ArmName } from './weight.ts'

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Header of every answer: the arm that gave it. */
export const ARM_HEADER = 'x-release-arm'

export interface Arm {
  readonly name: ArmName
  readonly hostname: string
  readonly port: number
  readonly agent: Agent
  /** Milliseconds without a byte from the arm before the client gets 504. */
  readonly timeoutMs: number
}

function endToEnd(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  const named = headers.connection?.toLowerCase().split(',') ?? []
  const kept: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!HOP_BY_HOP.has(name) && !named.some((entry) => entry.trim() === name)) kept[name] = value
  }
  return kept
}

function upstreamHeaders(incoming: IncomingMessage): OutgoingHttpHeaders {
  const headers = endToEnd(incoming.headers)
  // A body without a length is framed again here, whatever the method: an unframed body would be read as the next request.
  if (incoming.headers['transfer-encoding'] !== undefined) {
    delete headers['content-length']
    headers['transfer-encoding'] = 'chunked'
  }
  const client = incoming.socket.remoteAddress ?? 'unknown'
  headers['x-forwarded-for'] =
    incoming.headers['x-forwarded-for'] === undefined ? client : `${String(incoming.headers['x-forwarded-for'])}, ${client}`
  return headers
}

/**
 * @param sent called once with the status code the client got
 * @param flushed called once when nothing more of the request will reach the arm
 * @returns ends it now, with a reason for the client if it has heard nothing yet
 */
export function forward(
  arm: Arm,
  incoming: IncomingMessage,
  answer: ServerResponse,
  sent: (code: number) => void,
  flushed: () => void,
): (why: string) => void {
  const path = incoming.url ?? '/'
  const bodiless =
    BODILESS.has(incoming.method ?? '') && incoming.headers['transfer-encoding'] === undefined && (incoming.headers['content-length'] ?? '0') === '0'
  let over = false

  function finish(code: number): void {
    if (over) return
    over = true
    sent(code)
  }

  function refuse(code: 502 | 503 | 504, why: string): void {
    if (over) return
    if (answer.headersSent) {
      finish(code)
      answer.destroy()
      return
    }
    finish(code)
    incoming.resume()
    answer.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', [ARM_HEADER]: arm.name }).end(`${why}\n`)
  }

  function attempt(again: boolean): ClientRequest {
    const upstream = request({
      hostname: arm.hostname,
      port: arm.port,
      method: incoming.method,
      path,
      headers: upstreamHeaders(incoming),
      agent: again ? false : arm.agent,
      setHost: false,
    })
    upstream.setTimeout(arm.timeoutMs, () => upstream.destroy(new Error('timeout')))
    upstream.on('response', (response) => {
      const code = response.statusCode ?? 502
      const headers = endToEnd(response.headers)
      headers[ARM_HEADER] = arm.name
      answer.writeHead(code, headers)
      response.pipe(answer)
      response.on('end', () => finish(code))
      response.on('error', () => refuse(502, `The ${arm.name} version broke off its answer.`))
      response.on('aborted', () => refuse(502, `The ${arm.name} version broke off its answer.`))
    })
    upstream.on('error', (error) => {
      // An idle kept-alive connection may be closed by the other side just as it is taken: nothing was answered, so a request without a body may be sent again, to the same arm.
      if (upstream.reusedSocket && bodiless && !again && !answer.headersSent && error.message !== 'timeout' && !answer.destroyed) {
        current = attempt(true)
        current.end()
        return
      }
      if (error.message === 'timeout') refuse(504, `The ${arm.name} version did not answer in time.`)
      else refuse(502, `The ${arm.name} version could not be reached.`)
    })
    upstream.on('finish', flushed)
    upstream.on('close', flushed)
    return upstream
  }

  let current = attempt(false)
  if (bodiless) current.end()
  else incoming.pipe(current)
  answer.on('close', () => {
    if (!answer.writableFinished) {
      finish(499)
      current.destroy()
    }
  })
  return (why) => {
    refuse(503, why)
    current.destroy()
  }
}
