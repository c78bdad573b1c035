/**
 * Process entry of the weighted proxy:
 * `node app/rollout/routers/main.ts --listen 127.0.0.1:8080 --admin 127.0.0.1:8081 --stable http://… --canary http://… --state weight.json`
 * The admin token, if any, comes from ROUTER_TOKEN. Prints one JSON line when it listens; ends on SIGTERM and SIGINT.
 */
import { parseArgs } from 'node:util'
import { startProxy, type ListenAt, type Proxy } from './proxy-server.ts'
import { RouterError } from './router.ts'

/** `127.0.0.1:8080`, `[::1]:0` -> host and port. @throws RouterError `invalid` */
export function listenAt(text: string): ListenAt {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port <= 65_535)) throw new RouterError('invalid', `An address reads 127.0.0.1:8080, not ${JSON.stringify(text)}.`)
  return { host, port }
}

/** @param argv without node and script @throws RouterError `invalid` with every missing option */
export async function runRouter(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): Promise<Proxy> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...argv], options: { listen: text, admin: text, stable: text, canary: text, state: text } })
  const { listen, admin, stable, canary, state } = values
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
