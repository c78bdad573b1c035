import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMetrics } from '../../../app/telemetry/metrics.ts'
import { openFrontDoor, WEBHOOK_PATH } from '../../../app/webhooks/front-door.ts'
import { openJournal } from '../../../app/webhooks/journal.ts'
import { APP_ID, deliver, operatorFile, pullRequestBody, SECRET } from '../../support/deliveries.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conductor-door-'))
})
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  rmSync(folder, { recursive: true, force: true })
})

interface Running {
  readonly child: ChildProcess
  readonly url: string
  /** Pull request numbers of the triggers, as printed. */
  readonly pulls: number[]
  /** Resolves on a printed line that satisfies it. */
  readonly until: (done: (line: Record<string, unknown>) => boolean) => Promise<void>
}

function spawnIngress(environment: Record<string, string>): ChildProcess {
  const { WEBHOOK_SECRET: _, WEBHOOK_SECRET_PREVIOUS: __, DATABASE_URL: ___, ...clean } = process.env
  const script = new URL('../../support/ingress.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, join(folder, 'operator.yml')], {
    env: { ...clean, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function start(): Promise<Running> {
  const child = spawnIngress({ WEBHOOK_SECRET: SECRET })
  const pulls: number[] = []
  const watchers: ((line: Record<string, unknown>) => void)[] = []
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  if (child.stdout === null) throw new Error('no output')
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Record<string, unknown>
    if (typeof line.pull === 'number') pulls.push(line.pull)
    for (const watcher of watchers) watcher(line)
  })
  const until = (done: (line: Record<string, unknown>) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      watchers.push((line) => {
        if (done(line)) resolve()
      })
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors}`)))
    })
  let url = ''
  await until((line) => {
    url = typeof line.url === 'string' ? line.url : ''
    return url !== ''
  })
  return { child, url, pulls, until }
}

test.each([
  ['unset', {}, /WEBHOOK_SECRET is not set/],
  ['empty', { WEBHOOK_SECRET: '' }, /WEBHOOK_SECRET is not set/],
  ['the public default', { WEBHOOK_SECRET: 'development' }, /everybody knows/],
  ['31 bytes long', { WEBHOOK_SECRET: 'x'.repeat(31) }, /31 bytes/],
  ['fine but the previous one is weak', { WEBHOOK_SECRET: SECRET, WEBHOOK_SECRET_PREVIOUS: 'development' }, /WEBHOOK_SECRET_PREVIOUS/],
])('a webhook secret that is %s: no start, exit code 2, a message', async (_, environment, message) => {
  operatorFile(folder)
  const child = spawnIngress(environment)
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  expect(await once(child, 'close')).toEqual([2, null])
  expect(errors).toMatch(message)
})

/** Most resident memory the process ever had, in megabytes. */
function peakMegabytes(pid: number | undefined): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

test('a body of 200 MB, declared or not: refused, memory stays flat', async () => {
  operatorFile(folder)
  const { child, url } = await start()
  await deliver(url)
  const before = peakMegabytes(child.pid)
  const port = Number(new URL(url).port)
  const piece = Buffer.alloc(1024 * 1024, 'a')
  for (const declared of [true, false]) {
    const head = declared ? `content-length: ${200 * piece.length}` : 'transfer-encoding: chunked'
    const socket = createConnection(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    socket.on('error', () => {})
    const closed = new Promise((resolve) => {
      socket.once('close', resolve)
    })
    socket.write(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`)
    for (let sent = 0; sent < 200 && !socket.destroyed; sent += 1) {
      const chunk = declared ? piece : Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')])
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
    }
    socket.end()
    await closed
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  }
  expect(peakMegabytes(child.pid) - before).toBeLessThan(64)
  expect((await deliver(url)).status).toBe(202)
}, 120_000)

