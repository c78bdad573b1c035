import { randomBytes } from 'node:crypto'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openArchiveFile } from '../../../../app/cli/evidence/archive-file.ts'
import { emptyFolder } from '../harness.ts'

const bytes = randomBytes((9 << 20) + 17)
const path = join(emptyFolder(), 'a.zip')
writeFileSync(path, bytes)

test('any range is what the file holds, in whatever order, larger than the window or not', () => {
  using archive = openArchiveFile(path)
  expect(archive.size).toBe(bytes.length)
  const ranges = [
    [bytes.length - 22, bytes.length],
    [0, 30],
    [10, 20],
    [(4 << 20) - 5, (4 << 20) + 5],
    [5, 6 << 20],
    [7, 8],
    [0, bytes.length],
    [3, 3],
  ] as const
  for (const [from, to] of ranges) expect(bytes.subarray(from, to).equals(archive.read(from, to))).toBe(true)
})

test('of a file that was cut meanwhile there are fewer bytes, and no old ones', () => {
  const cut = join(emptyFolder(), 'b.zip')
  writeFileSync(cut, bytes)
  using archive = openArchiveFile(cut)
  archive.read(0, 10)
  truncateSync(cut, 5 << 20)
  expect(archive.read(0, bytes.length).length).toBe(5 << 20)
  expect(archive.read(6 << 20, 7 << 20).length).toBe(0)
})

test('an empty file has no bytes; one that is not there is an error of the disk', () => {
  const empty = join(emptyFolder(), 'c.zip')
  writeFileSync(empty, '')
  using archive = openArchiveFile(empty)
  expect([archive.size, archive.read(0, 0).length]).toEqual([0, 0])
  expect(() => openArchiveFile(`${empty}x`)).toThrow('ENOENT')
})
