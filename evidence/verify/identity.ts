/**
 * Who signed: the only importer of Sigstore's verifier. That library binds neither identity nor subject by itself (an empty policy passes), so its
 * answer is used for one thing alone: this key signed these bytes.
 */
import type { KeyObject } from 'node:crypto'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, VerificationError, Verifier } from '@sigstore/verify'
import type { KeyedBundle } from './bundle.ts'
import { EvidenceError } from './error.ts'
import type { KeyRing } from './trust.ts'

/** Id of the trusted key that signed the bundle's payload, else `untrusted-signer` or `bad-signature`. */
export function whoSigned(bundle: KeyedBundle, trust: KeyRing): string | EvidenceError {
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
