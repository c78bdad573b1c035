/** The one shape of bundle that is read today: Sigstore v0.3, signed with a key, one DSSE envelope, no log entry, no timestamp. */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { CoreError } from '../core/error.ts'
import { decodeBase64, Envelope } from '../core/dsse.ts'
import { parseJson } from '../core/json.ts'
import { EvidenceError } from './error.ts'
import { firstIssues } from './predicates.ts'

const None = z.array(z.unknown()).max(0).optional()

const Bundle = z.strictObject({
  mediaType: z.literal('application/vnd.dev.sigstore.bundle.v0.3+json'),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({ hint: z.string().min(1).max(200) }),
    tlogEntries: None,
    timestampVerificationData: z.strictObject({ rfc3161Timestamps: None }).optional(),
  }),
  dsseEnvelope: Envelope,
})

export interface KeyedBundle {
  /** The bundle as Sigstore's library takes it. */
  readonly json: z.infer<typeof Bundle>
  readonly hint: string
  readonly payloadType: string
  /** Not believed yet. */
  readonly payload: Uint8Array
}

/** Bytes, or a JSON value already read -> the bundle, or `too-large`, `malformed`, `untrusted-signer` (a certificate: no reader is built). */
export function readBundle(bundle: unknown): KeyedBundle | EvidenceError {
  try {
    const value = parseJson(bundle instanceof Uint8Array ? bundle : Buffer.from(canonicalize(bundle)))
    const parsed = Bundle.safeParse(value)
    if (!parsed.success) {
      const material = (value as { verificationMaterial?: object } | null)?.verificationMaterial ?? {}
      if ('certificate' in material || 'x509CertificateChain' in material)
        return new EvidenceError('untrusted-signer', 'the bundle is signed with a certificate; only keys of trust.keys are believed')
      return new EvidenceError('malformed', `not a Sigstore bundle v0.3 signed with one key: ${firstIssues(parsed.error)}`)
    }
    const { dsseEnvelope: envelope, verificationMaterial } = parsed.data
    const hint = verificationMaterial.publicKey.hint
    const signature = envelope.signatures[0]
    if (signature?.keyid !== undefined && signature.keyid !== hint)
      return new EvidenceError('malformed', 'the envelope and the bundle name different keys')
    decodeBase64(signature?.sig ?? '')
    return { json: parsed.data, hint, payloadType: envelope.payloadType, payload: decodeBase64(envelope.payload) }
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new EvidenceError(cause.code === 'too-large' ? 'too-large' : 'malformed', `the bundle cannot be read: ${cause.message}`, { cause })
  }
}
