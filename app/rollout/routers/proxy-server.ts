/**
 * The embedded weighted proxy: one listener for traffic, one for the operator, two versions behind it. For teams without a router of their own, and for
 * the demo. Of every 100 requests in a row exactly `percent` go to the canary; at 0 none does.
 */
import { Agent, createServer, type Server } from 'node:http'
import { isIPv4, type AddressInfo } from 'node:net'
import { adminServer } from './admin.ts'
import { clientOf, stickyBy } from './cohort.ts'
import { drain } from './drain.ts'
import { forward, type Arm } from './forward.ts'
import { RouterError } from './router.ts'
import { tally } from './tally.ts'
import { weight, type ArmName } from './weight.ts'
import { loadWeight, saveWeight } from './weight-file.ts'

/** How long a `PUT /weight` waits for requests that are just being handed to the canary. */
const SETTLE_MS = 250
const DRAIN_MS = 60_000

export interface ListenAt {
  readonly host: string
  /** 0: any free port */
  readonly port: number
}

export interface ProxyOptions {
  readonly listen: ListenAt
  readonly admin: ListenAt
  /** `http://host:port` of each version. */
  readonly stable: string
  readonly canary: string
  /** File that keeps the weight over a restart. */
  readonly state: string
  /** Bearer token of the admin address; required unless that address is loopback. */
  readonly token?: string
  /** Default 10,000. */
  readonly timeoutMs?: number
  /** Who stays with one version: `address`, `header:x-user` or `cookie:cart`. Without it each request is drawn by itself. */
  readonly sticky?: string
  /** From weight 0 of a version until what it still has open is ended. Default 60,000. */
  readonly drainMs?: number
  /** Told when the state file could not be read and the proxy starts at weight 0. */
  readonly warn?: (message: string) => void
}

export interface Proxy {
  readonly url: string
  readonly adminUrl: string
  percent(): number
  close(): Promise<void>
}

function arm(name: ArmName, address: string, timeoutMs: number): Arm {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || url.protocol !== 'http:' || url.pathname !== '/' || url.username !== '') {
    throw new RouterError('invalid', `The ${name} address must read http://host:port, not ${JSON.stringify(address)}.`)
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64, scheduling: 'lifo' })
  return { name, hostname: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port === '' ? 80 : url.port), agent, timeoutMs }
}

function loopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

async function listening(server: Server, at: ListenAt): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await done
}

/** Starts with the weight the state file holds, 0 when there is none. @throws RouterError `invalid` */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  if (options.token === undefined && !loopback(options.admin.host)) {
    throw new RouterError('invalid', `The admin address ${options.admin.host} is not loopback, so it needs a token. Set one, or listen on 127.0.0.1.`)
  }
  const timeoutMs = options.timeoutMs ?? 10_000
  const arms = { canary: arm('canary', options.canary, timeoutMs), stable: arm('stable', options.stable, timeoutMs) }
  const loaded = await loadWeight(options.state)
  if (loaded.from === 'unreadable') options.warn?.(`The saved weight could not be read (${loaded.why}); all traffic goes to stable.`)
  const sticky = options.sticky === undefined ? null : stickyBy(options.sticky)
  const draining = drain(options.drainMs ?? DRAIN_MS)
  const inForce = weight(
    loaded.percent,
    (percent) => saveWeight(options.state, percent),
    (percent) => draining.moved(percent),
  )
  const counts = tally(sticky !== null)

  /** Requests given to the canary that have not fully left yet. */
  const leaving = new Set<symbol>()
  let emptied: (() => void)[] = []

  const front = createServer((incoming, answer) => {
    if (incoming.url?.startsWith('/') !== true) {
      answer.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end('The request must name a path.\n')
      return
    }
    const name = inForce.choose(sticky === null ? null : clientOf(sticky, incoming))
    const ticket = Symbol(name)
    if (name === 'canary') leaving.add(ticket)
    let end: ((why: string) => void) | null = null
    const over = draining.begin(name, () => end?.(`The ${name} version has no traffic any more, and its time to finish is over.`))
    end = forward(
      arms[name],
      incoming,
      answer,
      (code) => {
        counts.add(name, code)
        over()
      },
      () => {
        if (!leaving.delete(ticket) || leaving.size > 0) return
        for (const tell of emptied.splice(0)) tell()
      },
    )
  })
  // Longer than the usual idle time of clients, so that they close first and never lose a request to our closing.
  front.keepAliveTimeout = 75_000

  async function settled(): Promise<void> {
    if (inForce.percent() > 0 || leaving.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SETTLE_MS)
      emptied.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
    emptied = []
  }

  const admin = adminServer({ weight: inForce, metrics: () => counts.text(inForce.percent(), draining.open()), token: options.token, settled })
  const url = await listening(front, options.listen)
  let adminUrl: string
  try {
    adminUrl = await listening(admin, options.admin)
  } catch (error) {
    await closed(front)
    throw error
  }
  return {
    url,
    adminUrl,
    percent: () => inForce.percent(),
    async close() {
      draining.stop()
      await Promise.all([closed(front), closed(admin)])
      arms.canary.agent.destroy()
      arms.stable.agent.destroy()
    },
  }
}
