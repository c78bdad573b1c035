/**
 * Reads a pack and demands its one form (`zip-form.ts`): every header, made again from what was read, must be the bytes that came. Of the packed data the
 * archive itself cannot say that it is the one form: the digest in the manifest does, which covers every byte before the manifest. So nothing is deflated
 * again, and a pack verifies on any machine, with any zlib. An archive is read once, from its first byte on, entry after entry; what no check needs is hashed and let go.
 */
import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { sha256 } from '../core/digest.ts'
import { HashesElsewhere } from './hashes.ts'
import type { Archive } from './archive.ts'
import { PACK_CAPS } from './caps.ts'
import { inflate } from './deflate.ts'
import { PackError } from './error.ts'
import { MANIFEST } from './layout.ts'
import { byPlace, directoryHeader, endRecord, isLast, localHeader } from './zip-form.ts'
import { inPlace, readDirectory, readEnd, readLocal, type Caps, type ZipEntry } from './zip-records.ts'
import type { Digest } from './zip-writer.ts'

export { PACK_CAPS } from './caps.ts'

/** What could be told of an archive. */
export interface Scanned {
  /** The bytes of those files that are kept; null when the archive cannot be read at all. */
  readonly files: ReadonlyMap<string, Uint8Array> | null
  /** Digest and size of every file. */
  readonly entries: ReadonlyMap<string, Digest>
  /** Everything before the manifest; all of it when there is none. */
  readonly before: Digest
  /** Of the archive. */
  readonly sha256: string
  readonly errors: readonly PackError[]
}

/** Which files to hand out. */
export type Keep = (path: string, size: number) => boolean

const all: Keep = () => true

/**
 * Everything that can be told: a file with a wrong checksum, or one that cannot be unpacked, is named and counts as empty, so that a reader can go on and
 * report the rest. Never throws.
 */
export function scanZip(bytes: Uint8Array, caps: Caps = PACK_CAPS, keep: Keep = all): Scanned {
  const steps = scan(bytes.length, caps, keep, sha256)
  try {
    let step = steps.next()
    while (step.done !== true) step = steps.next(bytes.subarray(...step.value))
    return settled(step.value)
  } catch (error) {
    return unreadable(error)
  }
}

/**
 * As {@link scanZip}, from wherever the archive lies, one range after the other. Large files are hashed on another thread meanwhile, a window of them at
 * most. Throws only what that place throws.
 */
export async function scanArchive(archive: Archive, caps: Caps = PACK_CAPS, keep: Keep = all): Promise<Scanned> {
  const hashing = new HashesElsewhere()
  const steps = scan(archive.size, caps, keep, (data) => hashing.add(data))
  const after = (bytes?: Uint8Array): IteratorResult<Range, Unsettled | PackError> => {
    try {
      return bytes === undefined ? steps.next() : steps.next(bytes)
    } catch (error) {
      if (error instanceof PackError) return { done: true, value: error }
      throw error
    }
  }
  let step = after()
  while (step.done !== true) {
    const [from, to] = step.value
    await hashing.room()
    step = after(await archive.read(from, to))
  }
  await hashing.end()
  return step.value instanceof PackError ? unreadable(step.value) : settled(step.value)
}

/** Archive -> files, when it has the one form of a pack. @throws PackError `zip-*` */
export function readZip(bytes: Uint8Array, caps: Caps = PACK_CAPS): ReadonlyMap<string, Uint8Array> {
  const { files, errors } = scanZip(bytes, caps)
  const [first] = errors
  if (first !== undefined) throw first
  return files ?? new Map()
}

function unreadable(error: unknown): Scanned {
  if (!(error instanceof PackError)) throw error
  return { files: null, entries: new Map(), before: { sha256: '', size: 0 }, sha256: '', errors: [error] }
}

type Range = readonly [from: number, to: number]

