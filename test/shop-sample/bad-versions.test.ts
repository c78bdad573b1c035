/** Each bad version misbehaves as its name says, and only so. Its own source is what runs here. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { BAD, buildHistory, type Bad } from '../shop/history.ts'

interface Faults {
  fails(): boolean
  holdBack(took: number): Promise<void>
}

const KINDS = Object.keys(BAD) as Bad[]

/** `src/faults.mjs` of v2 as it is on the release branch, loaded anew. */
async function faultsOf(bad?: Bad): Promise<Faults> {
  const dir = await mkdtemp(join(tmpdir(), 'shop-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const shop = await buildHistory({
    dir: join(dir, 'shop'),
    trustKeyPem: 'none',
    conductorSha: 'a'.repeat(40),
    errors: 0,
    ...(bad !== undefined && { bad }),
  })
  const file = join(dir, 'faults.mjs')
  await writeFile(file, execFileSync('git', ['-C', shop.workDir, 'show', `${shop.release.sha}:src/faults.mjs`]))
  return (await import(pathToFileURL(file).href)) as Faults
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** Milliseconds that answers which took `took` are held back, together. */
async function held(faults: Faults, took: readonly number[]): Promise<number> {
  const from = performance.now()
  for (const one of took) {
    const due = faults.holdBack(one)
    await vi.runAllTimersAsync()
    await due
  }
  return performance.now() - from
}

const DAY = Array.from({ length: 400 }, (_, at) => (at % 10 === 0 ? 18 : 0.3))

test('the good version neither fails nor waits', async () => {
  const faults = await faultsOf()
  expect(await held(faults, DAY)).toBe(0)
  expect(Array.from({ length: 1000 }, () => faults.fails())).not.toContain(true)
})

test('slow takes a quarter longer, also for answers of less than a millisecond, and fails none', async () => {
  const faults = await faultsOf('slow')
  expect(await held(faults, [100])).toBe(25)
  const took = DAY.reduce((sum, one) => sum + one, 0)
  expect(Math.abs((await held(faults, DAY)) / took - 0.25)).toBeLessThan(0.005)
  expect(Array.from({ length: 1000 }, () => faults.fails())).not.toContain(true)
})

test('load fails nothing at forty answers a second, and about half at two hundred', async () => {
  const faults = await faultsOf('load')
  const failed = async (rate: number, seconds: number): Promise<number> => {
    let count = 0
    for (let at = 0; at < rate * seconds; at += 1) {
      await vi.advanceTimersByTimeAsync(1000 / rate)
      if (faults.fails()) count += 1
    }
    return count / (rate * seconds)
  }
  expect(await failed(40, 30)).toBe(0)
  expect(Math.abs((await failed(200, 30)) - 0.5)).toBeLessThan(0.03)
  expect(await failed(40, 30)).toBeLessThan(0.01)
})

test('replica fails every second answer of the second replica, and no other', async () => {
  const failed: number[] = []
  for (const replica of ['1', '2', '3']) {
    vi.stubEnv('REPLICA', replica)
    const faults = await faultsOf('replica')
    failed.push(Array.from({ length: 100 }, () => faults.fails()).filter(Boolean).length)
  }
  vi.unstubAllEnvs()
  expect(failed).toEqual([0, 50, 0])
})

test('leak is well for minutes of a tenth of the traffic, then late, then fails for good', async () => {
  const faults = await faultsOf('leak')
  const answer = (count: number): number => Array.from({ length: count }, () => faults.fails()).filter(Boolean).length
  // Four minutes of forty a second.
  expect([answer(9600), await held(faults, [1])]).toEqual([0, 0])
  expect(answer(1200)).toBe(0)
  expect(await held(faults, [1])).toBeGreaterThan(15)
  expect([answer(1200), answer(1000)]).toEqual([0, 1000])
})

test.each(KINDS)('%s is one commit that changes one line', async (bad) => {
  const dir = await mkdtemp(join(tmpdir(), 'shop-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const shop = await buildHistory({ dir, trustKeyPem: 'none', conductorSha: 'a'.repeat(40), errors: 0, bad })
  const changed = execFileSync('git', ['-C', dir, 'diff', '--numstat', shop.main, shop.release.sha, '--', 'src/faults.mjs'], { encoding: 'utf8' })
  expect(changed.trim().split('\t')).toEqual(['1', '1', 'src/faults.mjs'])
  expect(execFileSync('git', ['-C', dir, 'log', '--format=%s', `main..${shop.release.sha}`], { encoding: 'utf8' })).toContain(BAD[bad].message)
})
