import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDirectory, SILENCE_MS } from '../../../app/store/lock.ts'

let folder: string
let lock: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conductor-lock-'))
  lock = join(folder, 'lock')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

function leave(holder: object | string): void {
  writeFileSync(lock, typeof holder === 'string' ? holder : JSON.stringify(holder))
}

test('held, refused, released, taken again', () => {
  const held = lockDirectory(folder)
  expect(() => lockDirectory(folder)).toThrow(expect.objectContaining({ code: 'locked' }))
  held.release()
  expect(existsSync(lock)).toBe(false)
  lockDirectory(folder).release()
})

test('the lock of a dead process is taken over', async () => {
  leave({ pid: await deadPid(), started: '1', host: hostname() })
  const held = lockDirectory(folder)
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid })
  held.release()
})

test('so is that of a process whose id another one has now, as in a container that was restarted', () => {
  leave({ pid: process.pid, started: '1', host: hostname() })
  const held = lockDirectory(folder)
  expect(JSON.parse(readFileSync(lock, 'utf8'))).not.toMatchObject({ started: '1' })
  held.release()
})

test('so is a lock nobody can read, since writing it is atomic', () => {
  leave('')
  const held = lockDirectory(folder)
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid })
  held.release()
})

test('a holder on another machine is believed while it touches the file, and dead after', () => {
  leave({ pid: 1, started: '1', host: 'elsewhere' })
  expect(() => lockDirectory(folder)).toThrow(/process 1 on elsewhere/)
  const silent = new Date(Date.now() - SILENCE_MS - 1000)
  utimesSync(lock, silent, silent)
  lockDirectory(folder).release()
})

test('who lost the directory does not release the new holder', () => {
  const held = lockDirectory(folder)
  leave({ pid: 1, started: '1', host: 'elsewhere' })
  held.release()
  expect(existsSync(lock)).toBe(true)
})
