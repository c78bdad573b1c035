import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probes } from '../../../app/outgoing/probe.ts'

let server: Server
let base = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const status = Number(request.url?.slice(1))
    if (status === 0) return
    response.writeHead(status, { location: '/200' }).end('x'.repeat(1_000_000))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close().closeAllConnections()
})

test.each([
  ['200', { status: 200, note: '' }],
  ['503', { status: 503, note: '' }],
  ['302', { status: 302, note: '' }],
  ['0', { status: null, note: 'no answer within 200 ms' }],
])('what /%s answers', async (path, expected) => {
  expect(await probes({ urls: { checkout: `${base}/${path}` }, timeoutMs: 200 }).look('checkout')).toEqual(expected)
})

test('nobody there, and nobody named, are no answer', async () => {
  expect(await probes({ urls: { checkout: 'http://127.0.0.1:9/' } }).look('checkout')).toEqual({ status: null, note: 'it could not be reached' })
  expect((await probes({ urls: {} }).look('toString')).note).toContain('no address is named toString')
})
