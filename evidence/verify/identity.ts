/**
 * Who signed: the only importer of Sigstore's verifier. That library binds neither identity nor subject by itself (an empty policy passes), so its
 * answer is used for one thing alone: this key signed these bytes.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, VerificationError, Verifier } from '@sigstore/verify'
import { keyHint } from '../core/key-hint.ts'
import type { KeyedBundle } from './bundle.ts'
import { EvidenceError } from './error.ts'
import type { TrustedKey } from './verifier.ts'

/** Hint -> trusted key. */
export type Trust = ReadonlyMap<string, { readonly id: string; readonly key: KeyObject }>

/** Reads the list once; an empty, unusable or ambiguous list is `no-trust`. */
export function readTrust(trust: readonly TrustedKey[]): Trust | EvidenceError {
  if (trust.length === 0)
    return new EvidenceError('no-trust', 'no key is trusted, so nothing can be believed; name one under trust.keys or with --key')
  const keys = new Map<string, { id: string; key: KeyObject }>()
  for (const { id, publicKeyPem } of trust) {
    const key = readPublicKey(publicKeyPem)
    if (key === undefined) return new EvidenceError('no-trust', `the trusted key ${id} is not an ECDSA P-256 public key in PEM (BEGIN PUBLIC KEY)`)
    const hint = keyHint(key)
    const other = keys.get(hint)
    if (other !== undefined && other.id !== id)
      return new EvidenceError('no-trust', `the keys ${other.id} and ${id} are the same key under two names`)
    keys.set(hint, { id, key })
  }
  return keys
}

/** Id of the trusted key that signed the bundle's payload, else `untrusted-signer` or `bad-signature`. */
export function whoSigned(bundle: KeyedBundle, trust: Trust): string | EvidenceError {
  const trusted = trust.get(bundle.hint)
  if (trusted === undefined) return new EvidenceError('untrusted-signer', `signed with a key that is not trusted (hint ${bundle.hint})`)
  const publicKey = (): { publicKey: KeyObject; validFor: () => boolean } => ({ publicKey: trusted.key, validFor: () => true })
  const material = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey }
  try {
    const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
    verifier.verify(toSignedEntity(bundleFromJSON(bundle.json)))
    return trusted.id
  } catch (cause) {
    const code = cause instanceof VerificationError && cause.code === 'SIGNATURE_ERROR' ? 'bad-signature' : 'malformed'
    const message =
      code === 'bad-signature' ? `the signature is not by the key ${trusted.id} over these bytes` : 'the bundle cannot be read by Sigstore'
    return new EvidenceError(code, message, { cause })
  }
}

function readPublicKey(pem: string): KeyObject | undefined {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}
