import { crc32, deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { PackError } from '../../../evidence/pack/error.ts'
import { PACK_CAPS, readZip, scanZip } from '../../../evidence/pack/zip.ts'
import { writeZip } from '../../support/zip.ts'
import { archive, type Frame, type Lie } from './archives.ts'

const zip = writeZip(
  new Map<string, Uint8Array>([
    ['manifest.json', Buffer.from('{}')],
    ['audit/ledger.jsonl', Buffer.from('a\nb\n')],
    ['empty', new Uint8Array()],
    ['bin', Uint8Array.from({ length: 300 }, (_, index) => index % 256)],
  ]),
)

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof PackError) return error.code
    throw error
  }
}

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
  const long: Lie = { name: 'a', data: Buffer.alloc(999, 'ab'), deflate: true }
  const b: Lie = { name: 'b', data: Buffer.from('bbbb') }
  test('accepts exactly the profile, stored or deflated', () => {
    expect([...readZip(archive([a, b])).keys()]).toEqual(['a', 'b'])
    expect(Buffer.from(readZip(archive([long])).get('a') ?? []).equals(long.data)).toBe(true)
  })

  const x = Buffer.from('hidden')
  test.each<[string, readonly Lie[], string, Frame?]>([
    ['a name twice', [a, a], 'zip-duplicate'],
    ['names that differ in case', [{ ...a, name: 'A' }, a], 'zip-duplicate'],
    ['a file that is a folder too', [a, { ...b, name: 'a/b' }], 'zip-duplicate'],
    ['names out of order', [b, a], 'zip-not-canonical'],
    ['another compression', [{ ...a, method: 12 }], 'zip-unsupported'],
    ['a deflated manifest', [{ name: 'manifest.json', data: Buffer.alloc(99), deflate: true }], 'zip-not-canonical'],
    ['a file behind the manifest', [{ ...a, name: 'manifest.json' }, b], 'zip-not-canonical'],
    ['a packed entry that is cut', [{ ...long, packedSize: 4, gap: Buffer.from('x') }], 'zip-structure'],
    ['a packed entry that is noise', [{ ...a, method: 8, size: 100 }], 'zip-structure'],
    ['a packed entry that is shorter than it says', [{ ...long, size: 1000 }], 'zip-structure'],
    ['a packed entry that is longer than it says', [{ ...long, size: 998 }], 'zip-structure'],
    [
      'bytes hidden behind packed data',
      [{ ...a, data: Buffer.concat([deflateRawSync('aaaa'), x]), method: 8, size: 4, crc: crc32('aaaa') }],
      'zip-structure',
    ],
    ['a bomb', [{ name: 'a', data: Buffer.alloc(2 << 20), deflate: true }], 'zip-limit'],
    ['four gigabytes claimed', [{ ...a, method: 8, size: 0xfffffffe }], 'zip-limit'],
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
    ['two sizes', [{ ...a, size: 5 }], 'zip-structure'],
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

  test('names each file that cannot be unpacked, gives an empty one for it, and goes on', () => {
    const { files, errors, entries } = scanZip(
      archive([
        { ...a, method: 8, size: 100 },
        { ...b, method: 8 },
        { name: 'c', data: x },
      ]),
    )
    expect(errors.map((error) => `${error.code} ${error.path}`)).toEqual(['zip-structure a', 'zip-structure b'])
    expect([...(files ?? [])].map(([path, bytes]) => [path, bytes.length])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 6],
    ])
    expect(entries.get('a')).toEqual({ sha256: sha256(''), size: 0 })
  })

  test('tells the digest of what lies before the manifest, of each file, and of all', () => {
    const scanned = scanZip(zip)
    const start = Buffer.from(zip).indexOf('manifest.json') - 30
    expect(scanned).toMatchObject({ before: { sha256: sha256(zip.subarray(0, start)), size: start }, sha256: sha256(zip), errors: [] })
    expect(scanned.entries.get('audit/ledger.jsonl')).toEqual({ sha256: sha256('a\nb\n'), size: 4 })
    const without = archive([a, b])
    expect(scanZip(without).before.size).toBe(70)
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
