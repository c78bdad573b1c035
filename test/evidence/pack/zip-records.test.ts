import { expect, test } from 'vitest'
import { readEntries } from '../../../evidence/pack/zip-records.ts'
import { archive } from './archives.ts'

const CAPS = { entries: 10, entryBytes: 4096, totalBytes: 4096, ratio: 2 }

const zeros = (size: number): unknown => readEntries(archive([{ name: 'a', data: Buffer.alloc(size) }]), CAPS)

test('answers entries in the order of the directory, with data as stored', () => {
  const entries = readEntries(
    archive([
      { name: 'b', data: Buffer.from('bb') },
      { name: 'a/', data: Buffer.from('') },
      { name: 'c', data: Buffer.from('cccccccc'), deflate: true },
    ]),
    CAPS,
  )
  expect(entries.map(({ path, folder, method, size, packed }) => [path, folder, method, size, packed.length])).toEqual([
    ['b', false, 0, 2, 2],
    ['a', true, 0, 0, 0],
    ['c', false, 8, 8, entries[2]?.packed.length],
  ])
  expect(Buffer.from(entries[0]?.packed ?? []).toString()).toBe('bb')
})

test('reads from the middle of a larger buffer', () => {
  const zip = archive([{ name: 'a', data: Buffer.from('x') }])
  const larger = Buffer.concat([Buffer.alloc(7, 1), zip, Buffer.alloc(5, 1)])
  expect(readEntries(larger.subarray(7, 7 + zip.length), CAPS).map((entry) => entry.path)).toEqual(['a'])
})

test('counts a size at its boundary', () => {
  expect(zeros(4096)).toHaveLength(1)
  expect(() => zeros(4097)).toThrow(expect.objectContaining({ code: 'zip-limit', path: 'a' }))
})