function* range(from: number, to: number): Generator<Range, Uint8Array, Uint8Array | undefined> {
  return (yield [from, to]) ?? new Uint8Array()
}

/** A digest, or where it will be when all are there. */
type Hashed = string | { readonly sha256: string }

/** {@link Scanned} before the last digest is there. */
interface Unsettled extends Omit<Scanned, 'entries'> {
  readonly entries: ReadonlyMap<string, { readonly sha256: Hashed; readonly size: number }>
}

function settled({ entries, ...rest }: Unsettled): Scanned {
  const digests = [...entries].map(
    ([path, { sha256: hashed, size }]) => [path, { sha256: typeof hashed === 'string' ? hashed : hashed.sha256, size }] as const,
  )
  return { ...rest, entries: new Map(digests) }
}

/** Asks for ranges of bytes, each good until the next. @throws PackError where nothing more can be told */
function* scan(size: number, caps: Caps, keep: Keep, hash: (data: Uint8Array) => Hashed): Generator<Range, Unsettled, Uint8Array | undefined> {
  if (size > caps.totalBytes) throw new PackError('zip-limit', '', `${size} bytes; at most ${caps.totalBytes} are read`)
  const end = readEnd(yield* range(Math.max(0, size - 22), size), size)
  const directory = Uint8Array.from(yield* range(end.directory, end.at))
  const records = readDirectory(directory, end.entries, caps)
  const whole = createHash('sha256')
  const entries = new Map<string, { sha256: Hashed; size: number }>()
  const files = new Map<string, Uint8Array>()
  const errors: PackError[] = []
  const remade: Uint8Array[] = []
  let before: Digest | null = null
  let last: string | null = null
  for (const { record, limit } of inPlace(records, end.directory)) {
    const { path, offset } = record
    const local = yield* range(offset, limit)
    const entry = { ...record, packed: readLocal(local, record) }
    checkForm(entry, local, last)
    last = path
    if (path === MANIFEST) before = digestOf(whole, offset)
    whole.update(local)
    remade.push(directoryHeader(entry, offset))
    const data = dataOf(entry, errors)
    entries.set(path, { sha256: hash(data), size: data.length })
    // What was stored lies in the place's own memory, which the next read may take again.
    if (keep(path, data.length)) files.set(path, data === entry.packed ? Uint8Array.from(data) : data)
  }
  before ??= digestOf(whole, end.directory)
  whole.update(directory).update(endRecord(end.entries, directory.length, end.directory))
  if (!Buffer.concat(remade).equals(directory)) throw new PackError('zip-not-canonical', '', 'the directory is not in the one form of a pack')
  return { entries, files, before, sha256: whole.digest('hex'), errors }
}

/** Unpacked and with its checksum. */
function dataOf(entry: ZipEntry, errors: PackError[]): Uint8Array {
  try {
    const data = inflate(entry)
    if (crc32(data) !== entry.crc) errors.push(new PackError('zip-checksum', entry.path, `${entry.path} does not have its checksum`))
    return data
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    errors.push(error)
    return new Uint8Array()
  }
}

/** @throws PackError where the record is not what the writer makes of this entry */
function checkForm(entry: ZipEntry, local: Uint8Array, last: string | null): void {
  const { path, method, folder, packed } = entry
  if (folder) throw new PackError('zip-unsupported', path, 'a pack holds files only')
  if (isLast(path) && method !== 0) throw new PackError('zip-not-canonical', path, `${path} must lie as it is`)
  if (last !== null && byPlace(last, path) > 0) throw new PackError('zip-not-canonical', path, `${path} must lie before ${last}`)
  const header = localHeader({ ...entry, packedSize: packed.length })
  if (!Buffer.from(header).equals(local.subarray(0, header.length)))
    throw new PackError('zip-not-canonical', path, 'the local entry is not in the one form of a pack')
}

function digestOf(hash: Hash, size: number): Digest {
  return { sha256: hash.copy().digest('hex'), size }
}
