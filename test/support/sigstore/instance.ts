/** A whole Sigstore of our own: authority, certificate log, transparency log, clock, and the trusted root that names them. Nothing of it is a service. */
import { sign } from 'node:crypto'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { pae } from '../../../evidence/core/dsse.ts'
import type { Origin } from '../../../evidence/model/statement.ts'
import { PAYLOAD_TYPE } from '../../../evidence/model/kinds.ts'
import type { TrustedRoot } from '../../../evidence/verify/verifier.ts'
import { authority, logged, certificate, pair, SAN, sha256, spki, timestamp, USAGE, type Authority, type Extension, type Pair } from './authority.ts'
import { utf8 } from './der.ts'
import { base64, BODIES, entry, type Entry, type EntryOf } from './log.ts'

const FULCIO = '1.3.6.1.4.1.57264.1.'
const LOG_NAME = 'rekor.example'
export const NOW = new Date('2026-11-20T10:00:00Z')
const START = new Date('2026-01-01T00:00:00Z')
const END = new Date('2036-01-01T00:00:00Z')

export function minutes(from: Date, count: number): Date {
  return new Date(from.getTime() + count * 60_000)
}

/** Numbers of Fulcio's extensions -> what GitHub Actions says of this job. */
export function jobOf(origin: Origin): Record<number, string> {
  return {
    8: 'https://token.actions.githubusercontent.com',
    9: `https://github.com/${origin.signer_workflow}`,
    10: origin.signer_digest,
    11: origin.runner_environment,
    12: `https://github.com/${origin.repository}`,
    13: origin.sha,
    14: origin.ref,
    15: String(origin.repository_id),
    16: `https://github.com/${origin.repository.split('/')[0]}`,
    17: '99',
    18: `https://github.com/${origin.workflow}`,
    19: origin.sha,
    20: origin.event,
    21: `https://github.com/${origin.repository}/actions/runs/${origin.run_id}/attempts/${origin.run_attempt}`,
    22: 'private',
  }
}

/** The older extensions of a Fulcio certificate, which say the same in bare bytes. */
export function legacyOf(job: Readonly<Record<number, string>>): Record<number, string> {
  return {
    1: job[8] ?? '',
    2: job[20] ?? '',
    3: job[13] ?? '',
    4: 'release',
    5: (job[12] ?? '').replace('https://github.com/', ''),
    6: job[14] ?? '',
  }
}

export interface KeylessOf {
  readonly payload: Uint8Array
  readonly payloadType?: string
  /** Extensions .8 and up. */
  readonly job: Readonly<Record<number, string>>
  /** Extensions .1 to .6. */
  readonly legacy?: Readonly<Record<number, string>>
  /** Subject alternative name; default: the signer's URI. */
  readonly san?: Extension
  readonly usage?: Extension
  readonly more?: readonly Extension[]
  readonly from?: Date
  readonly to?: Date
  readonly by?: Authority
  /** `absent`, `stranger`: by a log that the root does not name, `other`: over another certificate. */
  readonly sct?: 'absent' | 'stranger' | 'other'
  /** When the clock stamped the signature; empty: not at all. */
  readonly stamps?: readonly Date[]
  readonly clock?: Authority
  /** What the clock stamps, when it is not the signature. */
  readonly stamped?: Uint8Array
  readonly log?: Partial<EntryOf> & { readonly kind?: keyof typeof BODIES }
}

/** A bundle as JSON, loosely typed so that a test can break it. */
export interface BundleJson {
  mediaType: string
  verificationMaterial: {
    certificate?: { rawBytes: string }
    publicKey?: { hint: string }
    tlogEntries?: Entry[]
    timestampVerificationData?: { rfc3161Timestamps: { signedTimestamp: string }[] }
  }
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid?: string }[] }
}

export class Sigstore {
  readonly authority = authority('fulcio.example', START, END)
  readonly clock = authority('tsa.example', START, END, [USAGE('1.3.6.1.5.5.7.3.8')])
  readonly ctLog = pair()
  readonly log = pair()

  /** The trusted root as JSON. */
  root(): Record<string, unknown[]> & { mediaType: string } {
    const validFor = { start: START.toISOString() }
    const authorityOf = (of: Authority, uri: string): object => ({
      subject: { organization: 'example', commonName: of.issuer.name },
      uri,
      certChain: { certificates: of.chain.map((der) => ({ rawBytes: base64(der) })) },
      validFor,
    })
    const logOf = (of: Pair, name: string): object => ({
      baseUrl: `https://${name}`,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: base64(spki(of.publicKey)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
      logId: { keyId: base64(sha256(spki(of.publicKey))) },
    })
    return {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logOf(this.log, LOG_NAME)],
      certificateAuthorities: [authorityOf(this.authority, 'https://fulcio.example')],
      ctlogs: [logOf(this.ctLog, 'ct.example')],
      timestampAuthorities: [authorityOf(this.clock, 'https://tsa.example')],
    } as never
  }

  trustedRoot(root: object = this.root()): TrustedRoot {
    return { bytes: Buffer.from(canonicalize(root)) }
  }

  /** What a job signs without a key of its own. */
  keyless(of: KeylessOf): BundleJson {
    const keys = pair()
    const { payload, payloadType = PAYLOAD_TYPE } = of
    const signature = sign('sha256', pae(payloadType, payload), keys.privateKey)
    const der = this.certify(keys, of)
    const pem = `-----BEGIN CERTIFICATE-----\n${base64(der)}\n-----END CERTIFICATE-----\n`
    const kind = of.log?.kind ?? 'dsse'
    const body = BODIES[kind]({ payloadType, payload, signature, verifier: pem })
    const stamps = (of.stamps ?? [NOW]).map((at) => ({
      signedTimestamp: base64(timestamp({ data: of.stamped ?? signature, at, by: (of.clock ?? this.clock).issuer })),
    }))
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: base64(der) },
        ...(of.log === undefined ? {} : { tlogEntries: [this.entry({ body, ...of.log })] }),
        ...(stamps.length === 0 ? {} : { timestampVerificationData: { rfc3161Timestamps: stamps } }),
      },
      dsseEnvelope: { payload: base64(payload), payloadType, signatures: [{ sig: base64(signature) }] },
    }
  }

  entry(of: Partial<EntryOf> & Pick<EntryOf, 'body'>): Entry {
    return entry({ log: this.log, name: LOG_NAME, ...of })
  }

  /** DER of the certificate for a key. */
  certify(keys: Pick<Pair, 'publicKey'>, of: Omit<KeylessOf, 'payload'>): Buffer {
    const { issuer } = of.by ?? this.authority
    const [from, to] = [of.from ?? minutes(NOW, -1), of.to ?? minutes(NOW, 9)]
    const modern = Object.entries(of.job).map(([number, value]) => ({ id: `${FULCIO}${number}`, value: utf8(value) }))
    const legacy = Object.entries(of.legacy ?? legacyOf(of.job)).map(([number, value]) => ({ id: `${FULCIO}${number}`, value: Buffer.from(value) }))
    const extensions = [of.usage ?? USAGE(), of.san ?? SAN(of.job[9] ?? ''), ...legacy, ...modern, ...(of.more ?? [])]
    const whole = { subject: { name: '', key: keys.publicKey }, issuer, from, to, extensions, serial: 3 }
    if (of.sct === 'absent') return certificate(whole)
    const log = of.sct === 'stranger' ? pair() : this.ctLog
    return logged(whole, log, from, of.sct === 'other' ? { ...whole, serial: 4 } : whole)
  }
}
