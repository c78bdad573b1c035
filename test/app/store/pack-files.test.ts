import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packFiles } from '../../../app/store/pack-files.ts'

const SHOP = { repository: { owner: 'acme', name: 'shop' }, version: 'v2.0.0' }

const PLACE = ['acme', 'shop', 'release', 'v2.0.0'] as const
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

test('a pack is written whole, under a name that no other pack has, and read back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-packs-'))
  const files = packFiles(folder)
  const path = files.path(SHOP, 1, A)
  expect(path).toBe(join(folder, ...PLACE, 'evidence-1-aaaaaaaaaaaaaaaa.zip'))
  const till = { ...SHOP, repository: { owner: 'acme', name: 'till' } }
  expect(new Set([path, files.path(SHOP, 2, A), files.path(SHOP, 1, B), files.path(till, 1, A), files.newest(SHOP)]).size).toBe(5)
  expect(await files.read(path)).toBeNull()
  await files.write(path, Buffer.from('one'))
  await files.write(path, Buffer.from('two'))
  expect(Buffer.from((await files.read(path)) ?? []).toString()).toBe('two')
  expect(readdirSync(join(folder, ...PLACE))).toEqual(['evidence-1-aaaaaaaaaaaaaaaa.zip'])
  expect(await files.list(till, 1)).toEqual([])
  for (const seal of [1, 10]) await files.write(files.path(SHOP, seal, B), Buffer.from('three'))
  expect(await files.list(SHOP, 1)).toEqual([path, files.path(SHOP, 1, B)])
})

test('evidence.zip is the pack it was pointed to last; the one before stays under its own name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-packs-'))
  const files = packFiles(folder)
  const [second, third] = [files.path(SHOP, 2, A), files.path(SHOP, 3, B)]
  await files.write(second, Buffer.from('promoted'))
  await files.write(third, Buffer.from('rolled back'))
  for (const path of [second, second, third]) await files.point(SHOP, path)
  expect(readFileSync(files.newest(SHOP), 'utf8')).toBe('rolled back')
  expect(readFileSync(second, 'utf8')).toBe('promoted')
  expect(readdirSync(join(folder, ...PLACE))).toHaveLength(3)
  await files.point(SHOP, second)
  expect(readFileSync(files.newest(SHOP), 'utf8')).toBe('promoted')
  expect(readFileSync(third, 'utf8')).toBe('rolled back')
})

test('a place that cannot be written or read is an error, never an absent pack', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-packs-'))
  writeFileSync(join(folder, 'acme'), 'a file where the folder should be')
  const files = packFiles(folder)
  await expect(files.write(files.path(SHOP, 2, A), Buffer.from('x'))).rejects.toThrow(/EEXIST|ENOTDIR/)
  await expect(files.list(SHOP, 2)).rejects.toThrow(/ENOTDIR/)
  await expect(files.read(files.path(SHOP, 2, A))).rejects.toThrow(/ENOTDIR/)
})
