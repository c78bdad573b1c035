/**
 * One delivery as bytes in the journal: `RCJ1`, lengths of head and body (4 bytes each, big endian), CRC-32 of head and body (4 bytes), head (JSON),
 * body (raw). A record that was cut or changed is not read.
 */
import { crc32 } from 'node:zlib'
import { z } from 'zod'

const MAGIC = Buffer.from('RCJ1')
export const PREFIX_BYTES = 16
/** Far above GitHub's 25 MB, so that a broken length is seen as one. */
const LONGEST = 64 * 1024 * 1024

export const DeliveryHead = z.strictObject({
  /** `X-GitHub-Hook-Installation-Target-ID`, else our own App id. */
  app: z.string(),
  /** `X-GitHub-Hook-ID`, else '0'. */
  hook: z.string(),
  /** `X-GitHub-Delivery`. Not covered by the signature. */
  guid: z.string(),
  /** `X-GitHub-Event`. Not covered by the signature. */
  event: z.string(),
  /** Epoch milliseconds. */
  at: z.number().int(),
})
export type DeliveryHead = z.infer<typeof DeliveryHead>

export interface Delivery {
  readonly head: DeliveryHead
  readonly body: Buffer
}

/** Prefix and head in one buffer, the body as it is. */
export function encode({ head, body }: Delivery): readonly [Buffer, Buffer] {
  const text = JSON.stringify(head)
  const start = Buffer.allocUnsafe(PREFIX_BYTES + Buffer.byteLength(text))
  start.write(text, PREFIX_BYTES)
  MAGIC.copy(start)
  start.writeUInt32BE(start.length - PREFIX_BYTES, 4)
  start.writeUInt32BE(body.length, 8)
  start.writeUInt32BE(crc32(body, crc32(start.subarray(PREFIX_BYTES))), 12)
  return [start, body]
}

/** Bytes that follow a prefix; null when it is not one. */
export function lengthOf(prefix: Buffer): number | null {
  if (prefix.length < PREFIX_BYTES || !prefix.subarray(0, 4).equals(MAGIC)) return null
  const length = prefix.readUInt32BE(4) + prefix.readUInt32BE(8)
  return length > LONGEST ? null : length
}

/** @param rest what follows the prefix; null when it is not what was written */
export function decode(prefix: Buffer, rest: Buffer): Delivery | null {
  const headBytes = prefix.readUInt32BE(4)
  if (rest.length !== headBytes + prefix.readUInt32BE(8) || crc32(rest) !== prefix.readUInt32BE(12)) return null
  const head = DeliveryHead.safeParse(JSON.parse(rest.subarray(0, headBytes).toString('utf8')))
  return head.success ? { head: head.data, body: rest.subarray(headBytes) } : null
}
