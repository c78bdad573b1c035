/** A loopback server that answers by script and remembers what it was asked; mints tokens by itself. For the byte-level behaviour that the double does not show. */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { client } from '../../../app/github/octokit.ts'
import type { Client, ClientOptions } from '../../../app/github/octokit.ts'
import type { Repository } from '../../../app/release/ports.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly json: Record<string, unknown>
  /** Counts from 1 in its log. */
  readonly number: number
}

export interface Said {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

const MINT: Script = (asked) => ({ status: 201, body: { token: `ghs_${'x'.repeat(30)}${asked.number}`, expires_at: '2099-01-01T00:00:00Z' } })

type Script = (asked: Asked, response: ServerResponse) => Said | null | Promise<Said | null>

export interface Scripted extends AsyncDisposable {
  readonly url: string
  /** Everything but the minting of tokens. */
  readonly asked: Asked[]
  readonly minted: Asked[]
  readonly client: Client
  clientWith(options: Partial<ClientOptions>): Client
}

export const REPOSITORY: Repository = { id: 77, owner: 'acme', name: 'shop', installationId: 5 }
export const APP_ID = 4242
export const SHA = 'a'.repeat(40)

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** @param script null: the script has answered by itself */
export async function scripted(script: Script, mint?: Script): Promise<Scripted> {
  const asked: Asked[] = []
  const minted: Asked[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const url = new URL(request.url ?? '/', 'http://loopback')
    const body = Buffer.concat(parts)
    const isJson = request.headers['content-type']?.includes('json') === true && body.length > 0
    const minting = request.url?.endsWith('/access_tokens') === true
    const log = minting ? minted : asked
    const one: Asked = {
      number: log.length + 1,
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: request.headers,
      body,
      json: isJson ? (JSON.parse(body.toString()) as Record<string, unknown>) : {},
    }
    log.push(one)
    const said = minting ? await (mint ?? MINT)(one, response) : await script(one, response)
    if (said === null) return
    const raw = said.body instanceof Uint8Array ? said.body : said.body === undefined ? '' : JSON.stringify(said.body)
    response.writeHead(said.status ?? 200, {
      'content-type': said.body instanceof Uint8Array ? 'application/zip' : 'application/json',
      ...said.headers,
    })
    response.end(raw)
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clientWith = (options: Partial<ClientOptions>): Client =>
    client({ appId: APP_ID, privateKey, baseUrl: url, timeoutMs: 5000, backoffMs: [1, 1], ...options })
  return {
    url,
    asked,
    minted,
    client: clientWith({}),
    clientWith,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/** The code of what was thrown; fails when nothing was. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
  throw new Error('nothing was thrown')
}
