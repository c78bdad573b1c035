/** What a check found, and the rules that both formats share. */
import { PackageURL } from 'packageurl-js'

const MOST = 100

/** `code: what`, at most 100 of them. */
export class Problems {
  readonly list: string[] = []

  add(code: string, what: string): void {
    if (this.list.length < MOST) this.list.push(`${code}: ${what}`)
  }

  /** @returns whether it holds */
  must(holds: boolean, code: string, what: () => string): boolean {
    if (!holds) this.add(code, what())
    return holds
  }
}

/** Anything as a short text that fits in a message. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80)
}

/** Hexadecimal digits by algorithm, as SPDX and CycloneDX name them, without hyphen and underscore. */
const DIGITS: Readonly<Record<string, number>> = {
  MD2: 32,
  MD4: 32,
  MD5: 32,
  SHA1: 40,
  SHA224: 56,
  SHA256: 64,
  SHA384: 96,
  SHA512: 128,
  SHA3256: 64,
  SHA3384: 96,
  SHA3512: 128,
  BLAKE2B256: 64,
  BLAKE2B384: 96,
  BLAKE2B512: 128,
  BLAKE3: 64,
  ADLER32: 8,
}

export function isDigest(algorithm: unknown, hex: unknown): boolean {
  if (typeof algorithm !== 'string' || typeof hex !== 'string') return false
  const key = algorithm.replaceAll(/[-_]/g, '')
  const digits = Object.hasOwn(DIGITS, key) ? DIGITS[key] : key === 'MD6' ? hex.length : undefined
  return digits === hex.length && /^(?:[0-9a-f]{2})+$/.test(hex.toLowerCase())
}

export interface Purl {
  readonly type: string
  readonly name: string
  readonly version: string | null
}

/** What nearly every purl looks like. Here nothing is encoded but the scope's sign, so it is read at once; the test holds it to what the library says. */
const PLAIN = /^pkg:npm\/(?:%40([a-z0-9][a-z0-9._-]*)\/)?([a-z0-9][a-z0-9._-]*)@([0-9A-Za-z][0-9A-Za-z.-]*)$/

/** Null when it is no package URL. */
export function parsePurl(text: unknown): Purl | null {
  if (typeof text !== 'string' || text.length > 8000 || !text.startsWith('pkg:')) return null
  const [, scope, plain, plainVersion] = PLAIN.exec(text) ?? []
  if (plain !== undefined && plainVersion !== undefined)
    return { type: 'npm', name: scope === undefined ? plain : `@${scope}/${plain}`, version: plainVersion }
  try {
    const { type, namespace, name, version } = PackageURL.fromString(text)
    if (type === undefined || name === undefined || name === '') return null
    return { type, name: namespace === undefined || namespace === null || namespace === '' ? name : `${namespace}/${name}`, version: version ?? null }
  } catch {
    return null
  }
}

/** An npm package whose purl names another package or version than it says itself. */
export function isMisnamed({ type, name, version }: Purl, said: { readonly name: unknown; readonly version: unknown }): boolean {
  if (type !== 'npm') return false
  return name !== said.name || (version !== null && said.version !== undefined && version !== said.version)
}