test('killed at any moment under load, 3 times: what was answered 202 is handled, each once (T33)', async () => {
  operatorFile(folder)
  const accepted = new Set<number>()
  const handled: number[] = []
  let next = 1
  for (let round = 0; round < 3; round += 1) {
    const { child, url, pulls } = await start()
    const killAt = next + 30 + round * 17
    const senders = Array.from({ length: 6 }, async () => {
      while (child.signalCode === null && next < killAt + 200) {
        const pull = next
        next += 1
        if (pull === killAt) child.kill('SIGKILL')
        const answer = await deliver(url, { guid: `delivery-${pull}`, body: pullRequestBody(pull) }).catch(() => null)
        if (answer?.status === 202) accepted.add(pull)
        if (answer === null) return
      }
    })
    await Promise.all(senders)
    if (child.signalCode === null) await once(child, 'exit')
    handled.push(...pulls)
  }
  const last = await start()
  const missing = (): number[] => [...accepted].filter((pull) => !handled.includes(pull) && !last.pulls.includes(pull))
  if (missing().length > 0) await last.until(() => missing().length === 0)
  expect(accepted.size).toBeGreaterThan(60)
  expect(missing()).toEqual([])
  // A delivery that was being handed on at the instant of a kill may come again: at most the width of the worker per kill.
  const again = [...handled, ...last.pulls]
  expect(again.length - new Set(again).size).toBeLessThanOrEqual(3 * 8)
}, 180_000)

test('SIGTERM: intake stops, everything accepted is in the database, the journal is empty, exit code 0', async () => {
  operatorFile(folder)
  const { child, url, until } = await start()
  await Promise.all(Array.from({ length: 20 }, (_, index) => deliver(url, { body: pullRequestBody(index + 1) })))
  const closed = until((line) => line.closed === true)
  child.kill('SIGTERM')
  await closed
  expect(await once(child, 'exit')).toEqual([0, null])
  await expect(deliver(url)).rejects.toThrow('fetch failed')
})

test('what is shown in a browser is asked with its method, and nothing else is there', async () => {
  const log = { info() {}, warn() {}, error() {} }
  const door = await openFrontDoor({
    host: '127.0.0.1',
    port: 0,
    appId: APP_ID,
    secrets: { current: SECRET, previous: null },
    journal: await openJournal({ folder, log }),
    metrics: createMetrics(),
    clock: { now: () => 0 },
    log,
    onKept: () => {},
    unready: async () => [],
    web: async (path, { method }, response) => {
      const known = path === '/known' && method !== 'PUT'
      if (known) response.writeHead(200, { 'content-type': 'text/html' }).end(method === 'POST' ? 'sent' : 'page')
      return known
    },
  })
  const asked = async (path: string, method = 'GET') => {
    const answer = await fetch(`${door.url}${path}`, { method })
    return [answer.status, answer.headers.get('content-type'), await answer.text()]
  }
  try {
    expect(await asked('/known?at=5')).toEqual([200, 'text/html', 'page'])
    expect((await asked('/other'))[0]).toBe(404)
    expect(await asked('/known', 'POST')).toEqual([200, 'text/html', 'sent'])
    for (const [path, method] of [
      ['/known', 'PUT'],
      ['/healthz', 'POST'],
      ['/metrics', 'POST'],
      ['/readyz', 'POST'],
    ] as const)
      expect((await asked(path, method))[0]).toBe(404)
  } finally {
    await door.close()
  }
})

test('readiness is a metric too, asked for at each scrape', async () => {
  const log = { info() {}, warn() {}, error() {} }
  const wrong: string[] = []
  const door = await openFrontDoor({
    host: '127.0.0.1',
    port: 0,
    appId: APP_ID,
    secrets: { current: SECRET, previous: null },
    journal: await openJournal({ folder, log }),
    metrics: createMetrics(),
    clock: { now: () => 0 },
    log,
    onKept: () => {},
    unready: async () => wrong,
  })
  const told = async () => /^release_conductor_ready (\d)$/m.exec(await (await fetch(`${door.url}/metrics`)).text())?.[1]
  try {
    expect(await told()).toBe('1')
    wrong.push('The database does not answer.')
    expect(await told()).toBe('0')
  } finally {
    await door.close()
  }
})

test('a sender that dribbles its headers is cut off', async () => {
  const log = { info() {}, warn() {}, error() {} }
  const journal = await openJournal({ folder, log })
  const door = await openFrontDoor({
    host: '127.0.0.1',
    port: 0,
    appId: APP_ID,
    secrets: { current: SECRET, previous: null },
    journal,
    metrics: createMetrics(),
    clock: { now: () => 0 },
    log,
    onKept: () => {},
    unready: async () => [],
    headersTimeoutMs: 200,
    requestTimeoutMs: 300,
  })
  for (const start of ['POST / HTTP/1.1\r\nhost:', `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc`]) {
    const socket = createConnection(door.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    socket.on('error', () => {})
    socket.write(start)
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  }
  await door.close()
  await journal.close()
})
