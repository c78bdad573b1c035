/**
 * Bundles of other projects: one named signer, one artifact, any Sigstore client's bundle. A right signature over something else is refused, and so is a
 * right artifact signed by somebody else: both must be said. Nothing here makes evidence; that is `verify.ts`.
 */
import { createHash } from 'node:crypto'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import { PAYLOAD_TYPE } from '../model/kinds.ts'
import { readBundle, type SigstoreBundle } from './bundle.ts'
import { readHolder } from './certificate.ts'
import { EvidenceError } from './error.ts'
import { checkSignature } from './sigstore.ts'
import { keysOf, rootOf, trustOf } from './trust.ts'
import type { TrustedKey, TrustedRoot } from './verifier.ts'

/** Who must have signed: a certificate's exact name and issuer, or a key. */
export type NamedSigner = { readonly identity: string; readonly issuer: string } | { readonly key: TrustedKey }

/** Its bytes, or their SHA-256 in hex: enough where an in-toto statement names the digest. */
export type Artifact = { readonly bytes: Uint8Array } | { readonly sha256: string }

export interface VerifiedArtifact {
  readonly signer: string
  /** Earliest trusted time of the signature, milliseconds. */
  readonly signedAt: number | null
  /** The in-toto predicate type, when it is a statement. */
  readonly predicateType: string | null
}

/** Algorithms of in-toto digests that may bind; an artifact known by its digest has only the first. */
const DIGESTS = { sha256: 64, sha512: 128 } as const
const STATEMENTS: readonly unknown[] = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']

/** Never throws on hostile input. A log entry with proof is required. @param of.now milliseconds; a signature from after it is refused */
export function verifyArtifact(of: {
  readonly bundle: unknown
  readonly artifact: Artifact
  readonly signer: NamedSigner
  readonly root: TrustedRoot | null
  readonly now?: number
}): VerifiedArtifact | EvidenceError {
  const { artifact, signer } = of
  const trust = trustOf({ keys: 'key' in signer ? [signer.key] : [], root: of.root })
  const keys = keysOf(trust)
  if (keys instanceof EvidenceError) return keys
  const root = rootOf(trust)
  if (root instanceof EvidenceError) return root
  const bundle = readBundle(of.bundle)
  if (bundle instanceof EvidenceError) return bundle
  const [key] = [...keys.values()].map((each) => each.key)
  if ('hint' in bundle.signer !== (key !== undefined))
    return new EvidenceError(
      'untrusted-signer',
      `it is signed with a ${key === undefined ? 'key, and an identity' : 'certificate, and a key'} was asked for`,
    )
  const message = 'digest' in bundle.content ? wrongMessage(bundle.content, artifact) : undefined
  if (message !== undefined) return message
  const signed = checkSignature({
    bundle,
    root,
    mustBeLogged: true,
    ...('bytes' in artifact ? { artifact: artifact.bytes } : {}),
    ...(key === undefined ? {} : { key }),
    ...(of.now === undefined ? {} : { now: of.now }),
  })
  if (signed instanceof EvidenceError) return signed
  if ('identity' in signer) {
    const holder = readHolder(signed.extensions)
    if (holder instanceof EvidenceError) return holder
    if (holder.issuer !== signer.issuer) return new EvidenceError('wrong-issuer', `the identity was issued by ${holder.issuer}`)
    if (holder.name !== signer.identity) return new EvidenceError('untrusted-signer', `signed by ${holder.name}, not by ${signer.identity}`)
  }
  const predicateType = statementAbout(bundle, artifact)
  if (predicateType instanceof EvidenceError) return predicateType
  return { signer: 'key' in signer ? signer.key.id : signer.identity, signedAt: signed.at, predicateType }
}

/** A signed file: its digest stands in the bundle, and its bytes are what was signed. */
function wrongMessage(content: { readonly algorithm: string; readonly digest: Uint8Array }, artifact: Artifact): EvidenceError | undefined {
  if (!('bytes' in artifact)) return new EvidenceError('wrong-subject', 'this bundle signs the bytes of a file: give the file, not its digest')
  const digest = createHash(content.algorithm.replace('SHA2_', 'sha')).update(artifact.bytes).digest()
  return digest.equals(content.digest) ? undefined : new EvidenceError('wrong-subject', 'the bundle is about a file with another digest')
}

/** The predicate type of a statement that names the artifact; null for a signed file. */
function statementAbout({ content }: SigstoreBundle, artifact: Artifact): string | null | EvidenceError {
  if (!('payload' in content)) return null
  if (content.payloadType !== PAYLOAD_TYPE)
    return new EvidenceError('wrong-payload-type', `the payload is ${content.payloadType}, not ${PAYLOAD_TYPE}`)
  let statement: { readonly _type?: unknown; readonly subject?: unknown; readonly predicateType?: unknown }
  try {
    statement = Object(parseJson(content.payload)) as typeof statement
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new EvidenceError('malformed', `the signed payload is not strict JSON: ${cause.message}`, { cause })
  }
  const { predicateType, subject } = statement
  if (!STATEMENTS.includes(statement._type) || typeof predicateType !== 'string' || !Array.isArray(subject))
    return new EvidenceError('schema', 'the signed payload is not an in-toto statement')
  const isNamed = subject.some((each: unknown) => names(each, artifact))
  return isNamed ? predicateType : new EvidenceError('wrong-subject', 'the statement has no subject with the digest of this artifact')
}

/** One digest of a known algorithm in full length must be equal, and none may differ. */
function names(subject: unknown, artifact: Artifact): boolean {
  const digests: unknown = typeof subject === 'object' && subject !== null ? (subject as { digest?: unknown }).digest : undefined
  if (typeof digests !== 'object' || digests === null) return false
  const known = Object.entries(DIGESTS).flatMap(([algorithm, length]) => {
    const said: unknown = (digests as Record<string, unknown>)[algorithm]
    if (said === undefined) return []
    const real =
      'bytes' in artifact ? createHash(algorithm).update(artifact.bytes).digest('hex') : algorithm === 'sha256' ? artifact.sha256 : undefined
    return real === undefined ? [] : [typeof said === 'string' && said.length === length && said === real]
  })
  return known.length > 0 && known.every(Boolean)
}
