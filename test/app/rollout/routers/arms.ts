/** Two versions to put behind a proxy in a test: each answers what it is told and remembers what it was asked. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startProxy, type Proxy, type ProxyOptions } from '../../../../app/rollout/routers/proxy-server.ts'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface TestArm {
  readonly url: string
  readonly server: Server
  readonly seen: Seen[]
}

/** @param answer after the body was read; default 200 */
export async function testArm(answer?: RequestListener): Promise<TestArm> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
      if (answer === undefined) response.end('ok')
      else answer(request, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, seen }
}

export async function stateFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'router-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'weight.json')
}

export async function testProxy(options: Pick<ProxyOptions, 'stable' | 'canary'> & Partial<ProxyOptions>): Promise<Proxy> {
  const at = { host: '127.0.0.1', port: 0 }
  const proxy = await startProxy({ listen: at, admin: at, state: await stateFile(), ...options })
  onTestFinished(() => proxy.close())
  return proxy
}
