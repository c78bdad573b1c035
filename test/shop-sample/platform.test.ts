import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scrape } from '../../app/rollout/metrics/scrape.ts'
import { buildHistory, type History } from '../shop/history.ts'
import type { PlatformState } from '../support/platform/platform.ts'

const run = promisify(execFile)

interface Listening {
  readonly url: string
  readonly stable: string
  readonly canary: string
}

let dir = ''
let shop: History
let child: ChildProcess
let at: Listening

async function start(): Promise<[ChildProcess, Listening]> {
  const started = spawn(process.execPath, ['test/support/platform/main.ts'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(started.stdout), 'line')) as [string]
  return [started, JSON.parse(line) as Listening]
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-'))
  shop = await buildHistory({ dir, trustKeyPem: 'none', conductorSha: 'a'.repeat(40), errors: 0.5 })
  ;[child, at] = await start()
})

afterAll(async () => {
  child.kill('SIGTERM')
  await rm(dir, { recursive: true })
})

const state = async () => (await (await fetch(`${at.url}/state`)).json()) as PlatformState

async function deploy(slot: string, sha: string, gitDir = dir): Promise<{ code: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${at.url}/deploy`, { method: 'POST', body: JSON.stringify({ slot, sha, gitDir }) })
  return { code: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** A process that ended but was not collected by its new parent yet is not alive. */
function alive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function digest(sha: string): Promise<string> {
  const { stdout } = await run('git', ['-C', dir, 'archive', '--format=tar', sha], { encoding: 'buffer', maxBuffer: 1e8 })
  return `sha256:${createHash('sha256').update(stdout).digest('hex')}`
}

test('v1 runs in stable, answers its digest, and is deployed once', async () => {
  const first = await deploy('stable', shop.main)
  expect(first).toEqual({ code: 200, body: { slot: 'stable', sha: shop.main, version: 'v1.0.0', digests: { shop: await digest(shop.main) } } })
  const { pid } = (await state()).slots.stable
  expect(await deploy('stable', shop.main)).toEqual(first)
  expect((await state()).slots.stable).toMatchObject({ pid, running: true, url: at.stable })
})

test('the shop works: page, products, orders that are kept, and their refusals', async () => {
  const order = (body: string) => fetch(`${at.stable}/orders`, { method: 'POST', body })
  expect(await (await fetch(`${at.stable}/`)).text()).toContain('<footer>v1.0.0</footer>')
  expect(await (await fetch(`${at.stable}/products`)).json()).toHaveLength(4)
  const placed = await Promise.all(
    Array.from({ length: 20 }, async () => (await order('{"product":1,"quantity":2}')).json() as Promise<{ order: number }>),
  )
  expect(new Set(placed.map(({ order }) => order)).size).toBe(20)
  expect((await order('{"product":99,"quantity":1}')).status).toBe(404)
  for (const body of ['', '{}', 'null', '{"product":1,"quantity":0}', '{"product":1,"quantity":"1"}', 'x'.repeat(9000)])
    expect((await order(body)).status).toBe(400)
  expect((await fetch(`${at.stable}/nothing`)).status).toBe(404)
})

test("the adopter's own deploy script brings v2 beside v1, on the same database, and reports what runs", async () => {
  const output = join(dir, '.git', 'output')
  await writeFile(output, '')
  const env = {
    PATH: process.env.PATH ?? '',
    GITHUB_OUTPUT: output,
    PLATFORM_URL: at.url,
    RELEASE_SHA: shop.release.sha,
    RELEASE_STEP: '10',
    RELEASE_DIGESTS: '{}',
  }
  await run(process.execPath, ['deploy/deploy.mjs'], { cwd: dir, env })
  const digests = { shop: await digest(shop.release.sha) }
  expect(await readFile(output, 'utf8')).toBe(`digests=${JSON.stringify(digests)}\n`)
  expect((await state()).slots).toMatchObject({
    stable: { version: 'v1.0.0', running: true },
    canary: { version: 'v2.0.0', running: true, url: at.canary, digest: digests.shop },
  })
  // Again, as at 50 %, with the digests of the plan; and with others, which it refuses.
  await run(process.execPath, ['deploy/deploy.mjs'], { cwd: dir, env: { ...env, RELEASE_STEP: '50', RELEASE_DIGESTS: JSON.stringify(digests) } })
  const wrong = run(process.execPath, ['deploy/deploy.mjs'], { cwd: dir, env: { ...env, RELEASE_DIGESTS: `{"shop":"sha256:${'0'.repeat(64)}"}` } })
  await expect(wrong).rejects.toThrow('but the plan says')
  expect((await fetch(`${at.stable}/`)).status).toBe(200)
})

test('half of the bad version fails, and its metrics say so', async () => {
  const source = {
    canary: { url: `${at.canary}/metrics` },
    stable: { url: `${at.stable}/metrics` },
    requests: 'http_requests_total',
    errors: { metric: 'http_requests_total', label: 'code', matches: '5..' },
  }
  const metrics = scrape(new Map([['prod', source]]), { now: () => Date.now() })
  const codes = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const answer = await fetch(`${at.canary}/`)
      await answer.text()
      return answer.status
    }),
  )
  expect(codes.filter((code) => code === 500)).toHaveLength(20)
  await expect.poll(async () => (await metrics.sample('prod')).canary).toEqual({ requests: 40, errors: 20 })
  expect((await metrics.sample('prod')).stable).toMatchObject({ errors: 0 })
  const page = await (await fetch(`${at.canary}/metrics`)).text()
  const buckets = [...page.matchAll(/^http_request_duration_seconds_bucket\{version="v2\.0\.0",le="([^"]+)"\} (\d+)$/gm)]
  const [bounds, counts] = [buckets.map(([, le]) => Number(le === '+Inf' ? Infinity : le)), buckets.map(([, , count]) => Number(count))]
  expect([bounds, counts]).toEqual([bounds.toSorted((a, b) => a - b), counts.toSorted((a, b) => a - b)])
  expect([bounds.at(-1), counts.at(-1), page.includes('le="1.0"')]).toEqual([Infinity, 40, true])
})

test('an archive of another commit, a commit that is not there, and nonsense are refused; what runs stays', async () => {
  const { stdout } = await run('git', ['-C', dir, 'archive', '--format=tar', shop.main], { encoding: 'buffer', maxBuffer: 1e8 })
  const send = (body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${at.url}/deploy?slot=canary&sha=${shop.release.sha}`, { method: 'POST', headers: { 'content-type': 'application/x-tar' }, body })
  for (const body of [new Uint8Array(stdout), 'nonsense', '']) expect((await send(body)).status).toBe(400)
  expect(await deploy('canary', 'b'.repeat(40))).toMatchObject({ code: 400, body: { code: 'archive' } })
  expect(await deploy('third', shop.main)).toMatchObject({ code: 400, body: { code: 'request' } })
  expect(await deploy('canary', 'main')).toMatchObject({ code: 400, body: { code: 'request' } })
  expect((await state()).slots.canary).toMatchObject({ version: 'v2.0.0', running: true })
})

