/**
 * Open-loop load: requests leave at the asked rate whether or not answers come back, so a slow version cannot hide by slowing the clients down. Bounded in
 * rate, time and requests in flight. Only counts are kept.
 */
import { Agent, request } from 'node:http'
import { parseArgs } from 'node:util'

const TICK_MS = 20
const MAX_IN_FLIGHT = 1000
const TIMEOUT_MS = 10_000
const ARM_HEADER = 'x-release-arm'

export interface LoadOptions {
  /** Of the router. */
  readonly url: string
  /** Requests per second, 1 to 5,000. */
  readonly rate: number
  /** 1 to 3,600. */
  readonly seconds: number
  /** A connection for each request, as new users bring. Default: connections are kept. */
  readonly fresh?: boolean
}

export interface ArmLoad {
  readonly ok: number
  /** Status 500 and above. */
  readonly bad: number
}

/** Times are epoch milliseconds; null: never. */
export interface LoadReport {
  readonly at: number
  readonly sent: number
  readonly answered: number
  /** No answer at all: broken or refused connections, and timeouts. */
  readonly failed: number
  /** Due, but not sent because too many were in flight. */
  readonly dropped: number
  readonly arms: Readonly<Record<'canary' | 'stable' | 'unknown', ArmLoad>>
  /** Answers by status code. */
  readonly codes: Readonly<Record<string, number>>
  /** First answer of the canary with status 500 or above. */
  readonly first_bad: number | null
  /** Last answer of the canary. */
  readonly last_canary: number | null
}

export interface Load {
  report(): LoadReport
  /** Resolves with the last report when all was sent and answered, or `stop` was called. */
  readonly done: Promise<LoadReport>
  stop(): void
}

const ORDER = JSON.stringify({ product: 1, quantity: 1 })
/** Requests of a customer; the last one orders. Eleven, so that no router's beat of ten falls in step with it. */
const MIX = ['/', '/products', '/', '/products', '/', '/', '/products', '/', '/', '/products', '/orders'] as const

/** @throws RangeError for a rate or time out of bounds */
export function startLoad({ url, rate, seconds, fresh = false }: LoadOptions): Load {
  if (!(rate >= 1 && rate <= 5000) || !(seconds >= 1 && seconds <= 3600)) throw new RangeError('rate is 1 to 5000 a second, seconds 1 to 3600')
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: !fresh, maxSockets: MAX_IN_FLIGHT, scheduling: 'lifo' })
  const arms = { canary: { ok: 0, bad: 0 }, stable: { ok: 0, bad: 0 }, unknown: { ok: 0, bad: 0 } }
  const codes: Record<string, number> = {}
  let [sent, answered, failed, dropped, inFlight, due] = [0, 0, 0, 0, 0, 0]
  let firstBad: number | null = null
  let lastCanary: number | null = null
  const total = Math.round(rate * seconds)
  const { promise: done, resolve } = Promise.withResolvers<LoadReport>()

  function report(): LoadReport {
    return {
      at: Date.now(),
      sent,
      answered,
      failed,
      dropped,
      arms: structuredClone(arms),
      codes: { ...codes },
      first_bad: firstBad,
      last_canary: lastCanary,
    }
  }

  function count(code: number, arm: string | string[] | undefined): void {
    answered += 1
    codes[code] = (codes[code] ?? 0) + 1
    const name = arm === 'canary' || arm === 'stable' ? arm : 'unknown'
    arms[name][code >= 500 ? 'bad' : 'ok'] += 1
    if (name !== 'canary') return
    lastCanary = Date.now()
    if (code >= 500) firstBad ??= lastCanary
  }

  function send(): void {
    const path = MIX[sent % MIX.length] ?? '/'
    const order = path === '/orders'
    sent += 1
    inFlight += 1
    let open = true
    const end = (counted: () => void) => {
      if (!open) return
      open = false
      inFlight -= 1
      counted()
      if (stopped && inFlight === 0) finish()
    }
    const headers = order ? { 'content-type': 'application/json', 'content-length': ORDER.length } : {}
    const call = request({ hostname, port, path, agent, method: order ? 'POST' : 'GET', headers, timeout: TIMEOUT_MS }, (response) => {
      response.resume()
      response.on('end', () => end(() => count(response.statusCode ?? 0, response.headers[ARM_HEADER])))
      response.on('close', () => end(() => (failed += 1)))
    })
    call.on('timeout', () => call.destroy())
    call.on('error', () => end(() => (failed += 1)))
    call.end(order ? ORDER : undefined)
  }

  let stopped = false
  function finish(): void {
    agent.destroy()
    resolve(report())
  }
  function stop(): void {
    if (stopped) return
    stopped = true
    clearInterval(timer)
    if (inFlight === 0) finish()
  }

  const started = performance.now()
  const timer = setInterval(() => {
    const target = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
    for (; due < target; due += 1) {
      if (inFlight < MAX_IN_FLIGHT) send()
      else dropped += 1
    }
    if (due >= total) stop()
  }, TICK_MS)
  return { report, done, stop }
}

/** Process entry: `node test/support/load.ts --url … [--rate 400] [--seconds 120]`. One report a second as a JSON line, and a last one with `"final": true`. */
async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { url: text, rate: { ...text, default: '400' }, seconds: { ...text, default: '120' } } })
  if (values.url === undefined) throw new Error('load needs --url')
  const load = startLoad({ url: values.url, rate: Number(values.rate), seconds: Number(values.seconds) })
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.exit(0)
    process.stdout.write(`${JSON.stringify(load.report())}\n`)
  }, 1000)
  process.once('SIGTERM', () => load.stop())
  process.once('SIGINT', () => load.stop())
  process.once('disconnect', () => load.stop())
  const last = await load.done
  clearInterval(timer)
  process.stdout.write(`${JSON.stringify({ ...last, final: true })}\n`)
}

if (import.meta.main) await main()
