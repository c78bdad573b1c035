import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPglite } from '../../../app/store/pglite.ts'
import { openStore } from '../../../app/store/store.ts'
import { checkChain } from '../../../evidence/ledger/chain.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conductor-pglite-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const WRITER = new URL('../../support/writer.ts', import.meta.url).pathname

/** Runs the writer until it has committed `count` entries, then kills it. Answers the last index it printed. */
async function writeThenKill(count: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let last = -1
  let seen = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = Number(line)
    seen += 1
    if (seen === count) child.kill('SIGKILL')
  })
  expect((await once(child, 'close'))[1]).toBe('SIGKILL')
  return last
}

test('killed in the middle of writing, 3 times: every commit that was reported is there, the chain is whole', async () => {
  let last = -1
  for (const count of [40, 7, 90]) last = await writeThenKill(count)
  const sql = await openPglite(folder)
  const ledger = await (await openStore(sql, { now: () => 0 })).ledger('7#1')
  expect(ledger.length).toBeGreaterThan(last)
  expect(ledger.map((entry) => entry.data.index)).toEqual(ledger.map((_, index) => index))
  expect(checkChain(ledger)).toHaveProperty('root')
  await sql.close()
}, 180_000)

test('a commit is synced to disk before it resolves', async () => {
  let syncs = 0
  const sql = await openPglite(folder, () => {
    syncs += 1
  })
  expect(
    await sql.rows("select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name"),
  ).toEqual(['fsync', 'full_page_writes', 'synchronous_commit'].map((name) => ({ name, setting: 'on' })))
  await sql.script('create table t (i int)')
  for (let round = 0; round < 5; round += 1) {
    const before = syncs
    await sql.rows('insert into t values ($1)', [round])
    expect(syncs).toBeGreaterThan(before)
  }
  await sql.close()
})

test('a second process, and a second opening in this one, are kept out by name', async () => {
  const sql = await openPglite(folder)
  await expect(openPglite(folder)).rejects.toMatchObject({ code: 'locked', message: expect.stringContaining(String(process.pid)) })
  const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  expect((await once(child, 'close'))[0]).toBe(3)
  expect(errors).toMatch(/^locked: .* is in use by process \d+/)
  await sql.rows('select 1')
  await sql.close()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
})

test('a first start that was interrupted is begun anew; the directory is private', async () => {
  mkdirSync(join(folder, 'pgdata.new'), { recursive: true })
  writeFileSync(join(folder, 'pgdata.new', 'PG_VERSION'), '18')
  const sql = await openPglite(folder)
  expect(await sql.rows<{ one: number }>('select 1 as one')).toEqual([{ one: 1 }])
  await sql.close()
  expect(existsSync(join(folder, 'pgdata.new'))).toBe(false)
  expect(statSync(join(folder, 'pgdata')).mode & 0o077).toBe(0)
})

test('a directory that holds something else does not start, says so, and leaves no lock', async () => {
  mkdirSync(join(folder, 'pgdata'))
  writeFileSync(join(folder, 'pgdata', 'PG_VERSION'), '9.6\n')
  await expect(openPglite(folder)).rejects.toMatchObject({ code: 'unreachable' })
  expect(existsSync(join(folder, 'lock'))).toBe(false)
})
