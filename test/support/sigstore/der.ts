/** Just enough of DER (ITU-T X.690) to make certificates and timestamps with one thing wrong. */

export function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(content)
  const { length } = value
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), value])
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => tlv(0x30, ...content)
export const set = (...content: readonly Uint8Array[]): Buffer => tlv(0x31, ...content)
export const octets = (value: Uint8Array): Buffer => tlv(0x04, value)
export const bits = (value: Uint8Array): Buffer => tlv(0x03, Buffer.from([0]), value)
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text))
export const yes = (): Buffer => tlv(0x01, Buffer.from([0xff]))
/** `[n]`, constructed. */
export const tagged = (n: number, ...content: readonly Uint8Array[]): Buffer => tlv(0xa0 + n, ...content)
/** `[n] IMPLICIT`, primitive. */
export const implicit = (n: number, value: Uint8Array): Buffer => tlv(0x80 + n, value)

/** A positive integer from its big-endian bytes. */
export function integer(...value: readonly number[]): Buffer {
  return tlv(0x02, Buffer.from((value[0] ?? 0) >= 0x80 ? [0, ...value] : value))
}

/** One arc of an object id, seven bits an octet. */
function arc(part: number): number[] {
  const groups = [part & 0x7f]
  for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 0x7f) | 0x80)
  return groups
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(arc)]))
}

/** GeneralizedTime, whole seconds. */
export function time(at: Date): Buffer {
  return tlv(0x18, Buffer.from(`${at.toISOString().replaceAll(/[-T:]/g, '').slice(0, 14)}Z`))
}

/** Unsigned, big endian. */
export function uint(value: number | bigint, size: number): Buffer {
  return Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  )
}
