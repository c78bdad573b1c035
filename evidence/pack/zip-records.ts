/**
 * ZIP records (APPNOTE 6.3.10), read so that there is one reading only: the end record is the last 22 bytes, the central directory lies right before
 * it, and the local entries fill everything before that, one after the other, each saying what the directory says. So no byte is hidden, no entry is
 * seen by one reader and not by another. ZIP64, encryption, split archives, links and comments are refused.
 */
import { collision, isSafePath } from '../core/path.ts'
import { PackError } from './error.ts'

export interface Caps {
  readonly entries: number
  /** Bytes of one file, unpacked. */
  readonly entryBytes: number
  /** Bytes of all files, unpacked. */
  readonly totalBytes: number
  /** Unpacked over packed, for files over a mebibyte. */
  readonly ratio: number
}

/** One file of the archive, its data still as stored. */
export interface ZipEntry {
  readonly path: string
  readonly method: number
  readonly flags: number
  readonly crc: number
  readonly size: number
  readonly packed: Uint8Array
  /** True for `name/`, which holds nothing. */
  readonly folder: boolean
}

export const LOCAL = 0x04034b50
export const CENTRAL = 0x02014b50
export const END = 0x06054b50
const END_SIZE = 22
const DESCRIPTOR = 0x08074b50
const HAS_DESCRIPTOR = 0x0008
/** Deflate options, descriptor, UTF-8 names; every other flag is encryption, patches or reserved. */
const KNOWN_FLAGS = 0x080e
const UNICODE_PATH = 0x7075
const MEBIBYTE = 1024 * 1024

/** @throws PackError `zip-*` */
export function readEntries(bytes: Uint8Array, caps: Caps): readonly ZipEntry[] {
  const end = readEnd(bytes.subarray(Math.max(0, bytes.length - END_SIZE)), bytes.length)
  const records = readDirectory(bytes.subarray(end.directory, end.at), end.entries, caps)
  const inOrder = inPlace(records, end.directory)
  const packed = new Map(inOrder.map(({ record, limit }) => [record, readLocal(bytes.subarray(record.offset, limit), record)]))
  return records.map((record) => ({ ...record, packed: packed.get(record) ?? new Uint8Array() }))
}

/** @param bytes the last 22 @param size of the archive @returns where the directory begins and ends, and how many entries it claims */
export function readEnd(bytes: Uint8Array, size: number): { readonly at: number; readonly entries: number; readonly directory: number } {
  const view = viewOf(bytes)
  if (bytes.length < END_SIZE || view.getUint32(0, true) !== END)
    throw new PackError('zip-structure', '', 'no end record as the last 22 bytes: not a zip, cut, or with bytes or a comment after it')
  const at = size - END_SIZE
  const entries = view.getUint16(10, true)
  const length = view.getUint32(12, true)
  const directory = view.getUint32(16, true)
  if (view.getUint16(20, true) !== 0) throw new PackError('zip-structure', '', 'the archive claims a comment')
  if (view.getUint32(4, true) !== 0 || view.getUint16(8, true) !== entries) throw new PackError('zip-unsupported', '', 'a split archive')
  if (entries === 0xffff || length === 0xffffffff || directory === 0xffffffff) throw new PackError('zip-unsupported', '', 'ZIP64')
  if (directory + length !== at) throw new PackError('zip-structure', '', 'the central directory does not lie right before the end record')
  return { at, entries, directory }
}

/** @param bytes the directory and nothing else @param entries as many as the end record claims */
export function readDirectory(bytes: Uint8Array, entries: number, caps: Caps): readonly Central[] {
  if (entries > caps.entries) throw new PackError('zip-limit', '', `${entries} entries; at most ${caps.entries} are read`)
  const view = viewOf(bytes)
  const records: Central[] = []
  let at = 0
  for (let index = 0; index < entries; index += 1) {
    const record = readCentral(view, bytes, at)
    records.push(record)
    at = record.next
  }
  if (at !== bytes.length) throw new PackError('zip-structure', '', 'the central directory does not end where the end record begins')
  checkNames(records)
  checkSizes(records, caps)
  return records
}

/** Records in the order of their data, each with the offset at which the next one begins: together they fill everything before the directory. */
export function inPlace(records: readonly Central[], directory: number): readonly { readonly record: Central; readonly limit: number }[] {
  const inOrder = records.toSorted((a, b) => a.offset - b.offset)
  if ((inOrder[0]?.offset ?? directory) !== 0) throw new PackError('zip-structure', '', 'bytes before the first entry')
  return inOrder.map((record, index) => ({ record, limit: Math.max(record.offset, Math.min(inOrder[index + 1]?.offset ?? directory, directory)) }))
}

/** What the directory says of an entry. */
export interface Central extends Omit<ZipEntry, 'packed'> {
  readonly name: Uint8Array
  readonly packedSize: number
  readonly offset: number
  readonly next: number
}

