/** The one writer of packs: files from anywhere in, archive out in one pass; each byte is hashed once, and no more than a window of files is held. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { sha256 } from '../core/digest.ts'
import { collision, isSafePath } from '../core/path.ts'
import { deflate, STORED } from './deflate.ts'
import { PackError } from './error.ts'
import { byPlace, directoryHeader, endRecord, isLast, localHeader, type EntryForm } from './zip-form.ts'
import { PACK_CAPS } from './caps.ts'
import type { Caps } from './zip-records.ts'

/** Bytes, or how to get them when their turn comes. */
export type Source = Uint8Array | (() => Uint8Array | Promise<Uint8Array>)

/** Takes the archive, piece after piece. */
export interface Sink {
  write(pieces: readonly Uint8Array[]): Promise<void>
}

/** An entry as it lies in the archive. */
export interface Written extends EntryForm {
  readonly sha256: string
}

/** SHA-256 and number of bytes. */
export interface Digest {
  readonly sha256: string
  readonly size: number
}

export interface ZipWriter {
  /** In the order of {@link byPlace}, each deflated where it pays. @throws PackError `zip-name`, `zip-duplicate`, `zip-limit`, with the file */
  add(files: ReadonlyMap<string, Source>): Promise<readonly Written[]>
  /** As it is. */
  store(path: string, bytes: Uint8Array): Promise<Written>
  /** Everything written so far. */
  digest(): Digest
  /** The directory. @returns the whole archive */
  end(): Promise<Digest>
}

/** Bytes of files, unpacked, that wait for the pool of threads. One larger file waits alone. */
const WINDOW = 12 * 1024 * 1024
const WINDOW_FILES = 8

export function zipWriter(sink: Sink, caps: Caps = PACK_CAPS): ZipWriter {
  const hash = createHash('sha256')
  const directory: Uint8Array[] = []
  const names: string[] = []
  let [size, directorySize, unpacked] = [0, 0, 0]

  async function write(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      hash.update(piece)
      size += piece.length
    }
    await sink.write(pieces)
  }

  async function put(entry: Written, packed: Uint8Array): Promise<Written> {
    const header = directoryHeader(entry, size)
    unpacked += entry.size
    if (entry.size > caps.entryBytes)
      throw new PackError('zip-limit', entry.path, `${entry.size} bytes; a file of a pack holds at most ${caps.entryBytes}`)
    directorySize += header.length
    if (Math.max(unpacked, size + packed.length + directorySize) + 22 > caps.totalBytes)
      throw new PackError('zip-limit', entry.path, `a pack holds at most ${caps.totalBytes} bytes`)
    directory.push(header)
    names.push(entry.path)
    await write([localHeader(entry), packed])
    return entry
  }

  return {
    async add(files) {
      const paths = [...files.keys()].toSorted(byPlace)
      checkNames([...names, ...paths], caps)
      const written: Written[] = []
      const waiting: { readonly size: number; readonly packed: Promise<readonly [Written, Uint8Array]> }[] = []
      let held = 0
      const isFull = (): boolean => held > WINDOW || waiting.length > WINDOW_FILES
      const settle = async (): Promise<void> => {
        const first = waiting.shift()
        if (first === undefined) return
        written.push(await put(...(await first.packed)))
        held -= first.size
      }
      for (const path of paths) {
        const source = files.get(path) ?? new Uint8Array()
        const bytes = typeof source === 'function' ? await source() : source
        const packed = pack(path, bytes)
        // Whoever stops half-way leaves these behind; their failure is then nobody's.
        packed.catch(() => {})
        waiting.push({ size: bytes.length, packed })
        held += bytes.length
        while (isFull()) await settle()
      }
      while (waiting.length > 0) await settle()
      return written
    },
    async store(path, bytes) {
      checkNames([...names, path], caps)
      return put({ ...facts(path, bytes), method: STORED, packedSize: bytes.length }, bytes)
    },
    digest: () => ({ sha256: hash.copy().digest('hex'), size }),
    async end() {
      await write([...directory, endRecord(directory.length, directorySize, size)])
      return { sha256: hash.digest('hex'), size }
    },
  }
}

async function pack(path: string, bytes: Uint8Array): Promise<readonly [Written, Uint8Array]> {
  const work = isLast(path) ? { method: STORED, packed: bytes } : deflate(bytes)
  const known = facts(path, bytes)
  const { method, packed } = await work
  return [{ ...known, method, packedSize: packed.length }, packed]
}

function facts(path: string, bytes: Uint8Array): Pick<Written, 'path' | 'crc' | 'size' | 'sha256'> {
  return { path, crc: crc32(bytes), size: bytes.length, sha256: sha256(bytes) }
}

function checkNames(paths: readonly string[], caps: Caps): void {
  const odd = paths.find((path) => !isSafePath(path))
  if (odd !== undefined) throw new PackError('zip-name', odd.slice(0, 300), `${JSON.stringify(odd.slice(0, 100))} is not a safe relative path`)
  const pair = collision(paths)
  if (pair !== undefined) throw new PackError('zip-duplicate', pair[1], `${pair[0]} and ${pair[1]} cannot lie side by side on every file system`)
  if (paths.length > caps.entries) throw new PackError('zip-limit', '', `${paths.length} files; a pack holds at most ${caps.entries}`)
}

/** A sink that keeps everything. */
export function memorySink(): Sink & { bytes(): Uint8Array } {
  const kept: Uint8Array[] = []
  return {
    write: (pieces) => Promise.resolve(void kept.push(...pieces)),
    bytes: () => new Uint8Array(Buffer.concat(kept)),
  }
}
