/** Files -> archive in the one form of a pack, all stored: what a test changes and hands in. The product's own writer is in `evidence/pack/zip-writer.ts`. */
import { crc32 } from 'node:zlib'
import { byPlace, directoryHeader, endRecord, localHeader } from '../../evidence/pack/zip-form.ts'

export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const body: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => byPlace(a, b))) {
    const entry = { path, method: 0, crc: crc32(bytes), size: bytes.length, packedSize: bytes.length }
    const header = localHeader(entry)
    body.push(header, bytes)
    directory.push(directoryHeader(entry, offset))
    offset += header.length + bytes.length
  }
  const rest = Buffer.concat(directory)
  return new Uint8Array(Buffer.concat([...body, rest, endRecord(files.size, rest.length, offset)]))
}
