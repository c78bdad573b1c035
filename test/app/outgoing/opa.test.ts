import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { decisionUrl, policyServer } from '../../../app/outgoing/opa.ts'
import type { ServerRuling } from '../../../app/release/ports.ts'
import { QUESTION } from '../../support/commands.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

type Respond = (request: IncomingMessage, response: ServerResponse, body: string) => void

async function opa(respond: Respond): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => respond(request, response, body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return decisionUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

async function ask(respond: Respond): Promise<ServerRuling> {
  return policyServer({ url: await opa(respond), token: null }, 300).ask(QUESTION)
}

const says =
  (answer: unknown, status = 200): Respond =>
  (_request, response) =>
    void response.writeHead(status).end(JSON.stringify(answer))

test('is asked as the REST API of OPA wants it, with the projected input and nothing else', async () => {
  let seen: { path: string | undefined; method: string | undefined; token: string | undefined; body: unknown } | null = null
  const url = await opa((request, response, body) => {
    seen = { path: request.url, method: request.method, token: request.headers.authorization, body: JSON.parse(body) }
    response.end(JSON.stringify({ result: { allow: true }, decision_id: 'd-1' }))
  })
  expect(await policyServer({ url, token: 'a-token' }).ask(QUESTION)).toEqual({ allow: true, need: 0, reasons: [], decisionId: 'd-1' })
  expect(seen).toEqual({
    path: '/v1/data/release_conductor/commands/decision',
    method: 'POST',
    token: 'Bearer a-token',
    body: { input: QUESTION },
  })
})

test('an address with a path is asked as it is', () => {
  expect(decisionUrl('http://opa:8181')).toBe('http://opa:8181/v1/data/release_conductor/commands/decision')
  expect(decisionUrl('https://opa/v1/data/acme/releases')).toBe('https://opa/v1/data/acme/releases')
})

describe('a decision', () => {
  test('may be no, with reasons', async () => {
    expect(await ask(says({ result: { allow: false, reasons: ['frozen by finance'] } }))).toMatchObject({
      allow: false,
      reasons: ['frozen by finance'],
    })
  })

  test('may be what our own policy answers', async () => {
    const result = { allow: false, as: 'approver', codes: ['command.is-author'], counted: [9], need: 2 }
    expect(await ask(says({ result }))).toMatchObject({ allow: false, need: 2, reasons: ['command.is-author'] })
  })
})

describe('no decision', () => {
  test.each<[string, Respond]>([
    ['undefined', says({})],
    ['true', says({ result: true })],
    ['a word', says({ result: { allow: 'true' } })],
    ['more than a decision', says({ result: { allow: true, override: 'everything' } })],
    ['an error', says({ code: 'internal_error' }, 500)],
    ['an error that holds a yes', says({ result: { allow: true } }, 500)],
    ['a redirect', (_request, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()],
    ['no JSON', (_request, response) => void response.end('allow: true')],
    ['half an answer', (_request, response) => void response.writeHead(200, { 'content-length': 100 }).write('{"result"')],
    ['nothing', () => undefined],
    ['a hung-up call', (request) => void request.socket.destroy()],
    ['megabytes', (_request, response) => void response.end(JSON.stringify({ result: { allow: true }, more: 'x'.repeat(100_000) }))],
  ])('is %s', async (_what, respond) => {
    expect(await ask(respond)).toEqual({ allow: null, need: 0, reasons: [expect.stringContaining('policy server')], decisionId: null })
  })

  test('is a server that is not there', async () => {
    expect(await policyServer({ url: 'http://127.0.0.1:9/', token: null }, 300).ask(QUESTION)).toMatchObject({ allow: null })
  })
})
