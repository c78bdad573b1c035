import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { collision, isSafePath } from '../../../evidence/core/path.ts'
import { PACK_CAPS } from '../../../evidence/pack/caps.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { memorySink, zipWriter, type Sink, type Source } from '../../../evidence/pack/zip-writer.ts'
import { writeZip } from '../../support/zip.ts'

const STORED = new Map<string, Uint8Array>([
  ['manifest.json', Buffer.from('{}')],
  ['audit/ledger.jsonl', Buffer.from('a\nb\n')],
  ['empty', new Uint8Array()],
  ['bin', Uint8Array.from({ length: 256 }, (_, index) => index)],
])
const FILES = new Map<string, Uint8Array>([
  ...STORED,
  ['signatures/manifest.sigstore.json', Buffer.from('{"a":1}'.repeat(40))],
  ['slo/prod-10.json', Buffer.from('{"at":1}'.repeat(9_000))],
  ['slo/prod-10.png', noise(200_000)],
])

/** Bytes that nothing packs, always the same. */
function noise(size: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 16
  })
}

async function written(files: ReadonlyMap<string, Source>, caps = PACK_CAPS): Promise<Uint8Array> {
  const sink = memorySink()
  const writer = zipWriter(sink, caps)
  await writer.add(files)
  await writer.end()
  return sink.bytes()
}

const named = (...names: string[]): Map<string, Uint8Array> => new Map(names.map((name) => [name, Buffer.from('ab')]))

test('gives the same bytes in any order of the files', async () => {
  expect(sha256(await written(new Map([...FILES].toReversed())))).toBe(sha256(await written(FILES)))
})

test('gives the same bytes on every machine, while nothing pays to be deflated', async () => {
  const zip = await written(STORED)
  expect(zip).toEqual(writeZip(STORED))
  expect(sha256(zip)).toBe('00c881b7bf323153fb436b1fc13c1f278854a429dcb8baa5a9fee6ebc72f951e')
})

test('is read back whole: sorted by name, the manifest and its signature last', async () => {
  const read = readZip(await written(FILES))
  expect([...read.keys()]).toEqual([
    'audit/ledger.jsonl',
    'bin',
    'empty',
    'slo/prod-10.json',
    'slo/prod-10.png',
    'manifest.json',
    'signatures/manifest.sigstore.json',
  ])
  for (const [path, bytes] of FILES) expect([path, Buffer.from(read.get(path) ?? []).equals(bytes)]).toEqual([path, true])
  expect(readZip(await written(new Map())).size).toBe(0)
})

test('tells of each entry what the archive says of it, and of the archive its digest', async () => {
  const sink = memorySink()
  const writer = zipWriter(sink)
  const entries = await writer.add(FILES)
  expect(entries.map(({ path, size, sha256: digest }) => [path, size, digest])).toEqual(
    [...readZip(await written(FILES))].map(([path, bytes]) => [path, bytes.length, sha256(bytes)]),
  )
  expect(writer.digest()).toEqual({ sha256: sha256(sink.bytes()), size: sink.bytes().length })
  const whole = await writer.end()
  expect(whole).toEqual({ sha256: sha256(sink.bytes()), size: sink.bytes().length })
})

test('reads back what it wrote, whatever it was', async () => {
  const path = fc.string({ unit: fc.constantFrom('a', 'B', '1', '-', '_', '.', '/'), minLength: 1, maxLength: 12 }).filter(isSafePath)
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ minLength: 1, maxLength: 4 }).map((few) => Buffer.alloc(500, few)),
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(path, data), async (record) => {
      const files = new Map(Object.entries(record))
      fc.pre(collision(files.keys()) === undefined)
      const read = readZip(await written(files))
      expect([...read.keys()].toSorted()).toEqual([...files.keys()].toSorted())
      for (const [name, bytes] of files) expect(Buffer.from(read.get(name) ?? []).equals(bytes)).toBe(true)
    }),
  )
})

test('holds no more than a window of files, however many there are', async () => {
  let [held, most] = [0, 0]
  const size = 1 << 20
  const source = (): Uint8Array => {
    most = Math.max(most, (held += size))
    return Buffer.alloc(size, 'log line ')
  }
  const sink: Sink = { write: (pieces) => Promise.resolve(void (held -= pieces.length === 2 ? size : 0)) }
  const writer = zipWriter(sink)
  await writer.add(new Map(Array.from({ length: 60 }, (_, index) => [`log-${index}`, source])))
  expect(held).toBe(0)
  expect(most).toBeLessThanOrEqual(26 * size)
})

describe('refuses', () => {
  test.each(['../a', '/a', 'a\\b', 'a/../b', 'é', 'con', ''])('the name %j', async (name) => {
    await expect(written(named(name))).rejects.toMatchObject({ code: 'zip-name' })
  })

  test('names that one file system cannot hold', async () => {
    for (const files of [named('a', 'A'), named('a', 'a/b')]) await expect(written(files)).rejects.toMatchObject({ code: 'zip-duplicate' })
    const writer = zipWriter(memorySink())
    await writer.add(named('a'))
    await expect(writer.store('a', Buffer.from(''))).rejects.toMatchObject({ code: 'zip-duplicate', path: 'a' })
  })

  test('more than its caps, and names the file', async () => {
    await expect(written(named('a', 'b'), { ...PACK_CAPS, entries: 1 })).rejects.toMatchObject({ code: 'zip-limit' })
    await expect(written(named('a'), { ...PACK_CAPS, entryBytes: 1 })).rejects.toMatchObject({ code: 'zip-limit', path: 'a' })
    await expect(written(named('a', 'b'), { ...PACK_CAPS, totalBytes: 140 })).rejects.toMatchObject({ code: 'zip-limit', path: 'b' })
  })

  test('what cannot be read, with the error of who reads', async () => {
    await expect(
      written(
        new Map<string, Source>([
          ['a', Buffer.alloc(99)],
          ['b', () => Promise.reject(new Error('gone'))],
        ]),
      ),
    ).rejects.toThrow('gone')
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
    execFileSync('unzip', ['-tqq', file])
    execFileSync('unzip', ['-q', file, '-d', folder])
    return [...FILES.keys()]
      .map((path) => `${path} ${sha256(readFileSync(join(folder, path)))} ${statSync(join(folder, path)).mtime.getFullYear()}`)
      .toSorted()
  },
  python3: (file) => execFileSync('python3', ['-c', PYTHON, file], { encoding: 'utf8' }).trim().split('\n').toSorted(),
}

test('other tools read it: those that are here, and in CI all of them', async () => {
  const zip = await written(FILES)
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
