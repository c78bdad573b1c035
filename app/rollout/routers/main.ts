/**
 * Process entry of the weighted proxy:
 * `node app/rollout/routers/main.ts --listen 127.0.0.1:8080 --admin 127.0.0.1:8081 --stable http://… --canary http://… --state weight.json`
 * `--sticky address|header:NAME|cookie:NAME` keeps clients with their version; `--drain 60s` is the time a version without weight has to finish.
 * The admin token, if any, comes from ROUTER_TOKEN. Prints one JSON line when it listens; ends on SIGTERM and SIGINT.
 */
import { parseArgs } from 'node:util'
import { Duration, milliseconds } from '../../../evidence/model/primitives.ts'
import { startProxy, type ListenAt, type Proxy } from './proxy-server.ts'
import { RouterError } from './router.ts'

const LONGEST_DRAIN_MS = 86_400_000

/** `127.0.0.1:8080`, `[::1]:0` -> host and port. @throws RouterError `invalid` */
export function listenAt(text: string): ListenAt {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port <= 65_535)) throw new RouterError('invalid', `An address reads 127.0.0.1:8080, not ${JSON.stringify(text)}.`)
  return { host, port }
}

/** `30s` -> milliseconds. @throws RouterError `invalid` */
function drainOf(text: string): number {
  const parsed = Duration.safeParse(text)
  if (parsed.success && milliseconds(parsed.data) <= LONGEST_DRAIN_MS) return milliseconds(parsed.data)
  throw new RouterError('invalid', `A time to drain reads 30s and is at most 24h, not ${JSON.stringify(text)}.`)
}

/** @param argv without node and script @throws RouterError `invalid` with every missing option */
export async function runRouter(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): Promise<Proxy> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...argv],
    options: { listen: text, admin: text, stable: text, canary: text, state: text, sticky: text, drain: text },
  })
  const { listen, admin, stable, canary, state, sticky, drain } = values
  if (listen === undefined || admin === undefined || stable === undefined || canary === undefined || state === undefined) {
    const missing = Object.entries({ listen, admin, stable, canary, state }).flatMap(([name, value]) => (value === undefined ? [`--${name}`] : []))
    throw new RouterError('invalid', `The router needs ${missing.join(', ')}.`)
  }
  const token = env.ROUTER_TOKEN
  return startProxy({
    listen: listenAt(listen),
    admin: listenAt(admin),
    stable,
    canary,
    state,
    warn,
    ...(sticky !== undefined && { sticky }),
    ...(drain !== undefined && { drainMs: drainOf(drain) }),
    ...(token === undefined || token === '' ? {} : { token }),
  })
}

if (import.meta.main) {
  try {
    const proxy = await runRouter(process.argv.slice(2), process.env, (message) => process.stderr.write(`${message}\n`))
    process.stdout.write(
      `${JSON.stringify({ event: 'listening', url: proxy.url, admin: proxy.adminUrl, percent: proxy.percent(), pid: process.pid })}\n`,
    )
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        proxy.close().then(
          () => process.exit(0),
          () => process.exit(1),
        )
      })
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
  }
}
