/** The pieces of a canary together, as processes: hosting, router, load and scrape. No App: the test moves the weight. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sample } from '../../app/release/ports.ts'
import { scrape } from '../../app/rollout/metrics/scrape.ts'
import { window } from '../../app/rollout/metrics/window.ts'
import { weightedProxy } from '../../app/rollout/routers/weighted-proxy.ts'
import { buildHistory } from '../shop/history.ts'
import type { LoadReport } from '../support/load.ts'

const children: ChildProcess[] = []
let dir = ''
let hosting: { readonly url: string; readonly stable: string; readonly canary: string }
let router: { readonly url: string; readonly admin: string }

function start(...args: string[]): ReturnType<typeof createInterface> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return createInterface(child.stdout)
}

async function first<T>(lines: ReturnType<typeof createInterface>): Promise<T> {
  const [line] = (await once(lines, 'line')) as [string]
  return JSON.parse(line) as T
}

async function load(seconds: number): Promise<LoadReport> {
  let last: LoadReport | undefined
  const lines = start('test/support/load.ts', '--url', router.url, '--rate', '300', '--seconds', String(seconds))
  for await (const line of lines) last = JSON.parse(line) as LoadReport
  if (last === undefined) throw new Error('the load said nothing')
  return last
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-'))
  const shop = await buildHistory({ dir: join(dir, 'shop'), trustKeyPem: 'none', conductorSha: 'a'.repeat(40), errors: 0.2 })
  hosting = await first(start('test/support/platform/main.ts', '--folder', dir))
  for (const [slot, sha] of [
    ['stable', shop.main],
    ['canary', shop.release.sha],
  ]) {
    const answer = await fetch(`${hosting.url}/deploy`, { method: 'POST', body: JSON.stringify({ slot, sha, gitDir: shop.workDir }) })
    if (!answer.ok) throw new Error(await answer.text())
  }
  const at = '127.0.0.1:0'
  const args = ['--listen', at, '--admin', at, '--stable', hosting.stable, '--canary', hosting.canary, '--state', join(dir, 'weight.json')]
  router = await first(start('app/rollout/routers/main.ts', ...args))
})

afterAll(async () => {
  for (const child of children) child.kill('SIGTERM')
  for (const child of children) if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  await rm(dir, { recursive: true })
})

test('a tenth of the load reaches the bad version, a fifth of that fails, the scrape sees exactly that, and weight 0 ends it', async () => {
  const errors = { metric: 'http_requests_total', label: 'code', matches: '5..' }
  const source = {
    canary: { url: `${hosting.canary}/metrics` },
    stable: { url: `${hosting.stable}/metrics` },
    requests: 'http_requests_total',
    errors,
  }
  const metrics = scrape(new Map([['prod', source]]), { now: () => Date.now() })
  const weight = weightedProxy({ admin: router.admin })
  await weight.set(10)
  await load(1)
  const samples: Sample[] = [await metrics.sample('prod')]
  const report = await load(2)
  samples.push(await metrics.sample('prod'))
  expect(report).toMatchObject({ sent: 600, answered: 600, failed: 0, arms: { canary: { ok: 48, bad: 12 }, stable: { ok: 540, bad: 0 } } })
  expect(report.last_canary).toBeGreaterThan(report.first_bad ?? Infinity)
  const seen = window(samples, { frozenMs: 10_000, silenceMs: 10_000 })
  expect(seen.canary).toMatchObject({ state: 'ok', requests: 60, errors: 12, resets: 0 })
  expect(seen.stable).toMatchObject({ state: 'ok', requests: 540, errors: 0, resets: 0 })
  await weight.set(0)
  expect(await load(1)).toMatchObject({
    sent: 300,
    arms: { canary: { ok: 0, bad: 0 }, stable: { ok: 300, bad: 0 } },
    first_bad: null,
    last_canary: null,
  })
})

test('at 100 % stable takes the new version over, and no request is lost', async () => {
  const weight = weightedProxy({ admin: router.admin })
  await weight.set(100)
  const running = load(3)
  const promoted = await fetch(`${hosting.url}/promote`, { method: 'POST' })
  expect(await promoted.json()).toMatchObject({ slot: 'stable', version: 'v2.0.0' })
  await weight.set(0)
  const report = await running
  expect(report).toMatchObject({ sent: 900, answered: 900, failed: 0, arms: { unknown: { ok: 0, bad: 0 } } })
  expect(report.codes).not.toHaveProperty('502')
  expect(report.codes).not.toHaveProperty('503')
})
