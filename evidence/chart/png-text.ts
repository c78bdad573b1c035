/** Words inside a PNG (chunks `iTXt`, PNG specification 11.3.3.4): its title and alternative text travel with it. Pure. */
import { crc32 } from 'node:zlib'

export interface PngText {
  /** 1 to 79 Latin letters, such as `Title`, `Description`, `Software`. */
  readonly keyword: string
  readonly text: string
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/** The words stand right behind the header. @param png as an encoder wrote it */
export function withText(png: Uint8Array, texts: readonly PngText[]): Uint8Array {
  const [header, ...rest] = chunksOf(png) ?? []
  if (header === undefined) return png
  const words = texts.map(({ keyword, text }) => ({ type: 'iTXt', data: Buffer.from(`${keyword}\0\0\0\0\0${text}`) }))
  return written([header, ...words, ...rest])
}

/** The words of a PNG by keyword; null when it is none. */
export function textOf(png: Uint8Array): ReadonlyMap<string, string> | null {
  const chunks = chunksOf(png)
  if (chunks === null) return null
  return new Map(chunks.flatMap((chunk) => (chunk.type === 'iTXt' ? [wordsOf(chunk.data)] : [])))
}

/** The same PNG without the words of one keyword: what is left must be the same whoever drew it. */
export function withoutText(png: Uint8Array, keyword: string): Uint8Array {
  const chunks = chunksOf(png)
  return chunks === null ? png : written(chunks.filter((chunk) => chunk.type !== 'iTXt' || wordsOf(chunk.data)[0] !== keyword))
}

/** Null when a length runs over the end, or something follows the last chunk. */
function chunksOf(png: Uint8Array): Chunk[] | null {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) return null
  const chunks: Chunk[] = []
  let at = 8
  while (at + 12 <= bytes.length) {
    const length = bytes.readUInt32BE(at)
    if (at + 12 + length > bytes.length) return null
    chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return at === bytes.length && chunks.length > 0 ? chunks : null
}

function written(chunks: readonly Chunk[]): Uint8Array {
  const parts = chunks.map(({ type, data }) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    checksum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, checksum])
  })
  return new Uint8Array(Buffer.concat([SIGNATURE, ...parts]))
}

/** Keyword, and what follows the two flags, the language and the translated keyword. */
function wordsOf(data: Uint8Array): [string, string] {
  const bytes = Buffer.from(data)
  const end = bytes.indexOf(0)
  const language = bytes.indexOf(0, end + 3)
  const start = bytes.indexOf(0, language + 1) + 1
  return [bytes.toString('latin1', 0, Math.max(0, end)), bytes.toString('utf8', start)]
}
