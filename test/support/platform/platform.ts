/**
 * Stands for the sample adopter's hosting: two slots that customers reach, one for stage, one database for all, and a small API over loopback.
 *
 * - `POST /deploy?slot=canary&sha=…`, body a tar of `git archive`; or JSON `{slot, sha, gitDir}`. Answers `{slot, sha, version, digests: {shop: 'sha256:…'}}`
 *   once the version is healthy. Repeating it changes nothing.
 * - `POST /promote`: stable gets what canary runs. The caller sees to it that stable has no traffic then.
 * - `GET /state`
 */
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { build, unpack, type Build } from './archive.ts'
import { startChild, stopChild } from './child.ts'
import { PlatformError } from './platform-error.ts'
import { fixedPorts } from './ports.ts'
import { slot, type Slot, type SlotState } from './slot.ts'

const SlotName = z.enum(['stable', 'canary', 'stage'])
type SlotName = z.infer<typeof SlotName>
const Sha = z.string().regex(/^[0-9a-f]{40}$/)
const Order = z.strictObject({ slot: SlotName, sha: Sha, gitDir: z.string().max(1000) })
const MAX_JSON = 10_000

export interface PlatformState {
  readonly slots: Readonly<Record<SlotName, SlotState>>
}

export interface Platform {
  readonly url: string
  readonly databaseUrl: string
  state(): PlatformState
  close(): Promise<void>
}

async function json(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > MAX_JSON) throw new PlatformError('request', 'The body is too long.')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PlatformError('request', 'The body is not JSON.', { cause: error })
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (!result.success) throw new PlatformError('request', z.prettifyError(result.error))
  return result.data
}

function answer(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

async function database(port: number, log: number, cwd: string) {
  const child = startChild(join(import.meta.dirname, 'database.ts'), { cwd, env: { DATABASE_PORT: String(port) }, log })
  const failed = once(child, 'exit').then(() => {
    throw new PlatformError('unhealthy', 'The database did not start.')
  })
  await Promise.race([once(child, 'message'), failed])
  failed.catch(() => undefined)
  return child
}

export interface PlatformOptions {
  /** Of the API; 0, the default: any. */
  readonly port?: number
  /** For exports and logs; default: a temporary one that is removed on close. */
  readonly folder?: string
  /** Processes of each slot; default: one. */
  readonly replicas?: number
}

export async function startPlatform({ port = 0, folder, replicas = 1 }: PlatformOptions = {}): Promise<Platform> {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'shop-platform-'))
  const log = openSync(join(home, 'platform.log'), 'a')
  const each = replicas > 1 ? replicas : 0
  const [databasePort = 0, stablePort = 0, canaryPort = 0, stagePort = 0, ...more] = await fixedPorts(4 + 2 * each)
  const data = await database(databasePort, log, home)
  const databaseUrl = `postgres://postgres:postgres@127.0.0.1:${databasePort}/postgres?sslmode=disable`
  const slots: Record<SlotName, Slot> = {
    stable: slot({ port: stablePort, replicas: more.slice(0, each), databaseUrl, log }),
    canary: slot({ port: canaryPort, replicas: more.slice(each), databaseUrl, log }),
    stage: slot({ port: stagePort, replicas: [], databaseUrl, log }),
  }
  const state = (): PlatformState => ({ slots: { stable: slots.stable.state(), canary: slots.canary.state(), stage: slots.stage.state() } })

  async function deploy(name: SlotName, made: Build): Promise<unknown> {
    const { sha, version, digest } = await slots[name].deploy(made)
    return { slot: name, sha, version, digests: { shop: digest } }
  }

  async function handle(request: IncomingMessage): Promise<unknown> {
    const url = new URL(request.url ?? '/', 'http://platform')
    const call = `${request.method} ${url.pathname}`
    if (call === 'GET /state') return state()
    if (call === 'POST /promote') {
      const made = slots.canary.build()
      if (made === null) throw new PlatformError('empty', 'The canary slot runs nothing.')
      return deploy('stable', made)
    }
    if (call !== 'POST /deploy') throw new PlatformError('request', 'Known: POST /deploy, POST /promote, GET /state.')
    if (request.headers['content-type'] === 'application/x-tar') {
      const sha = parsed(Sha, url.searchParams.get('sha'))
      return deploy(parsed(SlotName, url.searchParams.get('slot')), await unpack(request, sha, home))
    }
    const order = parsed(Order, await json(request))
    return deploy(order.slot, await build(order.gitDir, order.sha, home))
  }

  const server = createServer((request, response) => {
    handle(request).then(
      (body) => answer(response, 200, body),
      (error: unknown) => {
        const code = error instanceof PlatformError ? error.code : 'request'
        response.setHeader('connection', 'close')
        answer(response, code === 'request' || code === 'archive' ? 400 : 422, {
          code,
          error: error instanceof Error ? error.message : String(error),
        })
      },
    )
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    databaseUrl,
    state,
    async close() {
      server.close()
      server.closeAllConnections()
      await Promise.all(Object.values(slots).map((one) => one.stop()))
      await stopChild(data, 500)
      if (folder === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}
