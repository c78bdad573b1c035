/** One address -> every other one, as the fewest ranges: what a program that can only be told whom it must not ask is told. */
import { isIP } from 'node:net'

const SIZES = { 4: 32, 6: 128 } as const
const ALL = { 4: '0.0.0.0/0', 6: '::/0' } as const

/** @param address IPv4 or IPv6, without a zone @returns ranges such as `128.0.0.0/1`, none of which holds it, and which hold all others of both families */
export function allBut(address: string): readonly string[] {
  const family = isIP(address)
  if (family !== 4 && family !== 6) return [ALL[4], ALL[6]]
  const size = SIZES[family]
  const number = numberOf(address, family)
  const ranges = Array.from({ length: size }, (_, at) => {
    const bit = 1n << BigInt(size - 1 - at)
    // As far as this bit the same, and this bit the other one.
    return `${textOf(((number ^ bit) / bit) * bit, family)}/${at + 1}`
  })
  return [...ranges, ALL[family === 4 ? 6 : 4]]
}

function numberOf(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
  // The parser of addresses writes every form of them in one.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [head, tail ?? ''].map((side) => (side === '' ? [] : side.split(':'))) as [string[], string[]]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n)
}

function textOf(number: bigint, family: 4 | 6): string {
  const [width, parts] = family === 4 ? [8n, 4] : [16n, 8]
  const words = Array.from({ length: parts }, (_, at) => (number >> (width * BigInt(parts - 1 - at))) & ((1n << width) - 1n))
  return family === 4 ? words.join('.') : words.map((word) => word.toString(16)).join(':')
}
