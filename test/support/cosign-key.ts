/** Makes encrypted keys as cosign writes them: the other side of `readPrivateKey`. */
import { randomBytes, scryptSync } from 'node:crypto'
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js'

export interface Sealing {
  readonly label?: 'SIGSTORE' | 'COSIGN'
  readonly N?: number
  /** Changes the JSON before it is written. */
  readonly spoil?: (json: CosignJson) => unknown
}

export interface CosignJson {
  kdf: { name: string; params: { N: number; r: number; p: number }; salt: string }
  cipher: { name: string; nonce: string }
  ciphertext: string
}

/** @param pkcs8 DER */
export function cosignKey(pkcs8: Uint8Array, password: string, { label = 'SIGSTORE', N = 32_768, spoil = (json) => json }: Sealing = {}): string {
  const { salt, secret } = derived(password, N)
  const nonce = randomBytes(24)
  const ciphertext = Buffer.from(xsalsa20poly1305(secret, nonce).encrypt(pkcs8)).toString('base64')
  const json = spoil({
    kdf: { name: 'scrypt', params: { N, r: 8, p: 1 }, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext,
  })
  const body = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)).toString('base64')
  return `-----BEGIN ENCRYPTED ${label} PRIVATE KEY-----\n${body.replace(/.{64}/g, '$&\n')}\n-----END ENCRYPTED ${label} PRIVATE KEY-----\n`
}

const known = new Map<string, { readonly salt: Buffer; readonly secret: Buffer }>()

/** The derivation is slow on purpose: once for each password of a test file is enough. */
function derived(password: string, N: number): { readonly salt: Buffer; readonly secret: Buffer } {
  const name = `${N} ${password}`
  const before = known.get(name)
  if (before !== undefined) return before
  const salt = randomBytes(32)
  const made = { salt, secret: scryptSync(password, salt, 32, { N, r: 8, p: 1, maxmem: 256 * N * 8 }) }
  known.set(name, made)
  return made
}
