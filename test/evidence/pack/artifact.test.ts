import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ARTIFACT_CAPS, readArtifact } from '../../../evidence/pack/artifact.ts'
import { PackError } from '../../../evidence/pack/error.ts'
import { archive, type Frame, type Lie } from './archives.ts'

const json = Buffer.from(JSON.stringify({ some: 'report', long: 'x'.repeat(500) }))
const a: Lie = { name: 'ci/commit_lint.json', data: json, deflate: true }
const b: Lie = { name: 'hardening/images.json', data: Buffer.from('{}'), deflate: true }

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof PackError) return error.code
    throw error
  }
}

describe('readArtifact', () => {
  test.each<readonly [string, readonly Lie[]]>([
    ['deflated', [a, b]],
    [
      'stored',
      [
        { ...a, deflate: false },
        { ...b, deflate: false },
      ],
    ],
    [
      'with descriptors',
      [
        { ...a, descriptor: 'marked' },
        { ...b, descriptor: 'marked' },
      ],
    ],
    [
      'with bare descriptors',
      [
        { ...a, descriptor: 'bare' },
        { ...b, descriptor: 'bare' },
      ],
    ],
    [
      'with any time, mode, order, UTF-8 flag and time stamps',
      [
        { ...b, time: 0x5a5a, mode: 0o100600, flags: 0x800 },
        { ...a, extra: Buffer.from([0x55, 0x54, 1, 0, 0]) },
      ],
    ],
    ['with folders', [{ name: 'ci/', data: Buffer.from(''), mode: 0o040755 }, a, b]],
  ])('reads an archive %s', (_name, entries) => {
    const files = readArtifact(archive(entries))
    expect([...files.keys()].toSorted()).toEqual([a.name, b.name])
    expect(Buffer.from(files.get(a.name) ?? []).equals(json)).toBe(true)
  })

  test('reads empty files, and an archive of nothing', () => {
    expect(readArtifact(archive([{ ...a, data: Buffer.from('') }])).get(a.name)).toEqual(new Uint8Array())
    expect(readArtifact(archive([])).size).toBe(0)
  })

  const x = Buffer.from('hidden')
  const packed = Buffer.from([0x4b, 0x04, 0x00])
  test.each<[string, readonly Lie[], string, Frame?]>([
    ['a name twice', [a, a], 'zip-duplicate'],
    [
      'a folder and a file of one name',
      [
        { name: 'ci/', data: Buffer.from('') },
        { ...b, name: 'ci' },
      ],
      'zip-duplicate',
    ],
    ['names that differ in case', [a, { ...a, name: 'ci/Commit_lint.json' }], 'zip-duplicate'],
    ['a climb', [{ ...a, name: '../a' }], 'zip-name'],
    ['a climb in the middle', [{ ...a, name: 'a/../../b' }], 'zip-name'],
    ['an absolute name', [{ ...a, name: '/a' }], 'zip-name'],
    ['a backslash', [{ ...a, name: 'a\\b' }], 'zip-name'],
    ['a NUL', [{ ...a, name: 'a\0' }], 'zip-name'],
    ['a folder that climbs', [{ name: '../', data: Buffer.from('') }], 'zip-name'],
    ['a link', [{ ...a, mode: 0o120777 }], 'zip-unsupported'],
    ['an encrypted entry', [{ ...a, flags: 1 }], 'zip-unsupported'],
    ['another method', [{ ...a, method: 12 }], 'zip-unsupported'],
    ['another local name', [{ ...a, localName: 'ci/commit_lint.jsox' }], 'zip-name'],
    ['a wrong checksum', [{ ...a, crc: 7 }], 'zip-checksum'],
    ['a wrong local checksum', [{ ...a, localCrc: 7 }], 'zip-structure'],
    ['more data than it says', [{ ...a, size: 10 }], 'zip-structure'],
    ['less data than it says', [{ ...a, size: json.length + 1 }], 'zip-structure'],
    ['data that is not deflate', [{ ...a, deflate: false, method: 8 }], 'zip-structure'],
    ['bytes after the packed data', [{ name: 'a', data: Buffer.concat([packed, x]), method: 8, size: 1, crc: 0xe8b7be43 }], 'zip-structure'],
    ['a stored entry with two sizes', [{ ...a, deflate: false, size: 3 }], 'zip-structure'],
    ['hidden bytes', [{ ...a, gap: x }, b], 'zip-structure'],
    ['hidden bytes at the front', [a], 'zip-structure', { before: x }],
    ['an unlisted entry', [a, b], 'zip-structure', { count: 1 }],
    ['a comment', [a], 'zip-structure', { comment: 'x' }],
    ['a folder with content', [{ name: 'a/', data: x }], 'zip-structure'],
  ])('refuses %s', (_name, entries, code, frame) => {
    expect(codeOf(() => readArtifact(archive(entries, frame)))).toBe(code)
  })

  test('refuses bombs by what they say and by what they hold', () => {
    const zeros = Buffer.alloc(8 * 1024 * 1024)
    expect(codeOf(() => readArtifact(archive([{ name: 'a', data: zeros, deflate: true }])))).toBe('zip-limit')
    expect(codeOf(() => readArtifact(archive([{ name: 'a', data: zeros, deflate: true, size: 1000 }])))).toBe('zip-structure')
    const caps = { ...ARTIFACT_CAPS, ratio: 5000, totalBytes: 15 * 1024 * 1024 }
    expect(codeOf(() => readArtifact(archive(['a', 'b'].map((name) => ({ name, data: zeros, deflate: true }))), caps))).toBe('zip-limit')
    expect(codeOf(() => readArtifact(archive([a, b]), { ...caps, entries: 1 }))).toBe('zip-limit')
    expect(codeOf(() => readArtifact(archive([a]), { ...caps, entryBytes: 100 }))).toBe('zip-limit')
  })

  test('a cut or flipped archive is refused or has the same files, never others', () => {
    const bytes = archive([a, { ...b, descriptor: 'marked' }])
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const flipped = Uint8Array.from(bytes)
        flipped[at] = (flipped[at] ?? 0) ^ mask
        expect(codeOf(() => readArtifact(bytes.subarray(0, at)))).not.toBe('no error')
        if (codeOf(() => readArtifact(flipped)) !== 'no error') return
        for (const data of readArtifact(flipped).values()) expect([json.toString(), '{}']).toContain(Buffer.from(data).toString())
      }),
      { numRuns: 2000 },
    )
  })

  test('reads what Python writes, to a file and to a pipe, where there is Python; in CI there is', () => {
    const here = spawnSync('python3', ['-h']).error === undefined
    expect(here || process.env['CI'] === undefined).toBe(true)
    if (!here) return
    const folder = mkdtempSync(join(tmpdir(), 'artifact-'))
    const program = [
      'import sys,zipfile,io',
      'class Pipe(io.RawIOBase):',
      '  def __init__(s,f): s.f=f',
      '  def writable(s): return True',
      '  def write(s,b): return s.f.write(b)',
      'def fill(z):',
      '  z.writestr("ci/a.json","{}"*100); z.writestr("b","x")',
      'fill(zipfile.ZipFile(sys.argv[1]+"/file.zip","w",zipfile.ZIP_DEFLATED))',
      'with open(sys.argv[1]+"/pipe.zip","wb") as f:',
      '  with zipfile.ZipFile(Pipe(f),"w",zipfile.ZIP_DEFLATED) as z: fill(z)',
    ]
    try {
      execFileSync('python3', ['-c', program.join('\n'), folder])
      for (const name of ['file.zip', 'pipe.zip']) {
        const files = readArtifact(readFileSync(join(folder, name)))
        expect([...files].map(([path, data]) => [path, data.length])).toEqual([
          ['ci/a.json', 200],
          ['b', 1],
        ])
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
