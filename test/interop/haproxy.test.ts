/**
 * A real HAProxy shares its traffic as the router tells it, under load, with two servers in each group. The servers count what reaches them, HAProxy counts
 * what it gives them, and both must agree with what was set. No request may fail, least of all because a weight moves.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createListener, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { binomialTail } from '../../gates/judge/guard.ts'
import { haproxy } from '../../app/rollout/routers/haproxy.ts'
import { ask, socketAddress } from '../../app/rollout/routers/haproxy-socket.ts'
import type { Router } from '../../app/rollout/routers/router.ts'
import type { Routed } from '../../app/release/ports.ts'
import { startLoad } from '../support/load.ts'
import { ended, tool } from '../support/tools.ts'

const HAPROXY = tool('haproxy')
const GROUPS = { canary: ['c1', 'c2'], stable: ['s1', 's2'] }
const RATE = 320
const REQUESTS_OF_A_STEP = 1_300
/** Chance that a right share is called wrong, for each share looked at. */
const FALSE_ALARM = 1e-6

interface Backend {
  readonly name: string
  readonly port: number
  /** Requests that reached it. */
  count: number
}

async function freePort(): Promise<number> {
  const server = createListener()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

function routerAt(socket: string): Router {
  return haproxy({ ...GROUPS, socket, backend: 'shop' })
}

function countOf(backends: readonly Backend[], letter: string): number {
  return backends.reduce((sum, { name, count }) => sum + (name.startsWith(letter) ? count : 0), 0)
}

function total({ canary, stable }: Routed): number {
  return canary + stable
}

/** As far as chance alone would go with a share of `percent`. */
function nearShare(percent: number, seen: number, of: number): boolean {
  const share = percent / 100
  if (share === 0 || share === 1) return seen === share * of
  return binomialTail(of, seen, share) > FALSE_ALARM && binomialTail(of, of - seen, 1 - share) > FALSE_ALARM
}

describe.skipIf(HAPROXY === null)('HAProxy (skipped where it is absent)', () => {
  const servers: Server[] = []
  const backends: Backend[] = []
  let folder = ''
  let port = 0
  let admin = 0
  let child: ChildProcess | null = null
  let said = ''

  async function backend(name: string): Promise<void> {
    const server = createServer((request, response) => {
      one.count += 1
      request.resume()
      response.writeHead(200, { 'x-release-arm': name.startsWith('c') ? 'canary' : 'stable' }).end(name)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const one: Backend = { name, port: (server.address() as AddressInfo).port, count: 0 }
    backends.push(one)
  }

  const socket = () => join(folder, 'admin.sock')
  const arrived = (): Routed => ({ canary: countOf(backends, 'c'), stable: countOf(backends, 's') })

  async function start(): Promise<void> {
    child = spawn(HAPROXY ?? '', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await vi
      .waitUntil(
        () =>
          routerAt(socket())
            .read()
            .then(
              () => true,
              () => false,
            ),
        { timeout: 20_000, interval: 50 },
      )
      .catch((error: unknown) => {
        throw new Error(`HAProxy did not start: ${said}`, { cause: error })
      })
  }

  async function stop(): Promise<void> {
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-haproxy-'))
    await Promise.all([...GROUPS.canary, ...GROUPS.stable].map(backend))
    port = await freePort()
    admin = await freePort()
    const lines = backends.map(({ name, port: at }) => `  server ${name} 127.0.0.1:${at} weight ${name.startsWith('c') ? 0 : 100}`)
    await writeFile(
      join(folder, 'haproxy.cfg'),
      [
        'global',
        `  stats socket ${socket()} mode 600 level admin`,
        `  stats socket ipv4@127.0.0.1:${admin} level admin`,
        `  stats socket ${socket()}.user mode 600 level user`,
        `  server-state-file ${join(folder, 'kept')}`,
        'defaults',
        '  mode http',
        '  load-server-state-from-file global',
        '  timeout connect 5s',
        '  timeout client 30s',
        '  timeout server 30s',
        'frontend front',
        `  bind 127.0.0.1:${port}`,
        '  default_backend shop',
        'backend shop',
        '  balance roundrobin',
        ...lines,
        'backend fixed',
        '  balance static-rr',
        ...lines.map((line) => line.replace('weight 0', 'weight 100')),
        '',
      ].join('\n'),
    )
    await start()
  }, 30_000)

  afterAll(async () => {
    await stop()
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
    await rm(folder, { recursive: true, force: true })
  })

  test('10, 50, 100 and 0 percent under load: the share follows and every request is answered', { timeout: 120_000 }, async () => {
    const router = routerAt(socket())
    expect(await router.read()).toBe(0)
    const load = startLoad({ url: `http://127.0.0.1:${port}`, rate: RATE, seconds: 60 })
    const counted = async (): Promise<Routed> => {
      const routed = await router.observe?.()
      if (routed == null) throw new Error('this router observes')
      return routed
    }
    try {
      for (const percent of [10, 50, 100, 0]) {
        await router.set(percent)
        expect(await router.read()).toBe(percent)
        // What was on its way when the weight moved still belongs to the weight before.
        const moved = load.report()
        await vi.waitUntil(() => load.report().answered >= moved.sent + 50, { timeout: 20_000, interval: 20 })
        const before = { told: await counted(), arrived: arrived() }
        await vi.waitUntil(() => total(arrived()) >= total(before.arrived) + REQUESTS_OF_A_STEP, { timeout: 30_000, interval: 20 })
        const after = { told: await counted(), arrived: arrived() }
        for (const what of ['told', 'arrived'] as const) {
          const canary = after[what].canary - before[what].canary
          const all = total(after[what]) - total(before[what])
          expect(all).toBeGreaterThanOrEqual(REQUESTS_OF_A_STEP - 100)
          expect(nearShare(percent, canary, all), `${percent} %: ${canary} of ${all} ${what}`).toBe(true)
        }
      }
    } finally {
      load.stop()
    }
    const report = await load.done
    expect(report).toMatchObject({ failed: 0, dropped: 0, codes: { 200: report.sent } })
    expect(report.answered).toBeGreaterThanOrEqual(5_000)
    expect(total(arrived())).toBe(report.answered)
    expect(await counted()).toEqual(arrived())
  })

  test('weights that move without a pause, back and forth under load, lose no request', { timeout: 60_000 }, async () => {
    const router = routerAt(`tcp://127.0.0.1:${admin}`)
    const load = startLoad({ url: `http://127.0.0.1:${port}`, rate: RATE, seconds: 30 })
    let moves = 0
    try {
      while (load.report().answered < 1_000)
        for (const percent of [100, 0, 37, 100, 1, 0]) {
          await router.set(percent)
          moves += 1
        }
    } finally {
      load.stop()
    }
    const report = await load.done
    expect(report).toMatchObject({ failed: 0, dropped: 0, codes: { 200: report.sent } })
    expect(moves).toBeGreaterThan(50)
    expect(await router.read()).toBe(0)
  })

  test.each([
    ['a backend that is none', { backend: 'none' }, 'No such proxy'],
    ['a server that is none', { canary: ['c9'] }, 'has no server c9. It has '],
    ['a server left out', { stable: ['s1'] }, 'Server s2 of backend shop has weight and stands in no group'],
    ['a balance that takes no weights', { backend: 'fixed' }, 'static LB algorithm'],
  ])('%s is refused, in words', async (_, over, words) => {
    const router = haproxy({ ...GROUPS, socket: socket(), backend: 'shop', ...over })
    await expect(router.set(25)).rejects.toMatchObject({ name: 'RouterError', code: 'refused' })
    await expect(router.set(25)).rejects.toThrow(words)
  })

  test('a canary in maintenance stops a step up and no step down, and a drained one is told from one without weight', async () => {
    const router = routerAt(socket())
    const told = (command: string) => ask(socketAddress(socket()), command, 5_000)
    await router.set(10)
    await told('set server shop/c1 state drain')
    await expect(router.set(25)).rejects.toThrow('Server c1 of the canary is DRAIN')
    await told('set server shop/c1 state maint')
    await expect(router.set(25)).rejects.toThrow('Server c1 of the canary is MAINT')
    expect(await router.read()).toBe(10)
    await router.set(0)
    await told('set server shop/c1 state ready')
    await router.set(25)
    expect(await router.read()).toBe(25)
    await router.set(0)
  })

  test('a restart brings the saved weights back, and without them those of the file, where the canary has none', async () => {
    const router = routerAt(socket())
    await router.set(25)
    await writeFile(join(folder, 'kept'), await ask(socketAddress(socket()), 'show servers state', 5_000))
    await stop()
    await start()
    expect(await router.read()).toBe(25)
    await rm(join(folder, 'kept'))
    await stop()
    await start()
    expect(await router.read()).toBe(0)
  })

  test('what the operator is told to write into haproxy.cfg is right', async () => {
    const page = await readFile(new URL('../../docs/operator.md', import.meta.url), 'utf8')
    const told = /^```haproxy test\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
    expect(told).toContain('backend shop')
    const states = join(folder, 'weights')
    await writeFile(states, '1\n')
    await writeFile(join(folder, 'told.cfg'), told.replace('/var/lib/haproxy/weights', states))
    expect(await ended(HAPROXY ?? '', ['-c', '-q', '-f', join(folder, 'told.cfg')])).toEqual({ code: 0, out: '', err: '' })
  })

  test('a socket without the right to set weights is refused, and a web address is no socket', async () => {
    await expect(routerAt(`${socket()}.user`).set(25)).rejects.toMatchObject({ code: 'refused' })
    await expect(routerAt(`tcp://127.0.0.1:${port}`).set(25)).rejects.toMatchObject({ code: 'malformed' })
    await expect(routerAt(`${socket()}.gone`).set(25)).rejects.toMatchObject({ code: 'unreachable' })
    expect(await routerAt(socket()).read()).toBe(0)
  })
})
