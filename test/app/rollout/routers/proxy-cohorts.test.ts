/** The proxy over real HTTP: versions that finish what they have, clients that stay, and weights that move under load. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { expect, test, vi } from 'vitest'
import { weightedProxy } from '../../../../app/rollout/routers/weighted-proxy.ts'
import { runRouter } from '../../../../app/rollout/routers/main.ts'
import { stateFile, testArm, testProxy } from './arms.ts'

interface Heard {
  readonly code: number
  readonly arm: string
  readonly text: string
}

function ask(url: string, headers: Record<string, string> = {}, agent?: Agent): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, ...(agent !== undefined && { agent }) }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ code: response.statusCode ?? 0, arm: String(response.headers['x-release-arm']), text }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end()
  })
}

test('a version without weight finishes what is open', async () => {
  const answers: (() => void)[] = []
  const [stable, canary] = [await testArm(), await testArm((_, response) => answers.push(() => response.end('late')))]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url })
  const router = weightedProxy({ admin: proxy.adminUrl })
  await router.set(100)
  const open = ask(proxy.url)
  await vi.waitUntil(() => answers.length === 1)
  await router.set(0)
  expect(await (await fetch(`${proxy.adminUrl}/metrics`)).text()).toContain('proxy_open_requests{arm="canary"} 1\n')
  expect((await ask(proxy.url)).arm).toBe('stable')
  answers[0]?.()
  expect(await open).toEqual({ code: 200, arm: 'canary', text: 'late' })
  expect(await (await fetch(`${proxy.adminUrl}/metrics`)).text()).toContain('proxy_open_requests{arm="canary"} 0\n')
})

test('what is still open after the time to drain is ended: with a reason, or broken off where an answer has begun', async () => {
  const stable = await testArm()
  const canary = await testArm((incoming, response) => {
    if (incoming.url === '/begun') response.write('a part')
  })
  const proxy = await testProxy({ stable: stable.url, canary: canary.url, drainMs: 200 })
  const router = weightedProxy({ admin: proxy.adminUrl })
  await router.set(100)
  const [silent, begun] = [ask(`${proxy.url}/silent`), ask(`${proxy.url}/begun`)]
  await vi.waitUntil(() => canary.seen.length === 2)
  const broken = begun.catch(String)
  await router.set(0)
  expect(await silent).toMatchObject({ code: 503, arm: 'canary', text: expect.stringContaining('its time to finish is over') as string })
  expect(await broken).toContain('aborted')
})

test('clients stay with their version, and a larger weight only adds some', async () => {
  const [stable, canary] = [await testArm(), await testArm()]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url, sticky: 'cookie:cart' })
  const router = weightedProxy({ admin: proxy.adminUrl })
  const clients = Array.from({ length: 300 }, (_, at) => `cart=${at}`)
  const arms = async (): Promise<string[]> => {
    const heard: string[] = []
    for (let from = 0; from < clients.length; from += 50)
      heard.push(...(await Promise.all(clients.slice(from, from + 50).map(async (cookie) => (await ask(proxy.url, { cookie })).arm))))
    return heard
  }
  let before = clients.map(() => 'stable')
  for (const percent of [10, 25, 50, 100]) {
    await router.set(percent)
    const now = await arms()
    expect(await arms()).toEqual(now)
    expect(now.filter((arm, at) => before[at] === 'canary' && arm !== 'canary')).toEqual([])
    const canaries = now.filter((arm) => arm === 'canary').length
    expect(Math.abs(canaries / clients.length - percent / 100)).toBeLessThan(0.1)
    before = now
  }
  await router.set(0)
  expect(new Set(await arms())).toEqual(new Set(['stable']))
  expect(await router.observe?.()).toBeNull()
})

test('who brings no cookie is drawn', async () => {
  const [stable, canary] = [await testArm(), await testArm()]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url, sticky: 'cookie:cart' })
  await weightedProxy({ admin: proxy.adminUrl }).set(10)
  for (let at = 0; at < 100; at++) await ask(proxy.url)
  expect(canary.seen).toHaveLength(10)
})

test.each([undefined, 'header:x-user'])('20,000 requests while weights move, none fails (sticky: %s)', { timeout: 120_000 }, async (sticky) => {
  const [stable, canary] = [await testArm(), await testArm()]
  const proxy = await testProxy({ stable: stable.url, canary: canary.url, ...(sticky !== undefined && { sticky }) })
  const router = weightedProxy({ admin: proxy.adminUrl })
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const codes = new Map<number, number>()
  const run = { left: 20_000, moves: 0 }
  const client = async (): Promise<void> => {
    while (run.left > 0) {
      run.left -= 1
      const { code } = await ask(proxy.url, { 'x-user': `user-${run.left % 997}` }, agent)
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
  }
  const clients = Array.from({ length: 32 }, client)
  const mover = async (): Promise<void> => {
    while (run.left > 0)
      for (const percent of [10, 50, 100, 0, 37]) {
        await router.set(percent)
        run.moves += 1
      }
  }
  await Promise.all([...clients, mover()])
  agent.destroy()
  expect([...codes]).toEqual([[200, 20_000]])
  expect(run.moves).toBeGreaterThan(50)
  expect(Math.min(canary.seen.length, stable.seen.length)).toBeGreaterThan(1_000)
  expect(canary.seen.length + stable.seen.length).toBe(20_000)
})

test('both are options of the process', async () => {
  const stable = await testArm()
  const at = '127.0.0.1:0'
  const args = ['--listen', at, '--admin', at, '--stable', stable.url, '--canary', stable.url, '--state', await stateFile()]
  const proxy = await runRouter([...args, '--sticky', 'address', '--drain', '30s'], {}, () => {})
  expect(await weightedProxy({ admin: proxy.adminUrl }).observe?.()).toBeNull()
  await proxy.close()
  for (const wrong of [
    ['--sticky', 'user'],
    ['--drain', 'soon'],
    ['--drain', '25h'],
  ])
    await expect(runRouter([...args, ...wrong], {}, () => {})).rejects.toMatchObject({ code: 'invalid' })
  stable.server.close()
  await once(stable.server, 'close')
})
