/** The zip of a GitHub Actions artifact: any times, deflate, descriptors, extra fields; still one reading only (`zip-records.ts`), and bounded. */
import { crc32 } from 'node:zlib'
import { inflate } from './deflate.ts'
import { PackError } from './error.ts'
import { readEntries, type Caps } from './zip-records.ts'

const MEBIBYTE = 1024 * 1024

export const ARTIFACT_CAPS: Caps = { entries: 6000, entryBytes: 32 * MEBIBYTE, totalBytes: 128 * MEBIBYTE, ratio: 400 }

/** Archive -> files by path; folders are left out. @throws PackError `zip-*`, with the entry it is about */
export function readArtifact(bytes: Uint8Array, caps: Caps = ARTIFACT_CAPS): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const entry of readEntries(bytes, caps)) {
    if (entry.folder) continue
    const data = inflate(entry)
    if (crc32(data) !== entry.crc) throw new PackError('zip-checksum', entry.path, `${entry.path} does not have its checksum`)
    files.set(entry.path, data)
  }
  return files
}
