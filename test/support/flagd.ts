/**
 * flagd as far as one file and OFREP: the file is read again at each request, checked by the published JSON Schema and evaluated by `@openfeature/flagd-core`,
 * which is the evaluator of the flagd project. Only the server around it is ours.
 */
import { FlagdCore } from '@openfeature/flagd-core'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Flagd {
  readonly url: string
  /** What the schema says against the files that were read. */
  readonly violations: string[]
  /** Serves this text instead of the file, as one does that has not seen the change. */
  stuck: string | null
  /** Another source's flag of this name, with one value. */
  other: { readonly key: string; readonly value: unknown } | null
  /** Answers instead. */
  fault: { readonly status: number; readonly body: string } | null
  asked: number
  close(): Promise<void>
}

type Context = Record<string, string>

export interface Evaluator {
  readonly violations: string[]
  /** null: there is no such flag */
  evaluate(key: string, context: Context): Record<string, unknown> | null
}

export function evaluator(text: string): Evaluator {
  const violations: string[] = []
  const note = (message: unknown): void => {
    violations.push(String(message))
  }
  const heard = (message: unknown): void => {
    if (String(message).includes('invalid flagd flag configuration')) note(message)
  }
  const core = new FlagdCore(undefined, { error: note, warn: note, info: heard, debug: heard })
  core.setConfigurations(text)
  return {
    violations,
    evaluate(key, context) {
      const flag = core.resolveAll(context).find(({ flagKey }) => flagKey === key)
      if (flag === undefined) return null
      return { key, value: flag.value, reason: flag.reason, ...(flag.variant !== undefined && { variant: flag.variant }) }
    },
  }
}

async function contextOf(request: IncomingMessage): Promise<Context> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return (JSON.parse(text) as { context: Context }).context
}

export async function flagdServer(file: string): Promise<Flagd> {
  let last: { readonly text: string; readonly with: Evaluator } | null = null

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    server.asked += 1
    const send = (status: number, body: string) => response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    const context = await contextOf(request)
    if (server.fault !== null) return void send(server.fault.status, server.fault.body)
    const key = /^\/ofrep\/v1\/evaluate\/flags\/([^/]+)$/.exec(request.url ?? '')?.[1]
    if (request.method !== 'POST' || key === undefined) return void send(404, '{}')
    if (server.other?.key === key) return void send(200, JSON.stringify({ ...server.other, reason: 'STATIC' }))
    const text = server.stuck ?? (await readFile(file, 'utf8'))
    if (last?.text !== text) {
      last = { text, with: evaluator(text) }
      server.violations.push(...last.with.violations)
    }
    const answer = last.with.evaluate(decodeURIComponent(key), context)
    if (answer === null) send(404, JSON.stringify({ key, errorCode: 'FLAG_NOT_FOUND', errorDetails: `flag: ${key} not found` }))
    else send(200, JSON.stringify(answer))
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      server.violations.push(String(error))
      response.destroy()
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server: Flagd = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    violations: [],
    stuck: null,
    other: null,
    fault: null,
    asked: 0,
    async close() {
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
  return server
}
