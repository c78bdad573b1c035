/** Digests as lock files write them. https://www.w3.org/TR/SRI/ */
import { SbomError } from './error.ts'
import type { Hash, HashAlgorithm } from './inventory.ts'

/** Weakest first, with the length in bytes. */
export const ALGORITHMS: Readonly<Record<HashAlgorithm, number>> = { MD5: 16, 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 }
const ORDER = Object.keys(ALGORITHMS)
const BY_SRI: Readonly<Record<string, HashAlgorithm>> = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' }

/** `sha512-<base64> sha1-<base64>` -> hashes. @throws SbomError `integrity` */
export function parseIntegrity(text: string, of: string): readonly Hash[] {
  const parts = text.split(/\s+/).filter((part) => part !== '')
  if (parts.length === 0 || parts.length > 10) throw new SbomError('integrity', `${of}: an integrity of ${parts.length} digests`)
  return sortHashes(parts.map((part) => parsePart(part, of)))
}

function parsePart(part: string, of: string): Hash {
  const match = /^([a-z0-9]+)-([A-Za-z0-9+/]+={0,2})(?:\?.{0,100})?$/.exec(part)
  const alg = match?.[1] === undefined ? undefined : BY_SRI[match[1]]
  const bytes = Buffer.from(match?.[2] ?? '', 'base64')
  if (alg === undefined || bytes.length !== ALGORITHMS[alg] || bytes.toString('base64') !== match?.[2])
    throw new SbomError('integrity', `${of}: ${JSON.stringify(part.slice(0, 40))} is no digest of a known algorithm`)
  return { alg, hex: bytes.toString('hex') }
}

/** @throws SbomError `integrity` */
export function hexHash(alg: HashAlgorithm, hex: string, of: string): Hash {
  if (hex.length !== ALGORITHMS[alg] * 2 || !/^[0-9a-f]+$/.test(hex))
    throw new SbomError('integrity', `${of}: ${JSON.stringify(hex.slice(0, 40))} is no ${alg} digest`)
  return { alg, hex }
}

/** Weakest first, without doubles. */
export function sortHashes(hashes: readonly Hash[]): readonly Hash[] {
  if (hashes.length < 2) return hashes
  const unique = new Map(hashes.map((hash) => [`${ORDER.indexOf(hash.alg)}${hash.hex}`, hash]))
  if (unique.size < 2) return [...unique.values()]
  return [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, hash]) => hash)
}

/** One digest is that of the package. Of several, each is of another of its archives, and which one is installed is not said: they are pins. */
export function hashesAndPins(hashes: readonly Hash[]): { readonly hashes: readonly Hash[]; readonly pins?: readonly string[] } {
  const sorted = sortHashes(hashes)
  if (sorted.length < 2) return { hashes: sorted }
  return { hashes: [], pins: sorted.map(({ alg, hex }) => `${alg.toLowerCase().replace('-', '')}:${hex}`) }
}
