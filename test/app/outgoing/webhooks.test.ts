import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { signed, webhookEffects, type HookEffect, type MessageEffect, type NamedWebhook } from '../../../app/outgoing/webhooks.ts'

const SECRET = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
const AT = 1_614_265_330_000
const ASK: HookEffect = { kind: 'hook.call', key: '7#3/rollout/1/prod/10/hook/pre/0', webhook: 'desk', body: { hook: 'pre', step: 10 } }

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function desk(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => answer(request, response, body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ask`
}

async function ask(url: string, over: Partial<NamedWebhook> = {}): Promise<unknown> {
  const webhooks = { desk: { url, secret: SECRET, ...over } }
  return await webhookEffects({ webhooks, clock: { now: () => AT }, timeoutMs: 300 }).ask(ASK)
}

const says =
  (text: string, status = 200) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status).end(text)

test('the signature is that of the specification', () => {
  // The example of the specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  const of = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: AT, text: '{"test": 2432232314}', secret: SECRET }
  expect(signed(of)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('is asked with its key as the id, and what it gets is what was signed', async () => {
  let seen: { body: string; headers: IncomingMessage['headers']; method: string | undefined } | null = null
  const url = await desk((request, response, body) => {
    seen = { body, headers: request.headers, method: request.method }
    response.end('{"result": "ok"}')
  })
  expect(await ask(url)).toEqual({ id: null, data: { result: 'ok', reason: '' } })
  const body = JSON.stringify(ASK.body)
  const mac = createHmac('sha256', SECRET).update(`${ASK.key}.1614265330.${body}`).digest('base64')
  expect(seen).toMatchObject({
    method: 'POST',
    body,
    headers: { 'webhook-id': ASK.key, 'webhook-signature': `v1,${mac}`, 'content-type': 'application/json' },
  })
})

describe('its answer', () => {
  test.each([
    ['no, with a reason', '{"result": "fail", "reason": "no ticket", "more": 1}', { result: 'fail', reason: 'no ticket' }],
    ['no, without', '{"result": "fail"}', { result: 'fail', reason: '' }],
  ])('%s', async (_what, text, data) => {
    expect(await ask(await desk(says(text)))).toEqual({ id: null, data })
  })

  test.each<[string, string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['unreadable', 'is no JSON', says('ok')],
    ['unreadable', 'is nothing', says('')],
    ['unreadable', 'has another result', says('{"result": "yes"}')],
    ['unreadable', 'has no result', says('{}')],
    ['unreadable', 'has too long a reason', says(JSON.stringify({ result: 'fail', reason: 'x'.repeat(501) }))],
    ['unreadable', 'is too large', says('x'.repeat(70_000))],
    ['refused', 'is an error', says('{"result": "ok"}', 500)],
    ['refused', 'is a redirect', (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('{"result": "ok"}')],
    ['unreachable', 'does not come', () => {}],
    ['unreachable', 'stops in the middle', (_request, response) => void response.writeHead(200).write('{"result"')],
  ])('is %s when it %s', async (code, _what, answer) => {
    await expect(ask(await desk(answer))).rejects.toMatchObject({ code })
  })
})

describe('a message', () => {
  const TELL: MessageEffect = { kind: 'message.send', key: '7#3/message/ga/1/room', webhook: 'desk', text: 'v2 <all> & more' }
  const tell = async (url: string, secret: Buffer | null): Promise<unknown> =>
    await webhookEffects({ webhooks: { desk: { url, secret } }, clock: { now: () => AT } }).tell(TELL)

  test.each([
    ['signed where there is a secret', SECRET, TELL.key],
    ['plain where there is none', null, undefined],
  ])('is the JSON of Slack, %s', async (_what, secret, id) => {
    let seen: unknown = null
    const url = await desk((request, response, body) => {
      seen = { body, id: request.headers['webhook-id'] }
      response.end('ok')
    })
    expect(await tell(url, secret)).toEqual({ id: null })
    expect(seen).toEqual({ body: '{"text":"v2 &lt;all&gt; &amp; more"}', id })
  })

  test('that is refused is not sent', async () => {
    await expect(tell(await desk(says('no_service', 404)), null)).rejects.toMatchObject({ code: 'refused' })
  })
})

test('nobody there, nobody named, and no secret are told apart', async () => {
  await expect(ask('http://127.0.0.1:9/')).rejects.toMatchObject({ code: 'unreachable' })
  await expect(webhookEffects({ webhooks: {}, clock: { now: () => AT } }).ask(ASK)).rejects.toMatchObject({ code: 'unknown' })
  await expect(ask('http://127.0.0.1:9/', { secret: null })).rejects.toMatchObject({ code: 'unsigned' })
})
