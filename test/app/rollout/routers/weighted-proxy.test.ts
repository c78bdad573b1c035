import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { weightedProxy } from '../../../../app/rollout/routers/weighted-proxy.ts'
import { testArm, testProxy } from './arms.ts'

async function admin(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('set is read back, and may be repeated', async () => {
  const arm = await testArm()
  const proxy = await testProxy({ stable: arm.url, canary: arm.url, token: 'secret' })
  const router = weightedProxy({ admin: proxy.adminUrl, token: 'secret' })
  expect(await router.read()).toBe(0)
  await router.set(50)
  await router.set(50)
  expect(await router.read()).toBe(50)
  await expect(weightedProxy({ admin: proxy.adminUrl, token: 'wrong' }).set(0)).rejects.toMatchObject({ code: 'refused' })
})

test('what went to each version is observed', async () => {
  const arm = await testArm()
  const proxy = await testProxy({ stable: arm.url, canary: arm.url, token: 'secret' })
  const router = weightedProxy({ admin: proxy.adminUrl, token: 'secret' })
  expect(await router.observe?.()).toEqual({ canary: 0, stable: 0 })
  await router.set(10)
  for (let request = 0; request < 100; request++) await (await fetch(proxy.url)).text()
  expect(await router.observe?.()).toEqual({ canary: 10, stable: 90 })
  await expect(weightedProxy({ admin: proxy.adminUrl }).observe?.()).rejects.toMatchObject({ code: 'refused' })
})

test('a router that says yes and does something else is found out', async () => {
  const url = await admin((_, response) => response.end('{"percent":10}'))
  await expect(weightedProxy({ admin: url }).set(50)).rejects.toMatchObject({ name: 'RouterError', code: 'mismatch' })
})

test.each([
  ['not JSON', 'malformed', (_: unknown, response) => response.end('<html>')],
  ['no weight', 'malformed', (_: unknown, response) => response.end('{}')],
  ['an impossible weight', 'malformed', (_: unknown, response) => response.end('{"percent":1000}')],
  ['too long', 'malformed', (_: unknown, response) => response.end(' '.repeat(100_000))],
  ['a redirect', 'unreachable', (_: unknown, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['silence', 'unreachable', () => undefined],
  ['a broken line', 'unreachable', (_: unknown, response) => response.destroy()],
  ['unsaved', 'not-durable', (_: unknown, response) => response.writeHead(507).end('{"code":"not-durable","message":"disk"}')],
  ['overtaken', 'refused', (_: unknown, response) => response.writeHead(409).end('{"code":"refused","message":"newer"}')],
] satisfies [string, string, RequestListener][])('%s is %s', async (_, code, listener) => {
  const url = await admin(listener)
  await expect(weightedProxy({ admin: url, timeoutMs: 200 }).set(0)).rejects.toMatchObject({ name: 'RouterError', code })
  await expect(weightedProxy({ admin: url, timeoutMs: 200 }).observe?.()).rejects.toMatchObject({ name: 'RouterError', code })
})

test('nobody there is unreachable', async () => {
  await expect(weightedProxy({ admin: 'http://127.0.0.1:1' }).read()).rejects.toMatchObject({ code: 'unreachable' })
})

test('an address that is none is refused at once', () => {
  expect(() => weightedProxy({ admin: 'file:///etc/passwd' })).toThrow(expect.objectContaining({ code: 'invalid' }))
})
