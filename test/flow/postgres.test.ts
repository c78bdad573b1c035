import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresBinaries, startCluster, type Cluster } from '../support/postgres.ts'
import { openRelease } from './release.ts'
import { setStage } from './stage.ts'

const binaries = postgresBinaries()
let cluster: Cluster | null = null

beforeAll(async () => {
  cluster = binaries === null ? null : await startCluster(binaries)
})

afterAll(async () => {
  await cluster?.stop()
})

/** MiB of a process's resident memory, now and at its highest. */
async function memory(pid: number): Promise<{ readonly now: number; readonly most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): number => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024)
  return { now: of('VmRSS'), most: of('VmHWM') }
}

test.skipIf(binaries === null)('two processes on one PostgreSQL carry a good release to 100 %, each effect once', async () => {
  const databaseUrl = (await cluster?.database()) ?? ''
  await using stage = await setStage({ databaseUrl, processes: 2 })
  const release = await openRelease(stage)
  const line = await release.merged()
  // The one that heard of it goes away; the other has never had a webhook.
  const [first, second] = stage.apps
  await release.approve(line)
  await release.until('10 %', () => release.weight === 10)
  const sizes = await Promise.all(stage.apps.map((app) => memory(app.child.pid)))
  await first?.child.stop()
  expect(await release.ended()).toBe('promoted')
  expect(release.faults('promoted')).toEqual([])
  expect(await release.packProblems()).toEqual([])
  sizes.push(await memory(second?.child.pid ?? 0))
  process.stdout.write(`resident memory with PostgreSQL, MiB: ${JSON.stringify(sizes)}\n`)
  expect(Math.max(...sizes.map((size) => size.now))).toBeGreaterThan(0)
  stage.github.assertClean()
})
