import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packFiles } from '../../../app/store/pack-files.ts'

test('a pack is written whole, under its name only, and read back; the second seal has a place of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-packs-'))
  const files = packFiles(folder)
  const [first, second] = [files.path('v2.0.0', 1), files.path('v2.0.0', 2)]
  expect(first).not.toBe(second)
  expect(await files.read(second)).toBeNull()
  await files.write(second, Buffer.from('one'))
  await files.write(second, Buffer.from('two'))
  expect(Buffer.from((await files.read(second)) ?? []).toString()).toBe('two')
  expect(readdirSync(join(folder, 'release', 'v2.0.0'))).toEqual(['evidence.zip'])
})

test('a place that cannot be written or read is an error, never an absent pack', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-packs-'))
  writeFileSync(join(folder, 'release'), 'a file where the folder should be')
  const files = packFiles(folder)
  await expect(files.write(files.path('v1.0.0', 2), Buffer.from('x'))).rejects.toThrow(/EEXIST|ENOTDIR/)
  await expect(files.read(files.path('v1.0.0', 2))).rejects.toThrow(/ENOTDIR/)
})
