/** Reads the zip of an artifact: stored or deflated members, plain relative names, 512 MB at most. PKWARE APPNOTE 4.3. */
import { crc32, inflateRawSync } from 'node:zlib'
import { RunnerError } from './error.ts'

const LIMIT = 512 * 1024 * 1024
const END = 0x06054b50
const CENTRAL = 0x02014b50

const bad = (message: string): RunnerError => new RunnerError('step-failed', `the artifact is no zip this runner reads: ${message}`)

/** Name -> bytes; folders are left out. @throws RunnerError `step-failed` */
export function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = zip.length - 22
  while (end >= 0 && zip.readUInt32LE(end) !== END) end -= 1
  if (end < 0) throw bad('it has no end record')
  const files = new Map<string, Uint8Array>()
  let at = zip.readUInt32LE(end + 16)
  let total = 0
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== CENTRAL) throw bad('its directory is broken')
    const [method, crc, packed, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24)]
    const [nameLength, extra, comment, local] = [
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
      zip.readUInt32LE(at + 42),
    ]
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    at += 46 + nameLength + extra + comment
    if (name.endsWith('/')) continue
    total += size
    if (total > LIMIT) throw bad(`it holds more than ${LIMIT} bytes`)
    if (name.startsWith('/') || name.includes('\\') || name.split('/').some((part) => part === '..' || part === ''))
      throw bad(`name ${name} leaves the folder`)
    if (files.has(name)) throw bad(`${name} is there twice`)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const raw = zip.subarray(start, start + packed)
    if (method !== 0 && method !== 8) throw bad(`${name} is packed with method ${method}`)
    const content = method === 0 ? raw : inflateRawSync(raw, { maxOutputLength: Math.max(size, 1) })
    if (content.length !== size || crc32(content) !== crc) throw bad(`${name} is damaged`)
    files.set(name, content)
  }
  return files
}
