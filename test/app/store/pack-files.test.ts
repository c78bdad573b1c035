import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packFiles } from '../../../app/store/pack-files.ts'

const SHOP = { repository: { owner: 'acme', name: 'shop' }, version: 'v2.0.0' }

test('a pack is written whole, under its name only, and read back; the second seal has a place of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-packs-'))
  const files = packFiles(folder)
  const [first, second] = [files.path(SHOP, 1), files.path(SHOP, 2)]
  expect(first).not.toBe(second)
  expect(files.path({ ...SHOP, repository: { owner: 'acme', name: 'till' } }, 2)).not.toBe(second)
  expect(await files.read(second)).toBeNull()
  await files.write(second, Buffer.from('one'))
  await files.write(second, Buffer.from('two'))
  expect(Buffer.from((await files.read(second)) ?? []).toString()).toBe('two')
  expect(readdirSync(join(folder, 'acme', 'shop', 'release', 'v2.0.0'))).toEqual(['evidence.zip'])
})

test('a place that cannot be written or read is an error, never an absent pack', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-packs-'))
  writeFileSync(join(folder, 'acme'), 'a file where the folder should be')
  const files = packFiles(folder)
  await expect(files.write(files.path(SHOP, 2), Buffer.from('x'))).rejects.toThrow(/EEXIST|ENOTDIR/)
  await expect(files.read(files.path(SHOP, 2))).rejects.toThrow(/ENOTDIR/)
})
