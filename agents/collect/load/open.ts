/**
 * Load with open arrivals: each request leaves when it is due, whether or not others have come back, and is timed from then. So a service that stalls is
 * charged for everybody who waited, also for those whom a client that waits with it would never have sent (coordinated omission).
 */
import { performance } from 'node:perf_hooks'
import type { OpenRun } from '../inputs.load.ts'
import { Exchange } from './exchange.ts'
import { Histogram } from './histogram.ts'
import type { Ask, Target } from './target.ts'

export interface OpenOptions {
  readonly target: Target
  readonly asks: readonly Ask[]
  readonly kind: OpenRun['kind']
  /** Requests a second. */
  readonly rate: number
  readonly warmUpMs: number
  readonly ms: number
  /** At most so many wait for an answer. */
  readonly inFlight: number
  /** Of one answer. */
  readonly timeoutMs: number
}

const TICK_MS = 1
const MOST_STATUSES = 20

/** @returns what was counted after the warm-up; never throws */
export async function openLoad({ target, asks, kind, rate, warmUpMs, ms, inFlight, timeoutMs }: OpenOptions): Promise<OpenRun> {
  const exchange = new Exchange(target, inFlight, timeoutMs)
  const [latency, service, lag] = [new Histogram(), new Histogram(), new Histogram()]
  const statuses: Record<string, number> = {}
  const counts = { due: 0, dropped: 0, failed: 0, bad: 0 }
  const [first, total] = [Math.round((warmUpMs / 1000) * rate), Math.round(((warmUpMs + ms) / 1000) * rate)]
  const { promise: over, resolve } = Promise.withResolvers<undefined>()
  const started = performance.now()
  let [waiting, next] = [0, 0]

  function count(ask: Ask, status: number | null, dueAt: number, sentAt: number): void {
    if (status === null) {
      counts.failed += 1
      return
    }
    const now = performance.now()
    latency.add(now - dueAt)
    service.add(now - sentAt)
    const code = String(status)
    if (code in statuses || Object.keys(statuses).length < MOST_STATUSES) statuses[code] = (statuses[code] ?? 0) + 1
    if (status !== ask.status) counts.bad += 1
  }

  async function send(ask: Ask, dueAt: number, isCounted: boolean): Promise<void> {
    const sentAt = performance.now()
    if (isCounted) lag.add(sentAt - dueAt)
    waiting += 1
    const status = await exchange.ask(ask)
    waiting -= 1
    if (isCounted) count(ask, status, dueAt, sentAt)
    if (next >= total && waiting === 0) resolve(undefined)
  }

  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate) + 1)
    for (; next < due; next += 1) {
      const ask = asks[next % asks.length]
      const isCounted = next >= first
      if (isCounted) counts.due += 1
      if (ask !== undefined && waiting < inFlight) void send(ask, started + (next * 1000) / rate, isCounted)
      else if (isCounted) counts.dropped += 1
    }
    if (next < total) return
    clearInterval(timer)
    if (waiting === 0) resolve(undefined)
  }, TICK_MS)
  await over
  exchange.close()
  const late = Number(lag.quantile(0.99).toPrecision(6))
  return { kind, rate, ms, ...counts, statuses, latency: latency.distribution(), service: service.distribution(), lag: late }
}
