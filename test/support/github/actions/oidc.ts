/** The endpoint a job with `id-token: write` asks for its identity token: one per job, on loopback, behind a bearer token of its own. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface IdentityEndpoint {
  readonly url: string
  readonly token: string
  close(): Promise<void>
}

/** @param issue audience -> signed token */
export async function identityEndpoint(issue: (audience: string) => string): Promise<IdentityEndpoint> {
  const token = randomBytes(32).toString('hex')
  const server = createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end()
      return
    }
    const audience = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('audience') ?? ''
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value: issue(audience) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/token?api-version=2.0`,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
