import { once } from 'node:events'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { testArm, testProxy } from './arms.ts'

test('a canary that never answers is 504', async () => {
  const [stable, canary] = [await testArm(), await testArm(() => undefined)]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url, timeoutMs: 100 })
  await fetch(`${proxy.adminUrl}/weight`, { method: 'PUT', body: '{"percent":100}' })
  const answer = await fetch(`${proxy.url}/`)
  expect([answer.status, answer.headers.get('x-release-arm')]).toEqual([504, 'canary'])
})

test('a connection that stable closed while idle is not an error', async () => {
  const stable = await testArm()
  const proxy = await testProxy({ stable: stable.url, canary: stable.url })
  for (let round = 0; round < 20; round += 1) {
    expect((await fetch(`${proxy.url}/`)).status).toBe(200)
    stable.server.closeIdleConnections()
    expect((await fetch(`${proxy.url}/`)).status).toBe(200)
  }
})

test('method, path, query, headers and body pass; hop-by-hop headers do not', async () => {
  const stable = await testArm((_, response) =>
    response.writeHead(201, { 'x-answer': '1', 'proxy-authenticate': 'x', 'set-cookie': ['a=1', 'b=2'] }).end(),
  )
  const proxy = await testProxy({ stable: stable.url, canary: stable.url })
  const answer = await fetch(`${proxy.url}/a/b?c=%20d`, {
    method: 'PUT',
    body: 'hello',
    headers: { 'x-asked': '1', 'proxy-authorization': 'secret' },
  })
  expect([answer.status, answer.headers.get('x-answer'), answer.headers.get('proxy-authenticate'), answer.headers.getSetCookie()]).toEqual([
    201,
    '1',
    null,
    ['a=1', 'b=2'],
  ])
  expect(stable.seen).toMatchObject([
    { method: 'PUT', url: '/a/b?c=%20d', body: 'hello', headers: { 'x-asked': '1', 'x-forwarded-for': '127.0.0.1' } },
  ])
  expect(stable.seen[0]?.headers).not.toHaveProperty('proxy-authorization')
})

test('a body without a length stays one request, even with GET', async () => {
  const stable = await testArm()
  const proxy = await testProxy({ stable: stable.url, canary: stable.url })
  const { hostname, port } = new URL(proxy.url)
  const call = request({ hostname, port, method: 'GET', path: '/one', headers: { 'transfer-encoding': 'chunked' } })
  call.end('GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n')
  const [answer] = (await once(call, 'response')) as [NodeJS.ReadableStream]
  answer.resume()
  await once(answer, 'end')
  await fetch(`${proxy.url}/two`)
  expect(stable.seen.map(({ url }) => url)).toEqual(['/one', '/two'])
})

test('an answer that breaks off breaks off for the client too, and counts as an error', async () => {
  const stable = await testArm((_, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half', () => response.destroy())
  })
  const proxy = await testProxy({ stable: stable.url, canary: stable.url })
  await expect(fetch(proxy.url).then((answer) => answer.text())).rejects.toThrow(/terminated|aborted/)
  expect(await (await fetch(`${proxy.adminUrl}/metrics`)).text()).toContain('proxy_requests_total{arm="stable",code="502"} 1\n')
})

test('a client that leaves does not keep the version busy', async () => {
  const { promise: left, resolve } = Promise.withResolvers<boolean>()
  const stable = await testArm((incoming) => incoming.socket.once('close', () => resolve(true)))
  const proxy = await testProxy({ stable: stable.url, canary: stable.url })
  await expect(fetch(proxy.url, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/terminated|aborted/)
  expect(await left).toBe(true)
  expect(await (await fetch(`${proxy.adminUrl}/metrics`)).text()).toContain('proxy_requests_total{arm="stable",code="499"} 1\n')
})
