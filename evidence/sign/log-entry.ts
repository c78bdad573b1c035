/** What of a bundle goes into a transparency log: the signature, what it covers, and the key or certificate that checks it. */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { decodeBase64, pae } from '../core/dsse.ts'
import { SignError } from './error.ts'

/** A bundle of ours: one DSSE envelope with one signature. Whether it holds is for `evidence/verify` to say. */
const Loggable = z.looseObject({
  verificationMaterial: z.looseObject({ certificate: z.object({ rawBytes: z.string() }).optional() }),
  dsseEnvelope: z.object({ payload: z.string(), payloadType: z.string(), signatures: z.array(z.object({ sig: z.string() })).length(1) }),
})
type Loggable = z.infer<typeof Loggable>

/** A bundle's `tlogEntries` element, as JSON. */
export interface LogEntry {
  readonly logIndex: string
  readonly logId: { readonly keyId: string }
  readonly kindVersion: { readonly kind: string; readonly version: string }
  readonly integratedTime?: string
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string }
  readonly inclusionProof: {
    readonly logIndex: string
    readonly rootHash: string
    readonly treeSize: string
    readonly hashes: readonly string[]
    readonly checkpoint: { readonly envelope: string }
  }
  readonly canonicalizedBody: string
}

export interface Subject {
  readonly bundle: Loggable
  readonly envelope: { readonly payload: string; readonly payloadType: string; readonly signature: string }
  /** SHA-256 of what the signature covers, which for DSSE is the pre-authentication encoding. */
  readonly covered: Buffer
  readonly verifier:
    | { readonly kind: 'certificate'; readonly pem: string; readonly der: Buffer }
    | { readonly kind: 'key'; readonly pem: string; readonly der: Buffer; readonly type: 'ecdsa' | 'ed25519' }
}

/** @param publicKeyPem of a bundle that was signed with a key, which names it by a hint only @throws SignError `not-loggable` */
export function subjectOf(bundle: unknown, publicKeyPem?: string): Subject {
  const parsed = Loggable.safeParse(bundle)
  const [signature] = parsed.data?.dsseEnvelope.signatures ?? []
  if (!parsed.success || signature === undefined) throw new SignError('not-loggable', 'only a bundle with one DSSE envelope goes into a log')
  const { payload, payloadType } = parsed.data.dsseEnvelope
  try {
    return {
      bundle: parsed.data,
      envelope: { payload, payloadType, signature: signature.sig },
      covered: createHash('sha256')
        .update(pae(payloadType, decodeBase64(payload)))
        .digest(),
      verifier: verifierOf(parsed.data, publicKeyPem),
    }
  } catch (cause) {
    if (cause instanceof SignError) throw cause
    throw new SignError('not-loggable', 'the bundle, or the key that checks it, cannot be read', { cause })
  }
}

/** The same bundle, with its entry. */
export function withEntry({ bundle }: Subject, entry: LogEntry): unknown {
  return { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [entry] } }
}

function verifierOf(bundle: Loggable, publicKeyPem: string | undefined): Subject['verifier'] {
  const { certificate } = bundle.verificationMaterial
  if (certificate !== undefined) {
    const read = new X509Certificate(decodeBase64(certificate.rawBytes))
    return { kind: 'certificate', pem: read.toString(), der: read.raw }
  }
  if (publicKeyPem === undefined) throw new SignError('not-loggable', 'the bundle was signed with a key; the log needs the public key')
  const key = createPublicKey(publicKeyPem)
  return {
    kind: 'key',
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    der: key.export({ type: 'spki', format: 'der' }),
    type: key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'ecdsa',
  }
}
