/** Archives as other tools make them, byte by byte, with every lie a test needs. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Lie {
  readonly name: string
  readonly data: Uint8Array
  readonly deflate?: boolean
  /** Sizes and checksum after the data; `bare`: without the mark. */
  readonly descriptor?: 'marked' | 'bare'
  readonly flags?: number
  readonly method?: number
  readonly localName?: string
  readonly crc?: number
  readonly size?: number
  readonly packedSize?: number
  readonly localCrc?: number
  readonly mode?: number
  readonly extra?: Uint8Array
  readonly comment?: string
  /** Bytes hidden after this entry. */
  readonly gap?: Uint8Array
  readonly time?: number
  readonly offset?: number
}

export interface Frame {
  readonly before?: Uint8Array
  readonly beforeDirectory?: Uint8Array
  readonly afterDirectory?: Uint8Array
  readonly comment?: string
  readonly count?: number
}

/** Entries -> archive, in the order given. */
export function archive(entries: readonly Lie[], frame: Frame = {}): Uint8Array {
  const body: Buffer[] = [Buffer.from(frame.before ?? [])]
  const directory: Buffer[] = []
  for (const entry of entries) {
    const offset = entry.offset ?? length(body)
    const packed = entry.deflate === true ? deflateRawSync(entry.data) : Buffer.from(entry.data)
    const method = entry.method ?? (entry.deflate === true ? 8 : 0)
    const flags = (entry.flags ?? 0) | (entry.descriptor === undefined ? 0 : 8)
    const crc = entry.crc ?? crc32(entry.data)
    const packedSize = entry.packedSize ?? packed.length
    const size = entry.size ?? entry.data.length
    const late = entry.descriptor !== undefined
    const name = Buffer.from(entry.name, 'latin1')
    const localName = Buffer.from(entry.localName ?? entry.name, 'latin1')
    const extra = Buffer.from(entry.extra ?? [])
    const comment = Buffer.from(entry.comment ?? '')
    const sizes = late ? [0, 0, 0] : [entry.localCrc ?? crc, packedSize, size]
    const head = [u16(20), u16(flags), u16(method), u16(entry.time ?? 0), u16(0x21)]
    body.push(Buffer.concat([u32(0x04034b50), ...head, ...sizes.map(u32), u16(localName.length), u16(extra.length), localName, extra, packed]))
    if (late) body.push(Buffer.concat([...(entry.descriptor === 'marked' ? [u32(0x08074b50)] : []), u32(crc), u32(packedSize), u32(size)]))
    if (entry.gap !== undefined) body.push(Buffer.from(entry.gap))
    const lengths = [u16(name.length), u16(extra.length), u16(comment.length), u16(0), u16(0)]
    const attributes = u32(((entry.mode ?? 0o100644) << 16) >>> 0)
    directory.push(
      Buffer.concat([
        u32(0x02014b50),
        u16(0x0314),
        ...head,
        u32(crc),
        u32(packedSize),
        u32(size),
        ...lengths,
        attributes,
        u32(offset),
        name,
        extra,
        comment,
      ]),
    )
  }
  body.push(Buffer.from(frame.beforeDirectory ?? []))
  const start = length(body)
  const count = u16(frame.count ?? entries.length)
  const comment = Buffer.from(frame.comment ?? '')
  const end = [u32(0x06054b50), u32(0), count, count, u32(length(directory)), u32(start), u16(comment.length), comment]
  return new Uint8Array(Buffer.concat([...body, ...directory, Buffer.from(frame.afterDirectory ?? []), ...end]))
}

function length(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

function u16(value: number): Buffer {
  return Buffer.from([value & 0xff, (value >> 8) & 0xff])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
