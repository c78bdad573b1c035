import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { collision, isSafePath } from '../../../evidence/core/path.ts'
import { PackError } from '../../../evidence/pack/error.ts'
import { PACK_CAPS, readZip, scanZip, writeZip } from '../../../evidence/pack/zip.ts'
import { archive, type Frame, type Lie } from './archives.ts'

const FILES = new Map<string, Uint8Array>([
  ['manifest.json', Buffer.from('{}')],
  ['audit/ledger.jsonl', Buffer.from('a\nb\n')],
  ['empty', new Uint8Array()],
  ['bin', Uint8Array.from({ length: 300 }, (_, index) => index % 256)],
])
const zip = writeZip(FILES)

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof PackError) return error.code
    throw error
  }
}

const named = (...names: string[]): Map<string, Uint8Array> => new Map(names.map((name) => [name, Buffer.from('ab')]))

describe('writeZip', () => {
  test('gives the same bytes on every machine, in any order of the files', () => {
    expect(sha256(writeZip(new Map([...FILES].toReversed())))).toBe(sha256(zip))
    expect(sha256(zip)).toBe('079a43074b1ee786a19a680445105d348cdeb2437d637d116707312389c09e84')
  })

  test('is read back whole, sorted by name', () => {
    const read = readZip(zip)
    expect([...read.keys()]).toEqual(['audit/ledger.jsonl', 'bin', 'empty', 'manifest.json'])
    for (const [path, bytes] of FILES) expect(Buffer.from(read.get(path) ?? []).equals(bytes)).toBe(true)
    expect(readZip(writeZip(new Map())).size).toBe(0)
  })

  test('reads back what it wrote, whatever it was', () => {
    const path = fc.string({ unit: fc.constantFrom('a', 'B', '1', '-', '_', '.', '/'), minLength: 1, maxLength: 12 }).filter(isSafePath)
    fc.assert(
      fc.property(fc.dictionary(path, fc.uint8Array({ maxLength: 40 })), (record) => {
        const files = new Map(Object.entries(record))
        fc.pre(collision(files.keys()) === undefined)
        const read = readZip(writeZip(files))
        expect([...read.keys()].toSorted()).toEqual([...files.keys()].toSorted())
        for (const [name, data] of files) expect(Buffer.from(read.get(name) ?? []).equals(data)).toBe(true)
      }),
    )
  })

  test.each(['../a', '/a', 'a\\b', 'a/../b', 'é', 'con', ''])('refuses the name %j', (name) => {
    expect(codeOf(() => writeZip(new Map([[name, Buffer.from('')]])))).toBe('zip-name')
  })

  test('refuses names that one file system cannot hold, and more than its caps', () => {
    expect(codeOf(() => writeZip(named('a', 'A')))).toBe('zip-duplicate')
    expect(codeOf(() => writeZip(named('a', 'a/b')))).toBe('zip-duplicate')
    expect(codeOf(() => writeZip(named('a', 'b'), { ...PACK_CAPS, entries: 1 }))).toBe('zip-limit')
    expect(codeOf(() => writeZip(named('a'), { ...PACK_CAPS, entryBytes: 1 }))).toBe('zip-limit')
    expect(codeOf(() => writeZip(named('a', 'b'), { ...PACK_CAPS, totalBytes: 40 }))).toBe('zip-limit')
  })
})

