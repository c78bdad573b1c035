import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { replaceFile } from '../../../../app/rollout/routers/durable-file.ts'

test('a reader never sees half a text, and nothing is left beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'durable-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'deep', 'file')
  const texts = ['a'.repeat(100_000), 'b'.repeat(10)]
  await replaceFile(path, texts[0] ?? '', 0o640)
  expect((await stat(path)).mode & 0o777).toBe(0o640)
  const over = new AbortController()
  const writer = async () => {
    for (let turn = 0; turn < 40; turn++) await replaceFile(path, texts[turn % 2] ?? '', 0o640)
    over.abort()
  }
  const seen = new Set<string>()
  const reader = async () => {
    while (!over.signal.aborted) seen.add(await readFile(path, 'utf8'))
  }
  await Promise.all([writer(), reader()])
  expect([...seen].filter((text) => !texts.includes(text))).toEqual([])
  expect(await readdir(join(folder, 'deep'))).toEqual(['file'])
})
