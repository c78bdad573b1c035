import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { evaluate } from '../../../../app/rollout/routers/ofrep.ts'

async function answering(status: number, body: string, headers: Record<string, string> = {}): Promise<URL> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test('a value', async () => {
  const base = await answering(200, '{"key":"a/b","value":true,"variant":"canary","reason":"SPLIT"}')
  expect(await evaluate(base, 'a/b', { targetingKey: 'x' }, 1_000)).toMatchObject({ value: true, variant: 'canary' })
})

test.each([
  [
    'a flag that is none',
    404,
    '{"key":"a","errorCode":"FLAG_NOT_FOUND","errorDetails":"flag: a not found"}',
    'refused',
    'FLAG_NOT_FOUND flag: a not found',
  ],
  ['too many questions', 429, '', 'unreachable', 'status 429'],
  ['a fault', 500, '{"errorDetails":"x"}', 'unreachable', 'status 500'],
  ['another flag', 200, '{"key":"b","value":true}', 'malformed', 'without a value'],
  ['no JSON', 200, '<html>', 'malformed', 'without a value'],
  ['too much', 200, 'x'.repeat(70_000), 'malformed', 'longer than'],
])('%s', async (_, status, body, code, words) => {
  const base = await answering(status, body)
  await expect(evaluate(base, 'a', {}, 1_000)).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string })
})

test('a redirect is not followed', async () => {
  const base = await answering(302, '', { location: 'http://127.0.0.1:9/' })
  await expect(evaluate(base, 'a', {}, 1_000)).rejects.toMatchObject({ code: 'unreachable' })
})

test('nobody there', async () => {
  await expect(evaluate(new URL('http://127.0.0.1:9'), 'a', {}, 1_000)).rejects.toMatchObject({ code: 'unreachable' })
})