function readCentral(view: DataView, bytes: Uint8Array, at: number): Central {
  if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
    throw new PackError('zip-structure', '', 'the central directory holds something else than entries')
  const nameEnd = at + 46 + view.getUint16(at + 28, true)
  const extraEnd = nameEnd + view.getUint16(at + 30, true)
  if (extraEnd > bytes.length) throw new PackError('zip-structure', '', 'an entry reaches beyond the central directory')
  const name = bytes.subarray(at + 46, nameEnd)
  const text = Buffer.from(name).toString('latin1')
  const folder = text.endsWith('/')
  const path = folder ? text.slice(0, -1) : text
  if (!isSafePath(path))
    throw new PackError('zip-name', text.slice(0, 300), `the name ${JSON.stringify(text.slice(0, 100))} is not a safe relative path`)
  const flags = view.getUint16(at + 8, true)
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new PackError('zip-unsupported', path, 'encrypted, patched, or marked in a way nobody should need')
  if (view.getUint16(at + 32, true) !== 0 || view.getUint16(at + 34, true) !== 0)
    throw new PackError('zip-unsupported', path, 'a comment or another disk')
  const kind = view.getUint16(at + 40, true) & 0xf000
  if (kind !== 0 && kind !== 0x8000 && !(folder && kind === 0x4000)) throw new PackError('zip-unsupported', path, 'a link or another special file')
  checkExtra(bytes.subarray(nameEnd, extraEnd), path)
  const entry = { path, folder, name, flags, method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), next: extraEnd }
  return { ...entry, packedSize: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true), offset: view.getUint32(at + 42, true) }
}

/** An extra field is whole records; the one that renames the entry is refused. */
function checkExtra(extra: Uint8Array, path: string): void {
  let at = 0
  while (at < extra.length) {
    const id = (extra[at] ?? 0) | ((extra[at + 1] ?? 0) << 8)
    const next = at + 4 + ((extra[at + 2] ?? 0) | ((extra[at + 3] ?? 0) << 8))
    if (at + 4 > extra.length || next > extra.length) throw new PackError('zip-structure', path, 'a broken extra field')
    if (id === UNICODE_PATH) throw new PackError('zip-name', path, 'a second name in an extra field')
    at = next
  }
}

function checkNames(records: readonly Central[]): void {
  const seen = new Set<string>()
  for (const { path } of records) {
    if (seen.has(path)) throw new PackError('zip-duplicate', path, `${path} stands twice`)
    seen.add(path)
  }
  const files = records.filter((record) => !record.folder).map((record) => record.path)
  const pair = collision(files)
  if (pair !== undefined) throw new PackError('zip-duplicate', pair[1], `${pair[0]} and ${pair[1]} cannot lie side by side on every file system`)
}

function checkSizes(records: readonly Central[], caps: Caps): void {
  let total = 0
  for (const { path, size, packedSize, folder } of records) {
    if (folder && size !== 0) throw new PackError('zip-structure', path, 'a folder with content')
    total += size
    if (size > caps.entryBytes) throw new PackError('zip-limit', path, `${size} bytes; at most ${caps.entryBytes} are read`)
    if (size > MEBIBYTE && size > packedSize * caps.ratio) throw new PackError('zip-limit', path, `${packedSize} bytes claim to unpack to ${size}`)
  }
  if (total > caps.totalBytes) throw new PackError('zip-limit', '', `${total} bytes unpacked; at most ${caps.totalBytes} are read`)
}

/** The packed data of one entry, when its local header agrees with the directory and nothing lies behind it. @param bytes from its offset to the next entry's */
export function readLocal(bytes: Uint8Array, record: Central): Uint8Array {
  const { path } = record
  const view = viewOf(bytes)
  if (bytes.length < 30 || view.getUint32(0, true) !== LOCAL)
    throw new PackError('zip-structure', path, 'no local entry where the directory says, or it overlaps another')
  const nameEnd = 30 + view.getUint16(26, true)
  const dataAt = nameEnd + view.getUint16(28, true)
  const dataEnd = dataAt + record.packedSize
  if (dataEnd > bytes.length) throw new PackError('zip-structure', path, 'the entry reaches into the next one')
  if (!Buffer.from(record.name).equals(bytes.subarray(30, nameEnd))) throw new PackError('zip-name', path, 'the local entry has another name')
  checkExtra(bytes.subarray(nameEnd, dataAt), path)
  const late = (record.flags & HAS_DESCRIPTOR) !== 0
  const local = { flags: view.getUint16(6, true), method: view.getUint16(8, true) }
  const says = [view.getUint32(14, true), view.getUint32(18, true), view.getUint32(22, true)]
  const should = [record.crc, record.packedSize, record.size]
  const agrees = says.every((value, index) => value === should[index] || (late && value === 0))
  if (local.flags !== record.flags || local.method !== record.method || !agrees)
    throw new PackError('zip-structure', path, 'the local entry and the directory disagree')
  if (!(late ? isDescriptor(view, dataEnd, bytes.length, should) : dataEnd === bytes.length))
    throw new PackError('zip-structure', path, 'hidden bytes after the entry')
  return bytes.subarray(dataAt, dataEnd)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Is what lies between a descriptor of these values, with or without its mark? */
function isDescriptor(view: DataView, from: number, to: number, should: readonly number[]): boolean {
  const marked = to - from === 16
  if (!marked && to - from !== 12) return false
  if (marked && view.getUint32(from, true) !== DESCRIPTOR) return false
  const at = marked ? from + 4 : from
  return should.every((value, index) => view.getUint32(at + 4 * index, true) === value)
}
