import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TarReader } from '../../../../evidence/sbom/image/tar.ts'
import { pax, tar } from './images.ts'

const ARCHIVE = tar([
  { path: 'folder/', flag: '5' },
  { path: 'folder/a', content: 'x'.repeat(700) },
  { path: 'x', flag: 'x', content: pax('path', 'folder/b') },
  { path: 'short', content: 'bytes' },
  { path: 'link', flag: '2', target: 'folder/a' },
])

function read(chunks: readonly Uint8Array[]): readonly string[] {
  const seen: string[] = []
  const reader = new TarReader(
    { entries: 10, file: 1000 },
    ({ path }) => path !== 'folder/a',
    ({ path, type }, bytes) => void seen.push(`${type} ${path} ${bytes === null ? '-' : new TextDecoder().decode(bytes)}`),
  )
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return seen
}

test('wherever the chunks are cut, the entries are the same', () => {
  const expected = ['folder folder -', 'file folder/a -', 'file folder/b bytes', 'symlink link -']
  expect(read([ARCHIVE])).toEqual(expected)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: ARCHIVE.length }), { maxLength: 8 }), (cuts) => {
      const ends = [...cuts, ARCHIVE.length].toSorted((a, b) => a - b)
      expect(read(ends.map((end, at) => ARCHIVE.subarray(ends[at - 1] ?? 0, end)))).toEqual(expected)
    }),
    { numRuns: 100 },
  )
})
