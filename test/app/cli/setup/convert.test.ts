import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { convert } from '../../../../app/cli/setup/convert.ts'

const PEM = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey
const APP = {
  id: 7,
  slug: 'conductor',
  html_url: 'https://github.example/apps/conductor',
  webhook_secret: 'a1'.repeat(20),
  client_id: 'Iv23liABC',
  client_secret: 'c3'.repeat(20),
  pem: PEM,
}

/** What a GitHub that gives this answer is converted into; or the code of the error, and whether it shows a secret. */
async function answered(status: number, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  try {
    const app = await convert(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'a/code')
    return [asked, app]
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return [code, message.includes(APP.webhook_secret) || message.includes(APP.client_secret) || message.includes('PRIVATE')]
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

test('the App, and nothing of it that is not needed', async () => {
  expect(await answered(201, { ...APP, name: 'not kept' })).toEqual([['POST /app-manifests/a%2Fcode/conversions'], APP])
})

test.each([
  ['a code that is used up', 404, { message: 'Not Found' }],
  ['an answer without a key', 201, { ...APP, pem: `-----BEGIN PRIVATE KEY-----\n${APP.webhook_secret}` }],
  ['a secret that is weak', 201, { ...APP, webhook_secret: 'short' }],
  ['a secret that would end its line', 201, { ...APP, webhook_secret: `${APP.webhook_secret}\nOPA_URL=x` }],
  ['a client secret that would end its line', 201, { ...APP, client_secret: `${APP.client_secret}\nOPA_URL=x` }],
  ['no secret', 201, { ...APP, webhook_secret: null }],
  ['no JSON', 201, '<html>'],
])('%s is the end, and no secret is told', async (_, status, body) => {
  expect(await answered(status, body)).toEqual(['config', false])
})

test.each([
  ['a GitHub that is down', 502, 'Server Error', {}],
  ['another address', 302, '', { location: 'http://127.0.0.1:9/' }],
  ['an answer without an end', 201, 'x'.repeat(5 << 20), {}],
])('%s may be asked again', async (_, status, body, headers) => {
  expect(await answered(status, body, headers)).toEqual(['unavailable', false])
})
