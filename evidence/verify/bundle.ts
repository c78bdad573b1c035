/**
 * The shape of a Sigstore bundle, read strictly: v0.3 as we make it, v0.1 and v0.2 as other projects still publish them. One signature, one signer, every
 * byte field in the one base64 form it has, every log entry with proof and checkpoint: what only promises inclusion is not read at all.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { CoreError } from '../core/error.ts'
import { decodeBase64, Envelope } from '../core/dsse.ts'
import { parseJson } from '../core/json.ts'
import { EvidenceError } from './error.ts'
import { firstIssues } from './predicates.ts'

/** Standard base64 with exact padding, so that one value has one text. */
function bytes(max: number): z.ZodType<string> {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'standard base64')
}
const Int64 = z.string().regex(/^(?:0|[1-9]\d{0,17})$/, 'a whole number in quotes')

const LogEntry = z.strictObject({
  logIndex: Int64.optional(),
  logId: z.strictObject({ keyId: bytes(200) }),
  kindVersion: z.strictObject({ kind: z.enum(['dsse', 'hashedrekord', 'intoto']), version: z.string().max(20) }),
  integratedTime: Int64.optional(),
  inclusionPromise: z.strictObject({ signedEntryTimestamp: bytes(1000) }).optional(),
  inclusionProof: z.strictObject({
    logIndex: Int64.optional(),
    rootHash: bytes(100),
    treeSize: Int64,
    hashes: z.array(bytes(100)).max(64).optional(),
    checkpoint: z.strictObject({ envelope: z.string().min(1).max(20_000) }),
  }),
  canonicalizedBody: bytes(22 << 20),
})
export type LogEntry = z.infer<typeof LogEntry>

const Certificate = z.strictObject({ rawBytes: bytes(20_000) })

/** What our own evidence has; the others are read for bundles of other projects. */
export const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

const Bundle = z.strictObject({
  mediaType: z.enum([
    MEDIA_TYPE,
    'application/vnd.dev.sigstore.bundle+json;version=0.3',
    'application/vnd.dev.sigstore.bundle+json;version=0.2',
    'application/vnd.dev.sigstore.bundle+json;version=0.1',
  ]),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({ hint: z.string().max(200).optional() }).optional(),
    certificate: Certificate.optional(),
    x509CertificateChain: z.strictObject({ certificates: z.array(Certificate).min(1).max(10) }).optional(),
    tlogEntries: z.array(LogEntry).max(8).optional(),
    timestampVerificationData: z
      .strictObject({
        rfc3161Timestamps: z
          .array(z.strictObject({ signedTimestamp: bytes(40_000) }))
          .max(8)
          .optional(),
      })
      .optional(),
  }),
  dsseEnvelope: Envelope.optional(),
  messageSignature: z
    .strictObject({
      messageDigest: z.strictObject({ algorithm: z.enum(['SHA2_256', 'SHA2_384', 'SHA2_512']), digest: bytes(100) }),
      signature: bytes(2000),
    })
    .optional(),
})

export interface SigstoreBundle {
  /** The bundle as Sigstore's library takes it. */
  readonly json: z.infer<typeof Bundle>
  readonly signer: { readonly hint: string } | { readonly certificate: Uint8Array }
  readonly signature: Uint8Array
  /** Not believed yet. */
  readonly content: { readonly payloadType: string; readonly payload: Uint8Array } | { readonly algorithm: string; readonly digest: Uint8Array }
  readonly logEntries: readonly LogEntry[]
  readonly timestamps: number
}

/** Bytes, or a JSON value already read -> the bundle, or `too-large`, `malformed`, `no-log-entry` (an entry that proves nothing). */
export function readBundle(bundle: unknown): SigstoreBundle | EvidenceError {
  try {
    const value = parseJson(bundle instanceof Uint8Array ? bundle : Buffer.from(canonicalize(bundle)))
    const parsed = Bundle.safeParse(value)
    return parsed.success ? read(parsed.data) : refused(parsed.error)
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new EvidenceError(cause.code === 'too-large' ? 'too-large' : 'malformed', `the bundle cannot be read: ${cause.message}`, { cause })
  }
}

function refused(error: z.ZodError): EvidenceError {
  const unproven = error.issues.every(
    ({ code, path }) => code === 'invalid_type' && path[1] === 'tlogEntries' && (path.at(-1) === 'inclusionProof' || path.at(-1) === 'checkpoint'),
  )
  return unproven
    ? new EvidenceError('no-log-entry', 'a log entry has no inclusion proof with a checkpoint; a promise alone is not believed')
    : new EvidenceError('malformed', `not a Sigstore bundle with one signature: ${firstIssues(error)}`)
}

function read(json: z.infer<typeof Bundle>): SigstoreBundle | EvidenceError {
  const { dsseEnvelope: envelope, messageSignature: message, verificationMaterial: material } = json
  const { certificate, x509CertificateChain: chain, publicKey } = material
  if ([certificate, chain, publicKey].filter((each) => each !== undefined).length !== 1 || (envelope === undefined) === (message === undefined))
    return new EvidenceError('malformed', 'a bundle has one signer (key or certificate) and one content (envelope or message)')
  if (chain !== undefined && json.mediaType.includes('0.3')) return new EvidenceError('malformed', 'a bundle v0.3 holds one certificate, not a chain')
  const leaf = certificate ?? chain?.certificates[0]
  const signer = leaf === undefined ? { hint: publicKey?.hint ?? '' } : { certificate: decodeBase64(leaf.rawBytes) }
  const signature = envelope?.signatures[0]
  if ('hint' in signer && (signature?.keyid ?? '') !== '' && signature?.keyid !== signer.hint)
    return new EvidenceError('malformed', 'the envelope and the bundle name different keys')
  const base = {
    json,
    signer,
    logEntries: material.tlogEntries ?? [],
    timestamps: material.timestampVerificationData?.rfc3161Timestamps?.length ?? 0,
  }
  if (message !== undefined)
    return {
      ...base,
      signature: decodeBase64(message.signature),
      content: { algorithm: message.messageDigest.algorithm, digest: decodeBase64(message.messageDigest.digest) },
    }
  return {
    ...base,
    signature: decodeBase64(signature?.sig ?? ''),
    content: { payloadType: envelope?.payloadType ?? '', payload: decodeBase64(envelope?.payload ?? '') },
  }
}

/** What a bundle's envelope holds, not believed yet. */
export function payloadOf(of: unknown): Uint8Array | EvidenceError {
  const bundle = readBundle(of)
  if (bundle instanceof EvidenceError) return bundle
  return 'payload' in bundle.content ? bundle.content.payload : new EvidenceError('malformed', 'the bundle signs a file, not a statement')
}
