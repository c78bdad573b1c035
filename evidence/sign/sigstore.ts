/**
 * Keyless signing: a key that lives as long as the job, certified by Fulcio for the job's identity. One certificate signs every statement of the job,
 * and a timestamp beside each signature proves that it was made while the certificate held. No statement goes into a transparency log by itself: the
 * manifest of the pack that holds them all does, once.
 */
import { sign, X509Certificate } from 'node:crypto'
import { bundleToJSON } from '@sigstore/bundle'
import { DSSEBundleBuilder, type Witness } from '@sigstore/sign'
import { PAYLOAD_TYPE } from '../model/kinds.ts'
import { SignError } from './error.ts'
import { certify, type Certified } from './fulcio.ts'
import type { Patience } from './service.ts'
import type { Signer } from './signer.ts'
import { timestampOf } from './timestamp.ts'

export type { Witness }

/** The audience Fulcio asks for. */
export const SIGSTORE_AUDIENCE = 'sigstore'

/** Sigstore's public instance. */
export const PUBLIC_FULCIO = 'https://fulcio.sigstore.dev'
export const PUBLIC_TSA = 'https://timestamp.sigstore.dev'

/** A certificate is not used for its last seconds, so that the timestamp still falls into it. */
const MARGIN_MS = 30_000

export interface Keyless {
  /** The job's OIDC token with the audience `sigstore`; null when the job has none. */
  readonly identity: () => Promise<string | null>
  readonly fulcioUrl?: string
  readonly tsaUrl?: string
  readonly patience?: Patience
}

/**
 * The certificate is asked for with the first statement, and again only when it is about to end.
 * Its `sign` throws SignError `no-identity`, `bad-address`, `unavailable`, `refused`, `bad-answer`.
 */
export function keylessSigner(of: Keyless): Signer {
  const { identity, fulcioUrl = PUBLIC_FULCIO, tsaUrl = PUBLIC_TSA } = of
  const patience = of.patience === undefined ? {} : { patience: of.patience }
  let held: Promise<Certified> | null = null
  let usableUntil = 0
  const request = async (): Promise<Certified> => {
    const token = await identity()
    if (token === null)
      throw new SignError('no-identity', 'the job has no identity token, so nothing can be signed without a key; grant it `id-token: write`')
    return certify({ url: fulcioUrl, token, ...patience })
  }
  /** One request for all who ask at the same time; a failed one is forgotten. */
  const certificate = (): Promise<Certified> => {
    if (held !== null && Date.now() < usableUntil) return held
    usableUntil = Number.POSITIVE_INFINITY
    held = request().then(
      (certified) => {
        usableUntil = certified.notAfter - MARGIN_MS
        return certified
      },
      (error: unknown) => {
        held = null
        throw error
      },
    )
    return held
  }
  return {
    id: 'keyless',
    async sign(statementBytes) {
      const { privateKey, certificatePem } = await certificate()
      const key = { $case: 'x509Certificate', certificate: new X509Certificate(certificatePem).toString() } as const
      const builder = new DSSEBundleBuilder({
        signer: { sign: async (data) => ({ signature: sign('sha256', data, privateKey), key }) },
        witnesses: [timestampWitness(tsaUrl, of.patience)],
      })
      return bundleToJSON(await builder.create({ data: Buffer.from(statementBytes), type: PAYLOAD_TYPE }))
    },
  }
}

/** Asks the authority about the one signature of a bundle. */
export function timestampWitness(url: string, patience?: Patience): Witness {
  return {
    async testify(content) {
      const signature = content.$case === 'messageSignature' ? content.messageSignature.signature : content.dsseEnvelope.signatures[0]?.sig
      if (signature === undefined) throw new SignError('bad-answer', 'the bundle has no signature to be timestamped')
      const signedTimestamp = Buffer.from(await timestampOf({ url, signature, ...(patience === undefined ? {} : { patience }) }))
      return { rfc3161Timestamps: [{ signedTimestamp }] }
    },
  }
}
