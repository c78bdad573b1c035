/** A certificate authority and a clock that say what a test wants: enough of X.509 and RFC 3161 for a signer, nothing a verifier would believe. */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { loopback, type Asked, type Loopback, type Said } from './loopback.ts'

export interface FakeSigstore extends Loopback {
  /** What was asked at a path. */
  at(path: string): readonly Asked[]
}

export interface Faults {
  /** Certify this key instead of the one asked about. */
  readonly certify?: KeyObject
  /** Seconds a certificate lives; default 600. */
  readonly lives?: number
  readonly answer?: (asked: Asked) => Said | 'never' | null
}

const CERTIFICATES = '/api/v2/signingCert'
const TIMESTAMPS = '/api/v1/timestamp'

export async function fakeSigstore(faults: Faults = {}): Promise<FakeSigstore> {
  const server = await loopback((asked) => {
    const instead = faults.answer?.(asked)
    if (instead != null) return instead
    if (asked.path === TIMESTAMPS) return { body: timestampReply(asked.body) }
    if (asked.path !== CERTIFICATES) return { status: 404 }
    const request = JSON.parse(asked.body.toString()) as { publicKeyRequest: { publicKey: { content: string } } }
    const key = faults.certify ?? createPublicKey(request.publicKeyRequest.publicKey.content)
    return { status: 201, body: { signedCertificateEmbeddedSct: { chain: { certificates: [certificateOf(key, faults.lives ?? 600)] } } } }
  })
  return Object.assign(server, { at: (path: string) => server.asked.filter((asked) => asked.path === path) })
}

const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let serial = 1

/** @param seconds from now */
export function certificateOf(key: KeyObject, seconds: number): string {
  const algorithm = element(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const name = element(0x30, element(0x31, element(0x30, Buffer.from('0603550403', 'hex'), element(0x0c, Buffer.from('test')))))
  const time = (at: number): Buffer => element(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
  const now = Date.now()
  const inner = element(
    0x30,
    Buffer.from('a003020102', 'hex'),
    element(0x02, Buffer.from([serial++ % 0x7f])),
    algorithm,
    name,
    element(0x30, time(now - 1000), time(now + seconds * 1000)),
    name,
    key.export({ type: 'spki', format: 'der' }),
  )
  const signature = element(0x03, Buffer.from([0]), sign('sha256', inner, issuer.privateKey))
  const der = element(0x30, inner, algorithm, signature)
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

/** Granted, with the imprint and the nonce of the question. */
function timestampReply(query: Buffer): Buffer {
  return element(0x30, element(0x30, Buffer.from([0x02, 0x01, 0x00])), query.subarray(22, 56), query.subarray(-13, -3))
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length =
    content.length < 0x80 ? [content.length] : content.length < 0x100 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
