/** A server on loopback that says what a test lets it say, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | object
}

export interface Loopback {
  readonly url: string
  readonly asked: Asked[]
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** @param answer `never` leaves the caller waiting; what it throws cuts the connection */
export async function loopback(answer: (asked: Asked, count: number) => Said | 'never' | Promise<Said | 'never'>): Promise<Loopback> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) }
      asked.push(one)
      void (async () => {
        try {
          const said = await answer(one, asked.length)
          if (said === 'never') return
          const { status = 200, headers = {}, body = '' } = said
          response.writeHead(status, headers)
          response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body))
        } catch {
          response.destroy()
        }
      })()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise<void>((done) => server.close(() => done()))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close, [Symbol.asyncDispose]: close }
}
