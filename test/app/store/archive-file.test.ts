import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withArchive, writeWhole } from '../../../app/store/archive-file.ts'
import { scanArchive, scanZip } from '../../../evidence/pack/zip.ts'
import { zipWriter } from '../../../evidence/pack/zip-writer.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'conductor-archive-'))

test('what is written piece after piece is read back range by range', async () => {
  const place = folder()
  const path = join(place, 'evidence.zip')
  const files = new Map(Array.from({ length: 12 }, (_, index) => [`chaos/log-${index}`, Buffer.alloc(900_000, `${index} was here; `)]))
  files.set('chaos/key', Buffer.from(crypto.getRandomValues(new Uint8Array(65_536))))
  const whole = await writeWhole(path, async (sink) => {
    const writer = zipWriter(sink)
    await writer.add(files)
    return writer.end()
  })
  expect(readdirSync(place)).toEqual(['evidence.zip'])
  const bytes = readFileSync(path)
  const fromDisk = await withArchive(path, (archive) => scanArchive(archive))
  expect(fromDisk).toMatchObject({ errors: [], sha256: whole.sha256 })
  expect(fromDisk).toEqual(scanZip(bytes))
})

test('any range, in any order, is what the file holds; beyond its end there is nothing', async () => {
  const path = join(folder(), 'file')
  const bytes = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251)
  writeFileSync(path, bytes)
  await withArchive(path, async (archive) => {
    expect(archive.size).toBe(bytes.length)
    for (const [from, to] of [
      [0, 10],
      [4_999_990, 5_000_000],
      [1, 4_900_000],
      [100, 200],
      [4_200_000, 4_200_100],
      [3, 3],
      [4_999_999, 9_000_000],
    ] as const)
      expect([from, to, Buffer.from(await archive.read(from, to)).equals(bytes.subarray(from, to))]).toEqual([from, to, true])
    expect(await archive.read(6_000_000, 6_000_010)).toHaveLength(0)
  })
})

test('a write that fails leaves the file as it was, and nothing else', async () => {
  const place = folder()
  const path = join(place, 'evidence.zip')
  writeFileSync(path, 'before')
  const failing = writeWhole(path, async (sink) => {
    await sink.write([Buffer.from('half')])
    throw new Error('the store is away')
  })
  await expect(failing).rejects.toThrow('the store is away')
  expect([readdirSync(place), readFileSync(path, 'utf8')]).toEqual([['evidence.zip'], 'before'])
})

test('a file that is not there is an error', async () => {
  await expect(withArchive(join(folder(), 'none'), async () => 1)).rejects.toThrow(/ENOENT/)
  await expect(writeWhole(join(folder(), 'none', 'x'), async () => 1)).rejects.toThrow(/ENOENT/)
})
