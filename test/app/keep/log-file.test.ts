import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { retentionLog } from '../../../app/keep/log-file.ts'
import type { Act } from '../../../evidence/keep/acts.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { readLedger } from '../../../evidence/ledger/lines.ts'
import { APP, KEEP, PACK, SEALED } from './memory.ts'

const CLOCK = { now: () => SEALED }
const KEPT: Act = { type: 'kept', data: { pack: PACK, keep: KEEP, store: 'archive', location: '/x', by: APP } }
const folderOf = (): string => join(mkdtempSync(join(tmpdir(), 'conductor-log-')), 'retention')
const write = (folder: string, acts: readonly Act[]) => retentionLog(folder, CLOCK).act(() => ({ acts, value: null }))

test('what is written is a chain that any ledger reader reads, and is for its owner only', async () => {
  const folder = folderOf()
  await write(folder, [KEPT])
  await write(folder, [{ type: 'held', data: { pack: PACK.sha256, reason: 'a lawsuit', by: APP } }])
  const log = retentionLog(folder, CLOCK)
  expect((await log.read()).packs.get(PACK.sha256)).toMatchObject({ holds: [{ id: 1 }] })
  expect(readLedger(readFileSync(log.path)).entries.map((entry) => entry.type)).toEqual(['kept', 'held'])
  expect(statSync(log.path).mode & 0o777).toBe(0o600)
})

test('nothing to write leaves no trace, and a no is thrown without one', async () => {
  const folder = folderOf()
  await write(folder, [])
  expect((await retentionLog(folder, CLOCK).read()).entries).toEqual([])
  await expect(retentionLog(folder, CLOCK).act(() => new KeepError('held', 'no'))).rejects.toMatchObject({ code: 'held' })
  expect((await retentionLog(folder, CLOCK).read()).entries).toEqual([])
})

test('eight writers at once make one chain', async () => {
  const folder = folderOf()
  await write(folder, [KEPT])
  await Promise.all(Array.from({ length: 8 }, () => write(folder, [{ type: 'held', data: { pack: PACK.sha256, reason: 'a lawsuit', by: APP } }])))
  expect((await retentionLog(folder, CLOCK).read()).packs.get(PACK.sha256)?.holds.map((hold) => hold.id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('a torn end, which nobody was told of, is cut off and told', async () => {
  const folder = folderOf()
  await write(folder, [KEPT])
  appendFileSync(join(folder, 'log.jsonl'), '{"index":1,"rel')
  expect((await retentionLog(folder, CLOCK).read()).entries).toHaveLength(1)
  await write(folder, [{ type: 'held', data: { pack: PACK.sha256, reason: 'a lawsuit', by: APP } }])
  const { entries, packs } = await retentionLog(folder, CLOCK).read()
  expect(entries.map((entry) => entry.type)).toEqual(['kept', 'mended', 'held'])
  expect(entries[1]?.data).toMatchObject({ bytes: 15 })
  expect(packs.get(PACK.sha256)?.holds).toHaveLength(1)
})

test.each<[string, (text: string) => string]>([
  ['an edited entry', (text) => text.replace('/x', '/y')],
  ['a dropped entry', (text) => text.split('\n').slice(1).join('\n')],
  ['something else', () => 'not a ledger\n'],
  ['a chain of a release', (text) => text.replaceAll('"release":"retention"', '"release":"7#3"')],
])('%s stops every act', async (_what, spoil) => {
  const folder = folderOf()
  await write(folder, [KEPT])
  await write(folder, [{ type: 'held', data: { pack: PACK.sha256, reason: 'a lawsuit', by: APP } }])
  const path = join(folder, 'log.jsonl')
  writeFileSync(path, spoil(readFileSync(path, 'utf8')))
  await expect(retentionLog(folder, CLOCK).read()).rejects.toMatchObject({ name: 'StorageError', code: 'log' })
  await expect(write(folder, [KEPT])).rejects.toMatchObject({ code: 'log' })
})

test('an act about a pack that was never kept is no log of ours', async () => {
  const folder = folderOf()
  await write(folder, [{ type: 'held', data: { pack: PACK.sha256, reason: 'a lawsuit', by: APP } }])
  await expect(retentionLog(folder, CLOCK).read()).rejects.toMatchObject({ code: 'log' })
})
