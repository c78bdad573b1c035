/**
 * The only importer of Sigstore's verifier. That library binds neither identity nor subject by itself (an empty policy passes), so its answer is used for
 * one thing alone: this key or certificate signed these bytes, at this time, and so the trusted root says. Who that is, is decided in `identity.ts`.
 * Times are those of the signature, never of the clock: what was valid when it was signed verifies in a year.
 */
import { verify as verifyRaw, X509Certificate, type KeyObject } from 'node:crypto'
import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier, type SignedEntity, type TrustMaterial } from '@sigstore/verify'
import { pae } from '../core/dsse.ts'
import type { SigstoreBundle } from './bundle.ts'
import type { Extension } from './certificate.ts'
import { EvidenceError } from './error.ts'
import { wrongEntry } from './log.ts'
import type { Root } from './root.ts'

export interface Question {
  readonly bundle: SigstoreBundle
  /** The key that must have signed; absent: the bundle's certificate. */
  readonly key?: KeyObject
  readonly root: Root | null
  /** What a bundle without envelope signs. */
  readonly artifact?: Uint8Array
  readonly mustBeLogged: boolean
  /** Milliseconds; a signature from after it is refused. */
  readonly now?: number
}

export interface Signed {
  /** Of the certificate; empty for a key. */
  readonly extensions: readonly Extension[]
  /** Earliest trusted time of the signature, milliseconds; null for a key without timestamp. */
  readonly at: number | null
  readonly logged: boolean
}

const CLOCK_SKEW = 5 * 60_000
/** What the library takes of a root, and the certificates of its authorities for OpenSSL. */
interface Material {
  readonly forSigstore: TrustMaterial
  readonly authorities: readonly X509Certificate[]
}
const materials = new WeakMap<Root, Material>()

/** Signature, chain, certificate log, time and transparency log. */
export function checkSignature(question: Question): Signed | EvidenceError {
  const { bundle, key, root } = question
  const isPlain = bundle.logEntries.length === 0 && bundle.timestamps === 0
  if (question.mustBeLogged && bundle.logEntries.length === 0) return no('no-log-entry', 'no transparency log entry is there, and one is required')
  if (key !== undefined && isPlain && 'payload' in bundle.content) return byKey(bundle, bundle.content, key)
  if (root === null && !(key !== undefined && isPlain))
    return no('no-root', 'it holds a certificate, a timestamp or a log entry, and no trusted root was given to check it with')
  const material = root === null ? NOTHING : materialOf(root)
  return material instanceof EvidenceError ? material : bySigstore(question, material)
}

