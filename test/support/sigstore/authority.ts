/** A certificate authority as Fulcio is one, with its certificate log; every field of a certificate can be said wrong. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { bits, implicit, integer, octets, oid, sequence, set, tagged, time, tlv, uint, utf8, yes } from './der.ts'

export interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export const pair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })
export const sha256 = (...data: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(data)).digest()

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const nameOf = (text: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), utf8(text))))

export interface Extension {
  readonly id: string
  readonly critical?: boolean
  /** DER inside the octet string. */
  readonly value: Uint8Array
}

const encode = ({ id, critical, value }: Extension): Buffer => sequence(oid(id), ...(critical === true ? [yes()] : []), octets(value))
const keyId = (key: KeyObject): Buffer => sha256(spki(key)).subarray(0, 20)

export const SAN = (uri: string, ...more: readonly string[]): Extension => ({
  id: '2.5.29.17',
  critical: true,
  value: sequence(...[uri, ...more].map((each) => implicit(6, Buffer.from(each)))),
})
export const USAGE = (purpose = '1.3.6.1.5.5.7.3.3'): Extension => ({ id: '2.5.29.37', value: sequence(oid(purpose)) })
const AUTHORITY: Extension = { id: '2.5.29.19', critical: true, value: sequence(yes()) }

export interface Named {
  readonly name: string
  readonly key: KeyObject
}

export interface Issuer extends Named {
  readonly privateKey: KeyObject
}

interface CertificateOf {
  readonly subject: Named
  readonly issuer: Issuer
  readonly from: Date
  readonly to: Date
  readonly extensions: readonly Extension[]
  readonly serial: number
}

function tbs({ subject, issuer, from, to, extensions, serial }: CertificateOf): Buffer {
  const identifiers: Extension[] = [
    { id: '2.5.29.14', value: octets(keyId(subject.key)) },
    { id: '2.5.29.35', value: sequence(implicit(0, keyId(issuer.key))) },
  ]
  return sequence(
    tagged(0, integer(2)),
    integer(serial),
    ECDSA_SHA256,
    nameOf(issuer.name),
    sequence(time(from), time(to)),
    nameOf(subject.name),
    spki(subject.key),
    tagged(3, sequence(...[...identifiers, ...extensions].map(encode))),
  )
}

/** DER of a certificate. */
export function certificate(of: CertificateOf): Buffer {
  const body = tbs(of)
  return sequence(body, ECDSA_SHA256, bits(sign('sha256', body, of.issuer.privateKey)))
}

export interface Authority {
  readonly issuer: Issuer
  /** Leaf first, root last: what a trusted root lists. */
  readonly chain: readonly Buffer[]
}

/** A root and one authority under it. */
export function authority(name: string, from: Date, to: Date, leaf: readonly Extension[] = [AUTHORITY]): Authority {
  const [rootKeys, keys] = [pair(), pair()]
  const root: Issuer = { name: `${name} root`, key: rootKeys.publicKey, privateKey: rootKeys.privateKey }
  const issuer: Issuer = { name, key: keys.publicKey, privateKey: keys.privateKey }
  const rootCertificate = certificate({ subject: root, issuer: root, from, to, extensions: [AUTHORITY], serial: 1 })
  return { issuer, chain: [certificate({ subject: issuer, issuer: root, from, to, extensions: leaf, serial: 2 }), rootCertificate] }
}

/** The certificate with a signed certificate timestamp of this log, over these bytes or over others (RFC 6962, 3.2 and 3.3). */
export function logged(of: CertificateOf, log: Pair, at: Date, over: CertificateOf = of): Buffer {
  const when = uint(at.getTime(), 8)
  const body = tbs(over)
  const none = uint(0, 2)
  const signed = Buffer.concat([Buffer.from([0, 0]), when, uint(1, 2), sha256(spki(of.issuer.key)), uint(body.length, 3), body, none])
  const signature = sign('sha256', signed, log.privateKey)
  const sct = Buffer.concat([Buffer.from([0]), sha256(spki(log.publicKey)), when, none, Buffer.from([4, 3]), uint(signature.length, 2), signature])
  const list = Buffer.concat([uint(sct.length + 2, 2), uint(sct.length, 2), sct])
  return certificate({ ...of, extensions: [...of.extensions, { id: '1.3.6.1.4.1.11129.2.4.2', value: octets(list) }] })
}

export interface TimestampOf {
  /** What was stamped: the signature; or what its SHA-256 is, and the nonce of the question, when a client asked. */
  readonly data: Uint8Array | { readonly imprint: Uint8Array; readonly nonce: Uint8Array }
  readonly at: Date
  readonly by: Issuer
  /** Root's name and the serial number of the authority's certificate. */
  readonly sid?: { readonly issuer: string; readonly serial: number }
}

/** RFC 3161 response. */
export function timestamp({ data, at, by, sid = { issuer: `${by.name} root`, serial: 2 } }: TimestampOf): Buffer {
  const sha = sequence(oid('2.16.840.1.101.3.4.2.1'))
  const type = oid('1.2.840.113549.1.9.16.1.4')
  const [imprint, nonce] = data instanceof Uint8Array ? [sha256(data), []] : [data.imprint, [tlv(0x02, data.nonce)]]
  const info = sequence(integer(1), oid('1.3.6.1.4.1.57264.2'), sequence(sha, octets(imprint)), integer(7), time(at), ...nonce)
  const attributes = Buffer.concat([
    sequence(oid('1.2.840.113549.1.9.3'), set(type)),
    sequence(oid('1.2.840.113549.1.9.4'), set(octets(sha256(info)))),
  ])
  const signer = sequence(
    integer(1),
    sequence(nameOf(sid.issuer), integer(sid.serial)),
    sha,
    tlv(0xa0, attributes),
    ECDSA_SHA256,
    octets(sign('sha256', set(attributes), by.privateKey)),
  )
  const signed = sequence(integer(3), set(sha), sequence(type, tagged(0, octets(info))), set(signer))
  return sequence(sequence(integer(0)), sequence(oid('1.2.840.113549.1.7.2'), tagged(0, signed)))
}
