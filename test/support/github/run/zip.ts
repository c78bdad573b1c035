/** A zip of a directory: deflate, fixed times, sorted names, so that equal content gives equal bytes. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'

interface Entry {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Files below a directory, with `/` between the parts of a name. */
export const filesBelow = async (dir: string): Promise<Entry[]> => {
  const found = await readdir(dir, { recursive: true, withFileTypes: true })
  const names = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(dir.length + (dir.endsWith('/') ? 0 : 1)))
  return await Promise.all(names.sort().map(async (name) => ({ name, bytes: await readFile(join(dir, name)) })))
}

const DATE = 0x21 // 1980-01-01

const header = (entry: Entry, packed: Uint8Array, offset: number | null): Buffer => {
  const name = Buffer.from(entry.name)
  const central = offset !== null
  const out = Buffer.alloc((central ? 46 : 30) + name.length)
  let at = out.writeUInt32LE(central ? 0x02014b50 : 0x04034b50, 0)
  if (central) at = out.writeUInt16LE(20, at)
  at = out.writeUInt16LE(20, at)
  at = out.writeUInt16LE(0x800, at)
  at = out.writeUInt16LE(8, at)
  at = out.writeUInt16LE(0, at)
  at = out.writeUInt16LE(DATE, at)
  at = out.writeUInt32LE(crc32(entry.bytes), at)
  at = out.writeUInt32LE(packed.length, at)
  at = out.writeUInt32LE(entry.bytes.length, at)
  at = out.writeUInt16LE(name.length, at)
  at = out.writeUInt16LE(0, at)
  if (central) {
    at += 2 + 2 + 2 + 4
    at = out.writeUInt32LE(offset, at)
  }
  name.copy(out, at)
  return out
}

export const zip = (entries: readonly Entry[]): Buffer => {
  const parts: Uint8Array[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const packed = deflateRawSync(entry.bytes)
    const local = header(entry, packed, null)
    parts.push(local, packed)
    directory.push(header(entry, packed, offset))
    offset += local.length + packed.length
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}
