/**
 * The one form of a pack: a ZIP that is a function of its files. Names sorted by code unit, time fixed at 1980-01-01 00:00, data stored, no extras, no
 * descriptors, no comments, one end record. Stored and not deflated, because deflate gives other bytes on other machines and other zlib versions, and a
 * pack must be the same everywhere, years from now. Reading demands that very form: what is read, written again, must be the bytes that came.
 */
import { crc32 } from 'node:zlib'
import { collision, isSafePath } from '../core/path.ts'
import { PackError } from './error.ts'
import { CENTRAL, END, LOCAL, readEntries, type Caps } from './zip-records.ts'

const MEBIBYTE = 1024 * 1024

export const PACK_CAPS: Caps = { entries: 20_002, entryBytes: 64 * MEBIBYTE, totalBytes: 256 * MEBIBYTE, ratio: 1 }

/** DOS date of 1980-01-01, the first one there is. */
const DATE = 0x0021
const VERSION = 20
const MADE_BY_UNIX = 0x0300 | VERSION
const REGULAR_FILE_0644 = 0o100644 << 16

/** Files -> archive, the same bytes for the same files on every machine. @throws PackError `zip-name`, `zip-duplicate`, `zip-limit` */
export function writeZip(files: ReadonlyMap<string, Uint8Array>, caps: Caps = PACK_CAPS): Uint8Array {
  const paths = [...files.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  const odd = paths.find((path) => !isSafePath(path))
  if (odd !== undefined) throw new PackError('zip-name', odd.slice(0, 300), `${JSON.stringify(odd.slice(0, 100))} is not a safe relative path`)
  const pair = collision(paths)
  if (pair !== undefined) throw new PackError('zip-duplicate', pair[1], `${pair[0]} and ${pair[1]} cannot lie side by side on every file system`)
  if (paths.length > caps.entries) throw new PackError('zip-limit', '', `${paths.length} files; a pack holds at most ${caps.entries}`)
  const body: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  let directorySize = 0
  for (const path of paths) {
    const data = files.get(path) ?? new Uint8Array()
    if (data.length > caps.entryBytes)
      throw new PackError('zip-limit', path, `${data.length} bytes; a file of a pack holds at most ${caps.entryBytes}`)
    const name = Buffer.from(path, 'latin1')
    const shared = sharedFields(data, name.length)
    const local = Buffer.concat([uint32(LOCAL), uint16(VERSION), shared, name])
    const central = Buffer.concat([
      uint32(CENTRAL),
      uint16(MADE_BY_UNIX),
      uint16(VERSION),
      shared,
      Buffer.alloc(6),
      uint32(REGULAR_FILE_0644),
      uint32(offset),
      name,
    ])
    body.push(local, data)
    directory.push(central)
    offset += local.length + data.length
    directorySize += central.length
    if (offset + directorySize + 22 > caps.totalBytes) throw new PackError('zip-limit', path, `a pack holds at most ${caps.totalBytes} bytes`)
  }
  const count = uint16(paths.length)
  const end = [uint32(END), Buffer.alloc(4), count, count, uint32(directorySize), uint32(offset), uint16(0)]
  return new Uint8Array(Buffer.concat([...body, ...directory, ...end]))
}

/** Flags, method, time, date, checksum, both sizes, lengths of name and extra: the same in both headers. */
function sharedFields(data: Uint8Array, nameLength: number): Uint8Array {
  const size = uint32(data.length)
  return Buffer.concat([Buffer.alloc(6), uint16(DATE), uint32(crc32(data)), size, size, uint16(nameLength), uint16(0)])
}

/** Everything that can be told: files with a wrong checksum are given and named, so that a reader can go on and report the rest. Never throws. */
export function scanZip(
  bytes: Uint8Array,
  caps: Caps = PACK_CAPS,
): { readonly files: ReadonlyMap<string, Uint8Array> | null; readonly errors: readonly PackError[] } {
  try {
    const files = new Map<string, Uint8Array>()
    const errors: PackError[] = []
    if (bytes.length > caps.totalBytes) throw new PackError('zip-limit', '', `${bytes.length} bytes; at most ${caps.totalBytes} are read`)
    for (const { path, packed, method, size, crc, folder } of readEntries(bytes, caps)) {
      if (folder) throw new PackError('zip-unsupported', path, 'a pack holds files only')
      if (method !== 0 || packed.length !== size) throw new PackError('zip-unsupported', path, 'a pack holds stored files only')
      if (crc32(packed) !== crc) errors.push(new PackError('zip-checksum', path, `${path} does not have its checksum`))
      files.set(path, packed)
    }
    if (errors.length === 0) errors.push(...notCanonical(bytes, files, caps))
    return { files, errors }
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    return { files: null, errors: [error] }
  }
}

/** Archive -> files, when it is exactly what {@link writeZip} makes of them. @throws PackError `zip-*` */
export function readZip(bytes: Uint8Array, caps: Caps = PACK_CAPS): ReadonlyMap<string, Uint8Array> {
  const { files, errors } = scanZip(bytes, caps)
  const [first] = errors
  if (first !== undefined) throw first
  return files ?? new Map()
}

function notCanonical(bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>, caps: Caps): PackError[] {
  if (Buffer.from(writeZip(files, caps)).equals(bytes)) return []
  return [new PackError('zip-not-canonical', '', 'not the one form of a pack: written again, the same files give other bytes')]
}

function uint16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