/** The everyday case, without a detour. */
function byKey(
  bundle: SigstoreBundle,
  content: { readonly payloadType: string; readonly payload: Uint8Array },
  key: KeyObject,
): Signed | EvidenceError {
  const holds = verifyRaw(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', pae(content.payloadType, content.payload), key, bundle.signature)
  return holds ? { extensions: [], at: null, logged: false } : no('bad-signature', 'the signature is not by this key over these bytes')
}

const NOTHING: Material = {
  forSigstore: {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => {
      throw new VerificationError({ code: 'PUBLIC_KEY_ERROR', message: 'no key' })
    },
  },
  authorities: [],
}

function materialOf(root: Root): Material | EvidenceError {
  const known = materials.get(root)
  if (known !== undefined) return known
  try {
    const certificates = root.certificateAuthorities.flatMap(({ certChain }) => certChain.certificates)
    const authorities = certificates.map(({ rawBytes }) => new X509Certificate(Buffer.from(rawBytes, 'base64')))
    const material = { forSigstore: toTrustMaterial(TrustedRoot.fromJSON(root)), authorities }
    materials.set(root, material)
    return material
  } catch (cause) {
    return no('bad-root', 'the trusted root holds a key or a certificate that cannot be read', cause)
  }
}

function bySigstore(question: Question, { forSigstore: material, authorities }: Material): Signed | EvidenceError {
  const { bundle, key } = question
  let entity: SignedEntity
  let times: readonly number[]
  try {
    entity = toSignedEntity(bundleFromJSON(bundle.json), question.artifact === undefined ? undefined : Buffer.from(question.artifact))
    times = timesOf(entity)
  } catch (cause) {
    return no('malformed', 'the certificate or a timestamp of the bundle cannot be read', cause)
  }
  if (times.some((time) => !Number.isFinite(time))) return no('bad-time', 'a timestamp names no time')
  if (key === undefined && times.length === 0) return no('no-time', 'no timestamp and no signed log time says when it was signed')
  const mine = key === undefined ? material : { ...material, publicKey: () => ({ publicKey: key, validFor: () => true }) }
  try {
    const verifier = new Verifier(mine, {
      tlogThreshold: question.mustBeLogged ? 1 : 0,
      ctlogThreshold: key === undefined && material.ctlogs.length > 0 ? 1 : 0,
      timestampThreshold: key === undefined ? 1 : 0,
    })
    const signer = verifier.verify(entity)
    if ('certificate' in bundle.signer && !isIssued(bundle.signer.certificate, authorities))
      return no('bad-certificate', 'no authority of the trusted root signed exactly this certificate')
    const spki = signer.key.export({ type: 'spki', format: 'der' })
    for (const entry of bundle.logEntries) {
      const wrong = wrongEntry(entry, spki)
      if (wrong !== undefined) return wrong
    }
    const at = times.length === 0 ? null : Math.min(...times)
    const late = lateness(bundle, material, times, question.now)
    if (late !== undefined) return late
    const extensions = (signer.identity?.oids ?? []).map(({ oid, value }) => ({ id: oid?.id.join('.') ?? '', value: new Uint8Array(value) }))
    return { extensions, at, logged: bundle.logEntries.length > 0 }
  } catch (cause) {
    return explained(cause, bundle, times)
  }
}

/** Times that the signature's own evidence names; the verifier decides whether they are believed. */
function timesOf(entity: SignedEntity): number[] {
  return entity.timestamps.flatMap((each) => {
    if (each.$case === 'timestamp-authority') return [each.timestamp.signingTime.getTime()]
    return each.tlogEntry.inclusionPromise === undefined ? [] : [Number(each.tlogEntry.integratedTime) * 1000]
  })
}

/** The library asks of a log's validity only where it signs a time. */
function lateness(bundle: SigstoreBundle, material: TrustMaterial, times: readonly number[], now: number | undefined): EvidenceError | undefined {
  if (now !== undefined && times.some((time) => time > now + CLOCK_SKEW)) return no('bad-time', 'it was signed in the future')
  for (const { logId } of bundle.logEntries) {
    const log = material.tlogs.find((each) => each.logID.equals(Buffer.from(logId.keyId, 'base64')))
    if (log !== undefined && times.some((time) => time < log.validFor.start.getTime() || time > log.validFor.end.getTime()))
      return no('bad-log-entry', 'the log was not trusted at that time')
  }
  return undefined
}

function explained(cause: unknown, { signer }: SigstoreBundle, times: readonly number[]): EvidenceError {
  const code = cause instanceof VerificationError ? cause.code : 'UNREADABLE'
  const message = cause instanceof Error ? cause.message : ''
  if (code === 'SIGNATURE_ERROR') return no('bad-signature', 'the signature is not by this signer over these bytes', cause)
  if (code === 'TIMESTAMP_ERROR') return no('bad-time', `the time of the signature is not believed: ${message}`, cause)
  if (code.startsWith('TLOG_')) return no('bad-log-entry', `the log entry is not believed: ${message}`, cause)
  if (code !== 'CERTIFICATE_ERROR' || !('certificate' in signer)) return no('malformed', 'the bundle cannot be read by Sigstore', cause)
  if (message.includes('SCT')) return no('bad-sct', `the certificate is not in a trusted certificate log: ${message}`, cause)
  const validity = validityOf(signer.certificate)
  if (validity !== undefined && times.some((time) => time < validity.from || time > validity.to)) {
    const [from, to] = [validity.from, validity.to].map((time) => new Date(time).toISOString())
    return no('expired-certificate', `the certificate was valid from ${from} to ${to}, and it signed at another time`, cause)
  }
  return no('bad-certificate', 'the certificate does not chain to an authority of the trusted root', cause)
}

/** The library overlooks bytes that no signature covers, such as the outer name of the algorithm; OpenSSL compares them with the signed ones. */
function isIssued(der: Uint8Array, authorities: readonly X509Certificate[]): boolean {
  const certificate = new X509Certificate(der)
  return certificate.raw.equals(der) && authorities.some((by) => certificate.checkIssued(by) && certificate.verify(by.publicKey))
}

function validityOf(der: Uint8Array): { readonly from: number; readonly to: number } | undefined {
  try {
    const { validFromDate, validToDate } = new X509Certificate(der)
    return { from: validFromDate.getTime(), to: validToDate.getTime() }
  } catch {
    return undefined
  }
}

function no(code: EvidenceError['code'], message: string, cause?: unknown): EvidenceError {
  return new EvidenceError(code, message, { cause })
}
