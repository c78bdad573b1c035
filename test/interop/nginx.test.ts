/**
 * A real NGINX splits its traffic as the router tells it, reloaded under load with two workers. The versions count what reaches them. No request may fail,
 * least of all because of a reload, and a configuration that does not hold must change nothing.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, get, type Server } from 'node:http'
import { createServer as createListener, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { binomialTail } from '../../gates/judge/guard.ts'
import { nginx } from '../../app/rollout/routers/nginx.ts'
import { fileOf } from '../../app/rollout/routers/nginx-file.ts'
import type { Router } from '../../app/rollout/routers/router.ts'
import { startLoad } from '../support/load.ts'
import { ended, tool } from '../support/tools.ts'

const NGINX = tool('nginx')
const SPLIT = { variable: 'shop_release', key: '$request_id' }
const USERS = { variable: 'shop_cohort', key: '$http_x_user' }
const RATE = 320
/** Chance that a right share is called wrong, for each share looked at. */
const FALSE_ALARM = 1e-6

async function freePort(): Promise<number> {
  const server = createListener()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

function nearShare(percent: number, seen: number, of: number): boolean {
  const share = percent / 100
  if (share === 0 || share === 1) return seen === share * of
  return binomialTail(of, seen, share) > FALSE_ALARM && binomialTail(of, of - seen, 1 - share) > FALSE_ALARM
}

/** Over a connection of its own. */
function cohortOf(port: number, user: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/cohort', headers: { 'x-user': user }, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })
}

describe.skipIf(NGINX === null)('NGINX (skipped where it is absent)', () => {
  const servers: Server[] = []
  const arrived = { canary: 0, stable: 0 }
  const ports = { canary: 0, stable: 0, front: 0, status: 0 }
  let folder = ''
  let child: ChildProcess | null = null
  let said = ''

  const at = (name: string) => join(folder, name)
  const all = () => arrived.canary + arrived.stable

  function routerOf(split: typeof SPLIT, path: string): Router {
    const command = [NGINX ?? '', '-c', at('nginx.conf')]
    return nginx({
      ...split,
      file: at(`ours/${split.variable}.conf`),
      status: `http://127.0.0.1:${ports.status}/${path}`,
      test: [...command, '-t'],
      reload: [...command, '-s', 'reload'],
      timeoutMs: 20_000,
    })
  }
  const shop = () => routerOf(SPLIT, 'shop')

  async function version(name: 'canary' | 'stable'): Promise<void> {
    const server = createServer((request, response) => {
      arrived[name] += 1
      request.resume()
      response.writeHead(200, { 'x-release-arm': name }).end(name)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    ports[name] = (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-nginx-'))
    await Promise.all([version('canary'), version('stable')])
    ports.front = await freePort()
    ports.status = await freePort()
    await Promise.all([mkdir(at('ours')), mkdir(at('theirs'))])
    for (const split of [SPLIT, USERS]) await writeFile(at(`ours/${split.variable}.conf`), fileOf(split, { percent: 0, mark: 'first' }))
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${at(name)};`)
    await writeFile(
      at('nginx.conf'),
      [
        ...(process.getuid?.() === 0 ? ['user root;'] : []),
        'worker_processes 2;',
        'daemon off;',
        `pid ${at('pid')};`,
        `error_log ${at('error.log')};`,
        'events { worker_connections 512; }',
        'http {',
        ...temporary,
        '  access_log off;',
        `  include ${at('ours')}/*.conf;`,
        `  include ${at('theirs')}/*.conf;`,
        `  upstream shop_canary { server 127.0.0.1:${ports.canary}; }`,
        `  upstream shop_stable { server 127.0.0.1:${ports.stable}; }`,
        `  server { listen 127.0.0.1:${ports.front};`,
        '    location / { proxy_pass http://shop_$shop_release; }',
        '    location = /cohort { return 200 $shop_cohort; } }',
        `  server { listen 127.0.0.1:${ports.status};`,
        '    location = /shop { return 200 $shop_release_serving; }',
        '    location = /users { return 200 $shop_cohort_serving; } }',
        '}',
        '',
      ].join('\n'),
    )
    child = spawn(NGINX ?? '', ['-c', at('nginx.conf')], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await vi
      .waitFor(() => shop().read(), { timeout: 20_000, interval: 50 })
      .catch((error: unknown) => {
        throw new Error(`NGINX did not start: ${said}`, { cause: error })
      })
  }, 30_000)

  afterAll(async () => {
    await stop()
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
    await rm(folder, { recursive: true, force: true })
  })

  test('10, 50, 100 and 0 percent under load: the share follows and every request is answered', { timeout: 180_000 }, async () => {
    const router = shop()
    const load = startLoad({ url: `http://127.0.0.1:${ports.front}`, rate: RATE, seconds: 120, fresh: true })
    try {
      for (const [percent, requests] of [
        [10, 5_200],
        [50, 1_300],
        [100, 1_300],
        [0, 1_300],
      ] as const) {
        await router.set(percent)
        expect(await router.read()).toBe(percent)
        // What was on its way when the weight moved still belongs to the weight before.
        const moved = load.report()
        await vi.waitUntil(() => load.report().answered >= moved.sent + 50, { timeout: 20_000, interval: 20 })
        const before = { ...arrived, all: all() }
        await vi.waitUntil(() => all() >= before.all + requests, { timeout: 60_000, interval: 20 })
        const canary = arrived.canary - before.canary
        const seen = all() - before.all
        expect(nearShare(percent, canary, seen), `${percent} %: ${canary} of ${seen}`).toBe(true)
      }
    } finally {
      load.stop()
    }
    const report = await load.done
    expect(report).toMatchObject({ failed: 0, dropped: 0, codes: { 200: report.sent } })
    expect(all()).toBe(report.answered)
  })

  test('reloads without a pause, back and forth under load, lose no request', { timeout: 120_000 }, async () => {
    const router = shop()
    const load = startLoad({ url: `http://127.0.0.1:${ports.front}`, rate: RATE, seconds: 100, fresh: true })
    let moves = 0
    try {
      while (load.report().answered < 2_500)
        for (const percent of [100, 0, 37, 1, 0]) {
          await router.set(percent)
          moves += 1
        }
    } finally {
      load.stop()
    }
    const report = await load.done
    expect(report).toMatchObject({ failed: 0, dropped: 0, codes: { 200: report.sent } })
    expect(moves).toBeGreaterThan(5)
    expect(await router.read()).toBe(0)
  })

  test('after weight 0 not one new request reaches the canary', { timeout: 60_000 }, async () => {
    const router = shop()
    for (let turn = 0; turn < 3; turn++) {
      await router.set(100)
      await router.set(0)
      const before = arrived.canary
      const load = startLoad({ url: `http://127.0.0.1:${ports.front}`, rate: RATE, seconds: 1, fresh: true })
      await load.done
      expect(arrived.canary).toBe(before)
    }
  })

  test('a configuration that somebody else broke is refused in words of NGINX, and the old one goes on', async () => {
    const router = shop()
    await router.set(10)
    const text = await readFile(at(`ours/${SPLIT.variable}.conf`), 'utf8')
    await writeFile(at('theirs/broken.conf'), 'lsten 80;\n')
    await expect(router.set(50)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('unknown directive "lsten"') as string })
    expect(await readFile(at(`ours/${SPLIT.variable}.conf`), 'utf8')).toBe(text)
    expect(await router.read()).toBe(10)
    await expect(router.set(0)).rejects.toMatchObject({ code: 'refused' })
    await rm(at('theirs/broken.conf'))
    await router.set(0)
    expect(await router.read()).toBe(0)
  })

  test('what passes the test and cannot be loaded is found out: the reload says well, and the workers say otherwise', async () => {
    const router = nginx({
      ...SPLIT,
      file: at(`ours/${SPLIT.variable}.conf`),
      status: `http://127.0.0.1:${ports.status}/shop`,
      test: ['/bin/true'],
      reload: [NGINX ?? '', '-c', at('nginx.conf'), '-s', 'reload'],
      timeoutMs: 1_500,
    })
    // A port that is taken is no fault of the text; the master finds it, logs it, and goes on with the old configuration.
    const taken = createListener()
    taken.listen(0, '127.0.0.1')
    await once(taken, 'listening')
    await writeFile(at('theirs/taken.conf'), `server { listen 127.0.0.1:${(taken.address() as AddressInfo).port}; }\n`)
    await expect(router.set(10)).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('0 % of an earlier file') as string })
    await rm(at('theirs/taken.conf'))
    await new Promise((resolve) => taken.close(resolve))
    expect(await router.read()).toBe(0)
    await router.set(10)
    await router.set(0)
  })

  test('with a key of the user, a larger share only adds users', { timeout: 60_000 }, async () => {
    const router = routerOf(USERS, 'users')
    const users = Array.from({ length: 1_000 }, (_, each) => `user-${each}`)
    let before: readonly string[] = []
    for (const percent of [5, 10, 50, 100]) {
      await router.set(percent)
      const inside: string[] = []
      for (let from = 0; from < users.length; from += 50) {
        const some = users.slice(from, from + 50)
        const cohorts = await Promise.all(some.map((user) => cohortOf(ports.front, user)))
        inside.push(...some.filter((_, place) => cohorts[place] === 'canary'))
      }
      expect(before.filter((user) => !inside.includes(user))).toEqual([])
      expect(nearShare(percent, inside.length, users.length), `${percent} %: ${inside.length}`).toBe(true)
      before = inside
    }
  })

  test('what the operator is told to write is right', async () => {
    const page = await readFile(new URL('../../docs/routers.md', import.meta.url), 'utf8')
    const [, ours = ''] = /^```nginx test file\n([\s\S]*?)^```$/m.exec(page) ?? []
    const [, theirs = ''] = /^```nginx test\n([\s\S]*?)^```$/m.exec(page) ?? []
    expect(ours).toBe(fileOf(SPLIT, { percent: 0, mark: 'first' }))
    await writeFile(at('told.inc'), ours)
    await writeFile(
      at('told.conf'),
      `pid ${at('told.pid')};\nerror_log ${at('told.log')};\nevents {}\nhttp {\n${theirs.replace(/include .*;/, `include ${at('told.inc')};`)}}\n`,
    )
    const { code, err } = await ended(NGINX ?? '', ['-t', '-q', '-c', at('told.conf')])
    expect({ code, err: err.split('\n').filter((line) => line.includes('[emerg]')) }).toEqual({ code: 0, err: [] })
  })

  test('an NGINX that is gone is unreachable, and a step down still leaves its file', async () => {
    const router = shop()
    await router.set(10)
    await stop()
    await expect(router.read()).rejects.toMatchObject({ code: 'unreachable' })
    await expect(router.set(50)).rejects.toMatchObject({ code: 'unreachable' })
    await expect(router.set(0)).rejects.toMatchObject({ code: 'refused' })
    expect(await readFile(at(`ours/${SPLIT.variable}.conf`), 'utf8')).not.toContain('canary;')
  })
})
