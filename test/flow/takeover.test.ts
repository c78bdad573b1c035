import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres } from '../../app/store/postgres.ts'
import type { Sql } from '../../app/store/sql.ts'
import { postgresBinaries, startCluster, type Cluster } from '../support/postgres.ts'
import { openRelease } from './release.ts'
import { setStage, type Process } from './stage.ts'

const binaries = postgresBinaries()
const PROMISED_MS = 15_000
let cluster: Cluster | null = null

beforeAll(async () => {
  cluster = binaries === null ? null : await startCluster(binaries)
})

afterAll(async () => {
  await cluster?.stop()
})

interface Holder {
  readonly pid: number
  readonly fence: number
}

/** Which process looks at the release now, by its lease; null: none. */
async function holderOf(sql: Sql): Promise<Holder | null> {
  const [row] = await sql.rows<{ owner: string | null; fence: unknown }>(`select owner, fence from conductor.leases where key like 'release/%'`)
  const pid = /:(\d+)\//.exec(row?.owner ?? '')?.[1]
  return pid === undefined ? null : { pid: Number(pid), fence: Number(row?.fence) }
}

/** Kills the process that has the lease at this moment, and answers how long it took until another one had it. */
async function killWhoLooks(sql: Sql, alive: Process[]): Promise<number> {
  for (;;) {
    const before = await holderOf(sql)
    const victim = alive.find((app) => app.child.pid === before?.pid)
    if (before === null || victim === undefined) continue
    victim.child.kill()
    const died = Date.now()
    // It may have freed the lease between the question and the kill: then it was not killed at its work, and the next one is asked for.
    await sleep(50)
    alive.splice(alive.indexOf(victim), 1)
    for (;;) {
      const after = await holderOf(sql)
      if (after !== null && after.fence > before.fence && after.pid !== before.pid) return Date.now() - died
      if (Date.now() - died > 60_000) throw new Error(`nobody took up the release that ${before.pid} had`)
      await sleep(20)
    }
  }
}

test.skipIf(binaries === null)(
  'of three processes two are killed while they look at a canary: another goes on in time, each effect once',
  async () => {
    const databaseUrl = (await cluster?.database()) ?? ''
    const sql = await openPostgres(databaseUrl)
    try {
      await using stage = await setStage({ databaseUrl, processes: 3, restarts: false, bake: '3s', deadline: '60s' })
      const alive = [...stage.apps]
      const release = await openRelease(stage)
      await release.approve(await release.merged())
      const waits: number[] = []
      for (const percent of [10, 50]) {
        await release.until(`${percent} %`, () => release.weight === percent)
        waits.push(await killWhoLooks(sql, alive))
      }
      process.stdout.write(`taken up after ${waits.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(' and ')}\n`)
      expect(Math.max(...waits)).toBeLessThanOrEqual(PROMISED_MS)
      expect(await release.ended()).toBe('promoted')
      expect(release.faults('promoted')).toEqual([])
      expect(await release.packProblems()).toEqual([])
      const twice = await sql.rows(`select data from conductor.ledger where type = 'effect.done' group by release_key, data having count(*) > 1`)
      expect(twice).toEqual([])
      expect(alive).toHaveLength(1)
      stage.github.assertClean()
    } finally {
      await sql.close()
    }
  },
)
