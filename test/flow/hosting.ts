/**
 * Stands for everything around a shop in one small server: the platform that deploys, the router that moves traffic, and both versions' `/metrics`.
 * Its customers are arithmetic, so a canary of a flow test costs no processor; every weight it was ever given is kept.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the canary's `/metrics` does instead of telling the truth; `astray`: all it serves is true, but the router gives everything to stable. */
export type MetricsFault = 'gone' | 'empty' | 'nan' | 'frozen' | 'endless' | 'astray'

export interface Hosting {
  readonly url: string
  /** Every weight that was set, in order, repetitions included. */
  readonly weights: readonly { readonly at: number; readonly percent: number }[]
  /** Commits that were deployed as canary, in order. */
  readonly deployed: readonly string[]
  /** Share of the canary's answers that fail from now on. */
  errors: number
  fault: MetricsFault | null
  /** The platform gives a deployed commit its share itself, as the deploy job says. */
  movesAtDeploy: boolean
  /** What was deployed as canary serves as stable from now on, with all the traffic. */
  settle(): void
  close(): Promise<void>
}

const REQUESTS_PER_SECOND = 4000
const DIGEST = `sha256:${'5'.repeat(64)}`

export async function startHosting(): Promise<Hosting> {
  const weights = [{ at: Date.now(), percent: 0 }]
  const deployed: string[] = []
  const counters = { canary: { good: 0, bad: 0 }, stable: { good: 0, bad: 0 } }
  const state = { errors: 0, fault: null as MetricsFault | null, movesAtDeploy: false, frozen: '', routed: 0, counted: Date.now() }

  function count(): void {
    const now = Date.now()
    const requests = ((now - state.counted) / 1000) * REQUESTS_PER_SECOND
    const canary = (requests * (weights.at(-1)?.percent ?? 0)) / 100
    counters.canary.good += canary * (1 - state.errors)
    counters.canary.bad += canary * state.errors
    counters.stable.good += requests - canary
    state.counted = now
  }

  function series(arm: 'canary' | 'stable', nan = false): string {
    const { good, bad } = counters[arm]
    const line = (code: number, value: number): string => `http_requests_total{code="${code}"} ${nan ? 'NaN' : Math.floor(value)}\n`
    return `# TYPE http_requests counter\n${line(200, good)}${line(500, bad)}# EOF\n`
  }

  function metrics(arm: 'canary' | 'stable', response: ServerResponse): void {
    count()
    const fault = arm === 'canary' ? state.fault : null
    if (state.fault !== 'frozen') state.frozen = series('canary')
    if (fault === 'gone') return void response.destroy()
    response.writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' })
    if (fault === 'endless') return endless(response)
    if (fault === 'empty') return void response.end()
    response.end(fault === 'frozen' ? state.frozen : series(arm, fault === 'nan'))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://hosting')
    let body = ''
    for await (const chunk of request) if (url.pathname === '/weight') body += String(chunk)
    const answer = (value: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /deploy': {
        deployed.push(url.searchParams.get('sha') ?? '')
        count()
        if (state.movesAtDeploy) weights.push({ at: Date.now(), percent: Number(url.searchParams.get('step')) })
        return answer({ digests: { shop: DIGEST } })
      }
      case 'PUT /weight': {
        count()
        weights.push({ at: Date.now(), percent: (JSON.parse(body) as { percent: number }).percent })
        return answer(weights.at(-1))
      }
      case 'GET /weight':
        return answer({ percent: weights.at(-1)?.percent })
      case 'GET /metrics': {
        count()
        const served = (arm: 'canary' | 'stable'): number => Math.floor(counters[arm].good + counters[arm].bad)
        const all = served('canary') + served('stable')
        if (state.fault !== 'astray') state.routed = served('canary')
        const lines = [`proxy_requests_total{arm="canary"} ${state.routed}`, `proxy_requests_total{arm="stable"} ${all - state.routed}`]
        response.writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' })
        return void response.end([...lines, `proxy_weight_percent ${weights.at(-1)?.percent ?? 0}`, '# EOF', ''].join('\n'))
      }
      case 'GET /canary/metrics':
        return metrics('canary', response)
      case 'GET /stable/metrics':
        return metrics('stable', response)
      default:
        response.writeHead(404).end()
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    weights,
    deployed,
    get errors() {
      return state.errors
    },
    set errors(share) {
      count()
      state.errors = share
    },
    get fault() {
      return state.fault
    },
    set fault(fault) {
      state.fault = fault
    },
    get movesAtDeploy() {
      return state.movesAtDeploy
    },
    set movesAtDeploy(moves) {
      state.movesAtDeploy = moves
    },
    settle() {
      count()
      weights.push({ at: Date.now(), percent: 0 })
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Goes on for ever, as fast as it is read. */
function endless(response: ServerResponse): void {
  const line = 'http_requests_total{code="200"} 1\n'.repeat(500)
  const more = (): void => {
    while (!response.destroyed && response.write(line));
    if (!response.destroyed) response.once('drain', more)
  }
  response.on('error', () => undefined)
  more()
}
