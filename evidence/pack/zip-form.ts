/**
 * The one form of a pack's records. Names sorted by code unit, the manifest and its signature last; time fixed at 1980-01-01 00:00; no extras, no
 * descriptors, no comments, one end record. Every header is a function of the entries, so a reader makes them again and compares.
 */
import { MANIFEST, MANIFEST_SIGNATURE } from './layout.ts'
import { CENTRAL, END, LOCAL } from './zip-records.ts'

/** What both headers of an entry say. */
export interface EntryForm {
  readonly path: string
  /** 0: stored; 8: deflated. */
  readonly method: number
  readonly crc: number
  /** Bytes as they lie in the archive. */
  readonly packedSize: number
  readonly size: number
}

/** DOS date of 1980-01-01, the first one there is. */
const DATE = 0x0021
const VERSION = 20
const MADE_BY_UNIX = 0x0300 | VERSION
const REGULAR_FILE_0644 = (0o100644 << 16) >>> 0

/** Signed last, so last: everything else lies before the manifest, which names its digest. */
const LAST = [MANIFEST, MANIFEST_SIGNATURE]

/** Must it lie as it is, behind everything else? */
export function isLast(path: string): boolean {
  return LAST.includes(path)
}

export function byPlace(a: string, b: string): number {
  const [left, right] = [LAST.indexOf(a), LAST.indexOf(b)]
  return left - right || (a < b ? -1 : 1)
}

export function localHeader({ path, method, crc, packedSize, size }: EntryForm): Uint8Array {
  const bytes = Buffer.alloc(30 + path.length)
  bytes.writeUInt32LE(LOCAL)
  bytes.writeUInt16LE(VERSION, 4)
  shared(bytes, 8, method, crc, packedSize, size, path)
  bytes.write(path, 30, 'latin1')
  return bytes
}

export function directoryHeader({ path, method, crc, packedSize, size }: EntryForm, offset: number): Uint8Array {
  const bytes = Buffer.alloc(46 + path.length)
  bytes.writeUInt32LE(CENTRAL)
  bytes.writeUInt16LE(MADE_BY_UNIX, 4)
  bytes.writeUInt16LE(VERSION, 6)
  shared(bytes, 10, method, crc, packedSize, size, path)
  bytes.writeUInt32LE(REGULAR_FILE_0644, 38)
  bytes.writeUInt32LE(offset, 42)
  bytes.write(path, 46, 'latin1')
  return bytes
}

export function endRecord(entries: number, directorySize: number, offset: number): Uint8Array {
  const bytes = Buffer.alloc(22)
  bytes.writeUInt32LE(END)
  bytes.writeUInt16LE(entries, 8)
  bytes.writeUInt16LE(entries, 10)
  bytes.writeUInt32LE(directorySize, 12)
  bytes.writeUInt32LE(offset, 16)
  return bytes
}

/** Method, time, date, checksum, both sizes, length of the name: the same in both headers. */
function shared(bytes: Buffer, at: number, method: number, crc: number, packedSize: number, size: number, path: string): void {
  bytes.writeUInt16LE(method, at)
  bytes.writeUInt16LE(DATE, at + 4)
  bytes.writeUInt32LE(crc, at + 6)
  bytes.writeUInt32LE(packedSize, at + 10)
  bytes.writeUInt32LE(size, at + 14)
  bytes.writeUInt16LE(path.length, at + 18)
}
