import { appendFileSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Sample } from '../../../app/release/ports.ts'
import { openRollbackFile, type LateRollback } from '../../../app/rollout/rollback-file.ts'

const LARGEST = {
  le: Array.from({ length: 200 }, (_, at) => at * 1.234_567_890_123),
  count: Array.from({ length: 200 }, () => 9_007_199_254_740_991),
  total: 9_007_199_254_740_991,
}

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
    `\n{"decided":{"id":"x"}}\nnot json\n{"decided":${JSON.stringify({ ...rollback(4), __proto__x: 1 })}}\n${'x'.repeat(300_000)}\n`,
  )
  const { pending, unreadable } = await openRollbackFile(path)
  expect(pending.map(({ rollout }) => rollout)).toEqual([1])
  expect(unreadable).toBe(4)
})

const LATENCY = { le: [100, 250.5], count: [7, 9], total: 12 }

test.each<[string, Partial<Sample>]>([
  ['latency', { canary: { requests: 12, errors: 5, latency: LATENCY }, stable: { requests: 90, errors: 0, latency: LATENCY } }],
  ['latency that could not be read', { canary: { requests: 12, errors: 5, latency: null } }],
  ['traces', { traces: ['4bf92f3577b34da6a3ce929d0e0e4736'] }],
  ['what the router counted', { routed: { canary: 12, stable: 90 }, weight: null }],
  [
    'histograms as large as they may be',
    { canary: { requests: 1, errors: 1, latency: LARGEST }, stable: { requests: 1, errors: 0, latency: LARGEST } },
  ],
])('a sample with %s is read again as it was', async (_, more) => {
  const path = place()
  const one = rollback(1)
  await (await openRollbackFile(path)).add({ ...one, sample: { ...one.sample, ...more } })
  expect((await openRollbackFile(path)).pending).toEqual([{ ...one, sample: { ...one.sample, ...more } }])
})

test('a sample that nobody can read loses no rollback', async () => {
  const path = place()
  const one = rollback(1)
  await (await openRollbackFile(path)).add({ ...one, sample: { ...one.sample, stable: { requests: Number.NaN, errors: 0 } } })
  const said: unknown[] = []
  const { pending } = await openRollbackFile(path, { log: { error: (fields) => void said.push(fields) } })
  expect(pending).toMatchObject([{ id: one.id, router: 'proxy', sample: { canary: null, stable: null } }])
  expect(said).toEqual([])
})

test('lines that cannot be read are told', async () => {
  const path = place()
  await (await openRollbackFile(path)).add(rollback(1))
  appendFileSync(path, '\n{"decided":{"id":"x"}}\n')
  const said: unknown[] = []
  await openRollbackFile(path, { log: { error: (fields) => void said.push(fields) } })
  expect(said).toEqual([{ path, lines: 1 }])
})

test('a file that is far too large is refused', async () => {
  const path = place()
  await (await openRollbackFile(path)).add(rollback(1))
  truncateSync(path, 9 * 1024 * 1024)
  await expect(openRollbackFile(path)).rejects.toMatchObject({ code: 'file-unreadable' })
})

test('a disk without space is an error of the writer', async () => {
  const file = await openRollbackFile(place(), { append: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) })
  await expect(file.add(rollback(1))).rejects.toMatchObject({ code: 'ENOSPC' })
})
