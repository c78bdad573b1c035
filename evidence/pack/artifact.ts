/** The zip of a GitHub Actions artifact: any times, deflate, descriptors, extra fields; still one reading only (`zip-records.ts`), and bounded. */
import { crc32, inflateRawSync } from 'node:zlib'
import { PackError } from './error.ts'
import { readEntries, type Caps, type ZipEntry } from './zip-records.ts'

const MEBIBYTE = 1024 * 1024

export const ARTIFACT_CAPS: Caps = { entries: 6000, entryBytes: 32 * MEBIBYTE, totalBytes: 128 * MEBIBYTE, ratio: 400 }

/** Archive -> files by path; folders are left out. @throws PackError `zip-*`, with the entry it is about */
export function readArtifact(bytes: Uint8Array, caps: Caps = ARTIFACT_CAPS): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const entry of readEntries(bytes, caps)) {
    if (entry.folder) continue
    const data = unpack(entry)
    if (crc32(data) !== entry.crc) throw new PackError('zip-checksum', entry.path, `${entry.path} does not have its checksum`)
    files.set(entry.path, data)
  }
  return files
}

function unpack({ path, method, packed, size }: ZipEntry): Uint8Array {
  if (method === 0) {
    if (packed.length !== size) throw new PackError('zip-structure', path, 'a stored entry with two sizes')
    return packed
  }
  if (method !== 8) throw new PackError('zip-unsupported', path, `compression method ${method}`)
  let answer: { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } }
  try {
    // The typings know only the plain answer; `info: true` adds how much input was used.
    answer = inflateRawSync(packed, { maxOutputLength: Math.max(1, size), info: true }) as unknown as typeof answer
  } catch (cause) {
    throw new PackError('zip-structure', path, 'the packed data is broken or larger than it says', { cause })
  }
  if (answer.buffer.length !== size || answer.engine.bytesWritten !== packed.length)
    throw new PackError('zip-structure', path, 'the packed data is not what its sizes say')
  return new Uint8Array(answer.buffer)
}
