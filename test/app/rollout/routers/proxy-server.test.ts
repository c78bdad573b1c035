import { once } from 'node:events'
import { connect } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { weightedProxy } from '../../../../app/rollout/routers/weighted-proxy.ts'
import { stateFile, testArm, testProxy } from './arms.ts'

const get = (url: string) =>
  fetch(url).then(async (answer) => ({ code: answer.status, arm: answer.headers.get('x-release-arm'), text: await answer.text() }))

async function many(url: string, count: number): Promise<string[]> {
  const arms: string[] = []
  for (let done = 0; done < count; done += 20) {
    arms.push(...(await Promise.all(Array.from({ length: Math.min(20, count - done) }, async () => (await get(url)).arm ?? ''))))
  }
  return arms
}

test('10 % means 10 of every 100, exactly', async () => {
  const [stable, canary] = [await testArm(), await testArm()]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url })
  await weightedProxy({ admin: proxy.adminUrl }).set(10)
  await many(`${proxy.url}/`, 100)
  expect(canary.seen.length).toBe(10)
  await many(`${proxy.url}/`, 900)
  expect([canary.seen.length, stable.seen.length]).toEqual([100, 900])
})

test('after weight 0 is answered the canary gets no request, under traffic', async () => {
  const [stable, canary] = [await testArm(), await testArm()]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url })
  const router = weightedProxy({ admin: proxy.adminUrl })
  await router.set(50)
  const traffic = many(`${proxy.url}/before`, 400)
  await many(`${proxy.url}/before`, 20)
  await router.set(0)
  const after = await many(`${proxy.url}/after`, 200)
  await traffic
  expect(after.every((arm) => arm === 'stable')).toBe(true)
  expect(canary.seen.length).toBeGreaterThan(0)
  expect(canary.seen.filter(({ url }) => url === '/after')).toEqual([])
})

test('a canary that is down counts as its own errors; stable does not cover for it', async () => {
  const [stable, canary] = [await testArm(), await testArm()]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url })
  await weightedProxy({ admin: proxy.adminUrl }).set(50)
  canary.server.close()
  await once(canary.server, 'close')
  const codes = await Promise.all(Array.from({ length: 100 }, () => get(`${proxy.url}/`)))
  expect(codes.filter(({ code, arm }) => code === 502 && arm === 'canary').length).toBe(50)
  const metrics = await (await fetch(`${proxy.adminUrl}/metrics`)).text()
  expect(metrics).toContain('proxy_requests_total{arm="canary",code="502"} 50\n')
  expect(metrics).toContain('proxy_requests_total{arm="stable",code="200"} 50\n')
})

test('a request that names another host is refused', async () => {
  const stable = await testArm()
  const proxy = await testProxy({ stable: stable.url, canary: stable.url })
  const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1')
  socket.write('GET http://elsewhere.example/ HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n')
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 400 /)
  expect(stable.seen).toEqual([])
})

test('the proxy starts with the weight of its state file, and at 0 when that cannot be read', async () => {
  const stable = await testArm()
  const state = await stateFile()
  const warnings: string[] = []
  const options = { stable: stable.url, canary: stable.url, state, warn: (message: string) => void warnings.push(message) }
  await writeFile(state, '{"percent":50}')
  expect((await testProxy(options)).percent()).toBe(50)
  await writeFile(state, '{"percent":5')
  expect((await testProxy(options)).percent()).toBe(0)
  expect(warnings.length).toBe(1)
})

test.each([{ stable: 'ftp://127.0.0.1' }, { stable: 'http://127.0.0.1:1/path' }, { canary: 'nonsense' }, { admin: { host: '0.0.0.0', port: 0 } }])(
  '%j is refused at the start',
  async (wrong) => {
    const right = { stable: 'http://127.0.0.1:1', canary: 'http://127.0.0.1:1' }
    await expect(testProxy({ ...right, ...wrong })).rejects.toMatchObject({ name: 'RouterError', code: 'invalid' })
  },
)
