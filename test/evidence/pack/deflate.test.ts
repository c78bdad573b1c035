import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { deflate, DEFLATED, inflate, isBomb, PACKER, STORED } from '../../../evidence/pack/deflate.ts'
import type { ZipEntry } from '../../../evidence/pack/zip-records.ts'

const text = (size: number): Uint8Array => Buffer.alloc(size, 'at 12:00 all was well; ')
const noise = (size: number): Uint8Array => {
  let state = 1
  return Uint8Array.from({ length: size }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16)
}

describe('deflate', () => {
  test.each<[string, Uint8Array, number]>([
    ['nothing', text(0), STORED],
    ['a few bytes', text(63), STORED],
    ['a line', text(64), DEFLATED],
    ['a log', text(500_000), DEFLATED],
    ['noise', noise(200), STORED],
    ['much noise', noise(300_000), STORED],
    ['noise with a text in its middle', Buffer.concat([noise(40_000), text(40_000), noise(40_000)]), DEFLATED],
    ['what only a bomb packs like', new Uint8Array(2 << 20), STORED],
    ['the same, but small', new Uint8Array(1 << 20), DEFLATED],
  ])('%s', async (_what, bytes, method) => {
    const packed = await deflate(bytes)
    expect(packed.method).toBe(method)
    expect(packed.packed).toEqual(method === STORED ? bytes : deflateRawSync(bytes, { level: PACKER.level }))
    expect(isBomb(bytes.length, packed.packed.length)).toBe(false)
  })
})

const entry = (of: Partial<ZipEntry>): ZipEntry => ({
  path: 'a',
  method: 8,
  flags: 0,
  crc: 0,
  size: 0,
  packed: new Uint8Array(),
  folder: false,
  ...of,
})

describe('inflate', () => {
  test('gives what was deflated', () => {
    for (const size of [0, 1, 70_000, 3 << 20]) {
      const whole = entry({ packed: deflateRawSync(text(size)), size })
      expect(Buffer.from(inflate(whole)).equals(text(size))).toBe(true)
    }
  })

  test.each<[string, Partial<ZipEntry>, string]>([
    ['another method', { method: 12 }, 'zip-unsupported'],
    ['a stored entry with two sizes', { method: 0, size: 1 }, 'zip-structure'],
    ['noise', { packed: Buffer.from([0xff, 0xff]), size: 9 }, 'zip-structure'],
    ['cut data', { packed: deflateRawSync(text(900)).subarray(0, 9), size: 900 }, 'zip-structure'],
    ['more than it says', { packed: deflateRawSync(text(900)), size: 899 }, 'zip-structure'],
    ['less than it says', { packed: deflateRawSync(text(900)), size: 901 }, 'zip-structure'],
    ['bytes after the end', { packed: Buffer.concat([deflateRawSync(text(900)), Buffer.from('x')]), size: 900 }, 'zip-structure'],
  ])('refuses %s', (_what, of, code) => {
    expect(() => inflate(entry(of))).toThrow(expect.objectContaining({ code, path: 'a' }))
  })

  test('takes no memory for what is only claimed', () => {
    const before = process.memoryUsage().arrayBuffers
    expect(() => inflate(entry({ packed: deflateRawSync('a'), size: 64 << 20 }))).toThrow(expect.objectContaining({ code: 'zip-structure' }))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThanOrEqual(9 << 20)
  })
})