describe('readZip', () => {
  test('refuses every flipped bit of every byte', () => {
    for (let at = 0; at < zip.length; at += 1)
      for (const bit of [1, 2, 8, 32, 128]) {
        const flipped = Uint8Array.from(zip)
        flipped[at] = (flipped[at] ?? 0) ^ bit
        expect([at, bit, codeOf(() => readZip(flipped))]).not.toEqual([at, bit, 'no error'])
      }
  })

  test('refuses every cut, and bytes on either side', () => {
    for (let end = 0; end < zip.length; end += 1) expect(codeOf(() => readZip(zip.subarray(0, end)))).not.toBe('no error')
    expect(codeOf(() => readZip(Buffer.concat([zip, Buffer.from('\0')])))).toBe('zip-structure')
    expect(codeOf(() => readZip(Buffer.concat([Buffer.from('\0'), zip])))).toBe('zip-structure')
    expect(codeOf(() => readZip(Buffer.concat([zip, zip])))).toBe('zip-structure')
  })

  const a: Lie = { name: 'a', data: Buffer.from('aaaa') }
  const b: Lie = { name: 'b', data: Buffer.from('bbbb') }
  test('accepts exactly the profile', () => {
    expect([...readZip(archive([a, b])).keys()]).toEqual(['a', 'b'])
  })

  const x = Buffer.from('hidden')
  test.each<[string, readonly Lie[], string, Frame?]>([
    ['a name twice', [a, a], 'zip-duplicate'],
    ['names that differ in case', [{ ...a, name: 'A' }, a], 'zip-duplicate'],
    ['a file that is a folder too', [a, { ...b, name: 'a/b' }], 'zip-duplicate'],
    ['names out of order', [b, a], 'zip-not-canonical'],
    ['a deflated entry', [{ ...a, deflate: true }], 'zip-unsupported'],
    ['a data descriptor', [{ ...a, descriptor: 'marked' }], 'zip-not-canonical'],
    ['an extra field', [{ ...a, extra: Buffer.from([0x55, 0x54, 1, 0, 0]) }], 'zip-not-canonical'],
    ['another time', [{ ...a, time: 1 }], 'zip-not-canonical'],
    ['other permissions', [{ ...a, mode: 0o100755 }], 'zip-not-canonical'],
    ['a UTF-8 flag', [{ ...a, flags: 0x800 }], 'zip-not-canonical'],
    ['an encrypted entry', [{ ...a, flags: 1 }], 'zip-unsupported'],
    ['strong encryption', [{ ...a, flags: 0x40 }], 'zip-unsupported'],
    ['a masked header', [{ ...a, flags: 0x2000 }], 'zip-unsupported'],
    ['a link', [{ ...a, mode: 0o120777 }], 'zip-unsupported'],
    ['a device', [{ ...a, mode: 0o020644 }], 'zip-unsupported'],
    ['a folder', [{ name: 'a/', data: Buffer.from(''), mode: 0o040755 }], 'zip-unsupported'],
    ['an entry comment', [{ ...a, comment: 'x' }], 'zip-unsupported'],
    ['a wrong checksum', [{ ...a, crc: 1 }], 'zip-checksum'],
    ['two checksums', [{ ...a, localCrc: 1 }], 'zip-structure'],
    ['two sizes', [{ ...a, size: 5 }], 'zip-unsupported'],
    ['two names', [{ ...a, localName: 'b' }], 'zip-name'],
    ['hidden bytes between entries', [{ ...a, gap: x }, b], 'zip-structure'],
    ['hidden bytes before the directory', [a], 'zip-structure', { beforeDirectory: x }],
    ['hidden bytes after the directory', [a], 'zip-structure', { afterDirectory: x }],
    ['hidden bytes at the front', [a], 'zip-structure', { before: x }],
    ['an entry the directory does not list', [a], 'zip-structure', { beforeDirectory: archive([b]).subarray(0, 35) }],
    ['a comment', [a], 'zip-structure', { comment: 'x' }],
    ['a comment that is a second end record', [a], 'zip-structure', { comment: Buffer.from(archive([]).subarray(0, 22)).toString('latin1') }],
    ['a larger count', [a], 'zip-structure', { count: 2 }],
    ['a smaller count', [a, b], 'zip-structure', { count: 1 }],
    ['an overlap', [a, { ...b, offset: 0 }], 'zip-structure'],
    ['an offset beyond the end', [{ ...a, offset: 4_000_000_000 }], 'zip-structure'],
    ['a climb', [{ ...a, name: '../a' }], 'zip-name'],
    ['an absolute name', [{ ...a, name: '/a' }], 'zip-name'],
    ['a drive', [{ ...a, name: 'C:a' }], 'zip-name'],
    ['a backslash', [{ ...a, name: 'a\\b' }], 'zip-name'],
    ['a NUL', [{ ...a, name: 'a\0b' }], 'zip-name'],
    ['a reserved name', [{ ...a, name: 'aux.txt' }], 'zip-name'],
    ['an empty name', [{ ...a, name: '' }], 'zip-name'],
    ['a second name in an extra field', [{ ...a, extra: Buffer.from([0x75, 0x70, 1, 0, 0]) }], 'zip-name'],
    ['a broken extra field', [{ ...a, extra: Buffer.from([0x55, 0x54, 9, 0, 0]) }], 'zip-structure'],
    ['ZIP64 sizes', [{ ...a, size: 0xffffffff, packedSize: 0xffffffff }], 'zip-limit'],
  ])('refuses %s', (_name, entries, code, frame) => {
    expect(codeOf(() => readZip(archive(entries, frame)))).toBe(code)
  })

  test('keeps its caps', () => {
    const bytes = archive([a, b])
    expect(codeOf(() => readZip(bytes, { ...PACK_CAPS, entries: 1 }))).toBe('zip-limit')
    expect(codeOf(() => readZip(bytes, { ...PACK_CAPS, entryBytes: 3 }))).toBe('zip-limit')
    expect(codeOf(() => readZip(bytes, { ...PACK_CAPS, totalBytes: 7 }))).toBe('zip-limit')
    expect(codeOf(() => readZip(archive([], { count: 65_000 })))).toBe('zip-limit')
  })

  test('names each file with a wrong checksum, and still gives the rest', () => {
    const { files, errors } = scanZip(
      archive([
        { ...a, crc: 1 },
        { ...b, crc: 2 },
        { name: 'c', data: x },
      ]),
    )
    expect(errors.map((error) => `${error.code} ${error.path}`)).toEqual(['zip-checksum a', 'zip-checksum b'])
    expect(files?.get('c')).toEqual(new Uint8Array(x))
  })

  test('never throws anything but PackError at noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(zip.length), fc.nat(zip.length), (noise, from, to) => {
        const mixed = Buffer.concat([zip.subarray(0, from), noise, zip.subarray(to)])
        expect(codeOf(() => readZip(noise))).toMatch(/^zip-/)
        expect(codeOf(() => readZip(mixed))).toMatch(mixed.equals(zip) ? /^no error$/ : /^zip-/)
      }),
      { numRuns: 1000 },
    )
  })
})

