import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { deliver, pullRequestBody } from '../support/deliveries.ts'
import { scripted, type Scripted } from './github/scripted.ts'
import { run, type Running, type RunOptions } from './running.ts'

const LISTENS = '"The App listens."'
const BOUND = { timeout: 60_000 }
const children: Running[] = []

function start(options: RunOptions): Running {
  const running = run(options)
  children.push(running)
  return running
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal('SIGKILL')
    await child.ended
  }
})

const TOKEN = `ghs_${'Q'.repeat(36)}`

/** One installation with one repository, of which nothing was ever delivered. What is asked of it is answered by `of`. */
async function github(of: (path: string, authorization: string) => { status?: number; body?: unknown } | null): Promise<Scripted> {
  return await scripted(
    ({ path, headers }) => {
      if (path === '/app/installations') return { body: [{ id: 5 }] }
      if (path === '/installation/repositories')
        return { body: { total_count: 1, repositories: [{ id: 77, name: 'shop', owner: { login: 'acme' } }] } }
      return of(path, headers.authorization ?? '')
    },
    () => ({ status: 201, body: { token: TOKEN, expires_at: '2099-01-01T00:00:00Z' } }),
  )
}

/** Resolves with the first request of this path. */
async function asked(of: Scripted, path: string): Promise<void> {
  await expect.poll(() => of.asked.some((one) => one.path === path), { timeout: 20_000 }).toBe(true)
}

const PULLS = '/repos/acme/shop/pulls'

describe('the end', () => {
  test('SIGTERM while a look waits for GitHub: exit code 0 within 10 s (T42)', BOUND, async () => {
    await using hub = await github(() => null)
    const app = start({ github: hub.url })
    await app.says(LISTENS)
    await asked(hub, PULLS)
    const from = Date.now()
    app.signal('SIGTERM')
    expect(await app.ended).toEqual({ code: 0, signal: null })
    expect(Date.now() - from).toBeLessThan(10_000)
    expect(app.output()).toContain('Ended by SIGTERM.')
  })

  test('a second signal, of either kind, ends it at once', BOUND, async () => {
    await using hub = await github(() => null)
    const app = start({ github: hub.url })
    await app.says(LISTENS)
    await asked(hub, PULLS)
    app.signal('SIGTERM')
    // It has begun to end when it no longer takes deliveries.
    await expect
      .poll(
        () =>
          fetch(`${app.url()}/healthz`).then(
            () => true,
            () => false,
          ),
        { timeout: 5_000, interval: 20 },
      )
      .toBe(false)
    const from = Date.now()
    app.signal('SIGINT')
    expect(await app.ended).toEqual({ code: null, signal: 'SIGINT' })
    expect(Date.now() - from).toBeLessThan(1_500)
  })
})

describe('a start that cannot be', () => {
  test.each([
    ['a webhook secret that is too short', { secret: 'short' }],
    ['a signing key of another kind', { signing: 'rsa' as const }],
  ])('%s: exit code 2', BOUND, async (_, wrong) => {
    const app = start({ github: 'http://127.0.0.1:9', ...wrong })
    expect(await app.ended).toEqual({ code: 2, signal: null })
  })

  test('an address that is taken: exit code 5, and the process ends', BOUND, async () => {
    await using hub = await github(() => ({ body: [] }))
    const app = start({ github: hub.url, port: Number(new URL(hub.url).port) })
    expect(await app.ended).toEqual({ code: 5, signal: null })
    expect(app.output()).toContain('EADDRINUSE')
  })

  test('a database that is not there: exit code 5; a rollback that waits in the file is done all the same', BOUND, async () => {
    await using router = await proxyAdmin()
    const why = { code: 'slo_breach', sentence: 'Roll back.' }
    const sample = { at: 1, canary: null, stable: null, note: '' }
    const of = { release: '77#3', version: 'v2.0.0', rollout: 1, environment: 'prod', step: 10, router: 'proxy', at: 1 }
    const decided = { id: '77#3/rollout/1', ...of, why, sample }
    const app = start({
      github: 'http://127.0.0.1:9',
      databaseUrl: 'postgres://nobody:verysecretpassword@127.0.0.1:9/none',
      router: router.url,
      rollbacks: `\n${JSON.stringify({ decided })}\n`,
    })
    expect(await app.ended).toEqual({ code: 5, signal: null })
    expect(router.weights).toEqual([0])
    expect(app.output()).not.toContain('verysecretpassword')
  })
})

test('a repository that no delivery ever named is swept; no secret is in what a run prints, not even one that GitHub echoes', BOUND, async () => {
  // GitHub's errors carry back what was sent; they are logged.
  await using hub = await github((path, authorization) => ({ status: 422, body: { message: `${path} refused ${authorization}` } }))
  const app = start({ github: hub.url })
  await app.says(LISTENS)
  await asked(hub, PULLS)
  const ours = { 'x-github-hook-installation-target-id': '4242' }
  expect((await deliver(app.url(), { secret: app.secret, body: pullRequestBody(12), headers: ours })).status).toBe(202)
  await asked(hub, `${PULLS}/12`)
  await app.says('A look failed')
  expect((await (await fetch(`${app.url()}/metrics`)).text()).includes('release_conductor_reconcile_seconds')).toBe(true)
  app.signal('SIGTERM')
  expect(await app.ended).toEqual({ code: 0, signal: null })
  const output = app.output()
  expect(output).toContain('refused token [token]')
  for (const secret of [app.secret, TOKEN, 'BEGIN PRIVATE KEY', ...linesOf(app.privateKey), ...linesOf(app.signingKey)])
    expect(output).not.toContain(secret)
  expect(output).not.toMatch(/eyJ[\w-]{8,}\.[\w-]{8,}\./)
})

function linesOf(pem: string): string[] {
  return pem.split('\n').filter((line) => line.length > 40)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}

/** The admin address of a weighted proxy, which remembers what it was set to. */
async function proxyAdmin(): Promise<{ url: string; weights: number[] } & AsyncDisposable> {
  const weights: number[] = []
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request)
    if (request.method === 'PUT') weights.push((JSON.parse(text) as { percent: number }).percent)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ percent: weights.at(-1) ?? 10 }))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    weights,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
