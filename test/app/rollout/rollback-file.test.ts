import { appendFileSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRollbackFile, type LateRollback } from '../../../app/rollout/rollback-file.ts'

function place(): string {
  return join(mkdtempSync(join(tmpdir(), 'conductor-late-')), 'data', 'rollbacks.jsonl')
}

function rollback(number: number): LateRollback {
  return {
    id: `7#3/rollout/${number}`,
    release: '7#3',
    version: 'v2.0.0',
    rollout: number,
    environment: 'prod',
    step: 10,
    router: 'proxy',
    why: { code: 'slo_breach', sentence: 'Roll back: it fails.\nOften.' },
    at: 1_000,
    sample: { at: 1_000, canary: { requests: 100, errors: 30 }, stable: null, note: '' },
  }
}

test('what was decided and not entered is there at the next opening; readable by its owner only', async () => {
  const path = place()
  const file = await openRollbackFile(path)
  expect(file.pending).toEqual([])
  await file.add(rollback(1))
  await file.add(rollback(2))
  await file.entered(rollback(1).id, 2_000)
  expect((await openRollbackFile(path)).pending).toEqual([rollback(2)])
  expect(statSync(path).mode & 0o077).toBe(0)
})

test('a line torn at any byte loses nothing but itself, and the next line is whole', async () => {
  const path = place()
  const file = await openRollbackFile(path)
  await file.add(rollback(1))
  const kept = statSync(path).size
  await file.add(rollback(2))
  const whole = readFileSync(path)
  for (let size = kept; size < whole.length; size += 7) {
    truncateSync(path, size)
    const again = await openRollbackFile(path)
    expect(again.pending.map(({ rollout }) => rollout)).toEqual(size >= whole.length - 1 ? [1, 2] : [1])
    await again.add(rollback(3))
    expect((await openRollbackFile(path)).pending.at(-1)).toEqual(rollback(3))
    writeFileSync(path, whole)
  }
})

test('lines that are something else are counted and skipped', async () => {
  const path = place()
  await (await openRollbackFile(path)).add(rollback(1))
  appendFileSync(
    path,
    `\n{"decided":{"id":"x"}}\nnot json\n{"decided":${JSON.stringify({ ...rollback(4), __proto__x: 1 })}}\n${'x'.repeat(20_000)}\n`,
  )
  const { pending, unreadable } = await openRollbackFile(path)
  expect(pending.map(({ rollout }) => rollout)).toEqual([1])
  expect(unreadable).toBe(4)
})

test('a file that is far too large is refused', async () => {
  const path = place()
  await (await openRollbackFile(path)).add(rollback(1))
  truncateSync(path, 9 * 1024 * 1024)
  await expect(openRollbackFile(path)).rejects.toMatchObject({ code: 'file-unreadable' })
})

test('a disk without space is an error of the writer', async () => {
  const file = await openRollbackFile(place(), () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })))
  await expect(file.add(rollback(1))).rejects.toMatchObject({ code: 'ENOSPC' })
})