test('a version that does not come up is not left in the slot', async () => {
  const before = (await state()).slots.canary
  await writeFile(join(dir, 'src/main.mjs'), 'process.exit(1)\n')
  await run('git', ['-C', dir, '-c', 'user.name=Shop', '-c', 'user.email=shop@shop.example', 'commit', '-qam', 'fix: break'])
  const { stdout } = await run('git', ['-C', dir, 'rev-parse', 'HEAD'])
  expect(await deploy('canary', stdout.trim())).toMatchObject({ code: 422, body: { code: 'unhealthy' } })
  expect((await state()).slots.canary).toMatchObject({ sha: before.sha, digest: before.digest, version: 'v2.0.0', running: true, url: before.url })
})

test('promote puts what canary runs into stable, on the same address', async () => {
  const answer = await fetch(`${at.url}/promote`, { method: 'POST' })
  expect(await answer.json()).toMatchObject({ slot: 'stable', version: 'v2.0.0', sha: shop.release.sha })
  expect(await (await fetch(`${at.stable}/healthz`)).json()).toMatchObject({ version: 'v2.0.0', sha: shop.release.sha })
})

test.each(['SIGTERM', 'SIGKILL'] as const)('everything it started ends with it on %s', async (signal) => {
  const [platform, other] = await start()
  await fetch(`${other.url}/deploy`, { method: 'POST', body: JSON.stringify({ slot: 'stable', sha: shop.main, gitDir: dir }) })
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(platform.pid)])
  const pids = stdout.trim().split(/\s+/).map(Number)
  expect(pids).toHaveLength(2)
  platform.kill(signal)
  await once(platform, 'exit')
  await expect.poll(() => pids.filter(alive), { timeout: 10_000 }).toEqual([])
})