const PYTHON = `
import sys, zipfile, hashlib
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist(): print(i.filename, hashlib.sha256(z.read(i)).hexdigest(), i.date_time[0])
`
/** Other people's readers: the files they find, with their digests. */
const READERS: Readonly<Record<string, (file: string, folder: string) => string[]>> = {
  unzip(file, folder) {
    execFileSync('unzip', ['-tq', file])
    execFileSync('unzip', ['-q', file, '-d', folder])
    return [...FILES.keys()]
      .map((path) => `${path} ${sha256(readFileSync(join(folder, path)))} ${statSync(join(folder, path)).mtime.getFullYear()}`)
      .toSorted()
  },
  python3: (file) => execFileSync('python3', ['-c', PYTHON, file], { encoding: 'utf8' }).trim().split('\n'),
}

test('other tools read it: those that are here, and in CI all of them', () => {
  const here = Object.keys(READERS).filter((tool) => spawnSync(tool, ['-h']).error === undefined)
  const folder = mkdtempSync(join(tmpdir(), 'pack-'))
  try {
    writeFileSync(join(folder, 'evidence.zip'), zip)
    const expected = [...FILES].map(([path, bytes]) => `${path} ${sha256(bytes)} 1980`).toSorted()
    for (const tool of here) expect([tool, READERS[tool]?.(join(folder, 'evidence.zip'), join(folder, tool))]).toEqual([tool, expected])
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(here.length).toBeGreaterThanOrEqual(process.env['CI'] === undefined ? 0 : 2)
})
