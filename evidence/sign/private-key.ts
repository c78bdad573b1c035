/**
 * Private keys as people have them: PKCS #8 in PEM, and cosign's own encrypted form. ECDSA on P-256 and Ed25519, which every Sigstore client verifies.
 * No error here carries a part of a key or a password, nor what a library said about one.
 */
import { createPrivateKey, scryptSync, type KeyObject } from 'node:crypto'
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { z } from 'zod'
import { SignError } from './error.ts'

const MAX_PEM = 16 * 1024

/** What cosign 2 and 3 write, and what cosign 1 wrote. */
const COSIGN = /^-----BEGIN ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END ENCRYPTED \1 PRIVATE KEY-----\s*$/

const Bytes = z.base64().transform((text) => Buffer.from(text, 'base64'))

/** The strengths there are; a file cannot make the reader work or allocate more. */
const CosignKey = z.strictObject({
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    params: z.strictObject({ N: z.literal([32_768, 65_536, 131_072]), r: z.literal(8), p: z.literal(1) }),
    salt: Bytes.refine((salt) => salt.length >= 16 && salt.length <= 64),
  }),
  cipher: z.strictObject({ name: z.literal('nacl/secretbox'), nonce: Bytes.refine((nonce) => nonce.length === 24) }),
  ciphertext: Bytes.refine((text) => text.length > 16 && text.length <= 4096),
})

/**
 * @param of.text the file
 * @param of.password of an encrypted key, as in COSIGN_PASSWORD; an empty one is a password
 * @throws SignError `unusable-key`, `wrong-password`
 */
export function readPrivateKey(of: { readonly text: string; readonly password?: string | undefined }): KeyObject {
  const { text, password } = of
  if (text.length > MAX_PEM) throw new SignError('unusable-key', `the signing key has more than ${MAX_PEM} characters`)
  const cosign = COSIGN.exec(text.trimStart())
  const key =
    cosign === null ? parse({ key: text, format: 'pem' }) : parse({ key: openCosign(cosign[2] ?? '', password), format: 'der', type: 'pkcs8' })
  if (key === null)
    throw new SignError(
      'unusable-key',
      'the signing key is neither an unencrypted private key in PEM (BEGIN PRIVATE KEY) nor one of cosign (BEGIN ENCRYPTED SIGSTORE PRIVATE KEY)',
    )
  if (isUsable(key)) return key
  throw new SignError('unusable-key', `the signing key is ${describe(key)}; give an ECDSA key on the curve P-256, or an Ed25519 key`)
}

/** ECDSA on P-256, or Ed25519. */
export function isUsable(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ed25519' || (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
}

function parse(input: Parameters<typeof createPrivateKey>[0]): KeyObject | null {
  try {
    return createPrivateKey(input)
  } catch {
    return null
  }
}

function openCosign(body: string, password: string | undefined): Buffer {
  const sealed = readCosign(body)
  if (sealed === null) throw new SignError('unusable-key', "the signing key is not cosign's encrypted form (scrypt and nacl/secretbox)")
  if (password === undefined) throw new SignError('wrong-password', 'the signing key is encrypted; give its password in COSIGN_PASSWORD')
  const { kdf, cipher, ciphertext } = sealed
  const { N, r, p } = kdf.params
  const secret = scryptSync(password, kdf.salt, 32, { N, r, p, maxmem: 256 * N * r })
  try {
    return Buffer.from(xsalsa20poly1305(secret, cipher.nonce).decrypt(ciphertext))
  } catch {
    throw new SignError('wrong-password', 'the password in COSIGN_PASSWORD does not open the signing key')
  } finally {
    secret.fill(0)
  }
}

function readCosign(body: string): z.infer<typeof CosignKey> | null {
  try {
    return CosignKey.parse(JSON.parse(Buffer.from(body, 'base64').toString('utf8')))
  } catch {
    return null
  }
}

function describe(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve
  return `${key.asymmetricKeyType ?? 'unknown'}${curve === undefined ? '' : ` on ${curve}`}`
}
