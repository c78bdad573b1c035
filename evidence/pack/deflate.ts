/** How the data of an entry is packed: deflate where it pays, by a fixed rule, and back again. To deflate is the work, and is done on the pool of threads. */
import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib'
import { PackError } from './error.ts'
import type { ZipEntry } from './zip-records.ts'

const KIBIBYTE = 1024
const MEBIBYTE = KIBIBYTE * KIBIBYTE

/** What the packed bytes depend on beside the files. @see evidence/pack/README.md */
export const PACKER = { zlib: process.versions.zlib, level: 6 } as const

export const STORED = 0
export const DEFLATED = 8

/** Smaller files are stored: a header costs more than is saved. */
const LEAST = 64
/** Larger files are probed first. */
const PROBED_FROM = 64 * KIBIBYTE
const PROBE = 8 * KIBIBYTE
/** What deflate makes of noise: the probe, and the heads of its blocks. */
const PROBE_MOST = PROBE + 64
/** A probe that keeps more than this share of its size will not shrink as a whole. */
const PROBE_KEEPS = 0.97
/** Unpacked over packed. A file over a mebibyte that would pack tighter is stored, so that a reader may refuse a tighter one as a bomb. */
export const RATIO = 200

/** Bytes -> method and the bytes to keep. A function of the bytes and of {@link PACKER}. */
export async function deflate(bytes: Uint8Array): Promise<{ readonly method: number; readonly packed: Uint8Array }> {
  const stored = { method: STORED, packed: bytes }
  if (bytes.length < LEAST || isIncompressible(bytes)) return stored
  const chunkSize = Math.min(MEBIBYTE, Math.max(KIBIBYTE, bytes.length >> 1))
  const packed = await promisify(deflateRaw)(bytes, { level: PACKER.level, chunkSize })
  if (packed.length >= bytes.length || isBomb(bytes.length, packed.length)) return stored
  return { method: DEFLATED, packed }
}

/** Sizes of an entry that only a bomb has. */
export function isBomb(size: number, packedSize: number): boolean {
  return size > MEBIBYTE && size > packedSize * RATIO
}

/** First, middle and last bytes, packed fast. Text shows at the first of them, for no two others can make up for it. */
function isIncompressible(bytes: Uint8Array): boolean {
  if (bytes.length < PROBED_FROM) return false
  const last = bytes.length - PROBE
  let kept = 0
  for (const [index, at] of [0, last >> 1, last].entries()) {
    kept += deflateRawSync(bytes.subarray(at, at + PROBE), { level: 1, chunkSize: PROBE_MOST }).length
    if (kept + (2 - index) * PROBE_MOST <= 3 * PROBE * PROBE_KEEPS) return false
  }
  return true
}

/** The typings know only the plain answer; `info: true` adds how much input was used. */
interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}
const options = (size: number): object => ({
  maxOutputLength: Math.max(1, size),
  // One more than the size, so that the answer is one piece and nothing is copied.
  chunkSize: Math.min(8 * MEBIBYTE, Math.max(KIBIBYTE, size + 1)),
  info: true,
})

/**
 * Data of an entry, all of it and nothing more. A claimed size takes no memory before the data is really there. On this thread: handing it to another
 * costs as much as doing it. @throws PackError `zip-structure`, `zip-unsupported`
 */
export function inflate(entry: ZipEntry): Uint8Array {
  if (isStored(entry)) return entry.packed
  try {
    return checked(entry, inflateRawSync(entry.packed, options(entry.size)) as unknown as Inflated)
  } catch (cause) {
    throw broken(entry, cause)
  }
}

function isStored({ path, method, packed, size }: ZipEntry): boolean {
  if (method !== STORED && method !== DEFLATED) throw new PackError('zip-unsupported', path, `compression method ${method}`)
  if (method === STORED && packed.length !== size) throw new PackError('zip-structure', path, 'a stored entry with two sizes')
  return method === STORED
}

function checked({ path, packed, size }: ZipEntry, { buffer, engine }: Inflated): Uint8Array {
  if (buffer.length !== size || engine.bytesWritten !== packed.length)
    throw new PackError('zip-structure', path, 'the packed data is not what its sizes say')
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

function broken({ path }: ZipEntry, cause: unknown): PackError {
  return cause instanceof PackError ? cause : new PackError('zip-structure', path, 'the packed data is broken or larger than it says', { cause })
}
