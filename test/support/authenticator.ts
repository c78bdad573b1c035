/** A security key in software, with everything that a wrong one might say. What it answers is as a browser's JSON (WebAuthn Level 3, section 5.1). */
import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'

export interface Wrong {
  readonly origin?: string
  readonly challenge?: string
  readonly rpId?: string
  /** `webauthn.get`, `webauthn.create` */
  readonly type?: string
  /** Nobody touched it, or it asked for no PIN. */
  readonly flags?: number
  readonly counter?: number
  readonly id?: string
}

interface Options {
  readonly challenge: string
  readonly rp?: { readonly id?: string }
  readonly rpId?: string
}

/** User present, user verified. */
const VERIFIED = 0x05
export const PRESENT_ONLY = 0x01
const ATTESTED = 0x40

const sha256 = (of: string | Uint8Array): Buffer => createHash('sha256').update(of).digest()

/** CBOR (RFC 8949) of a byte string or of a text of less than 65,536 bytes. */
function cbor(of: Uint8Array | string): Buffer {
  const [major, bytes] = typeof of === 'string' ? [0x60, Buffer.from(of)] : [0x40, Buffer.from(of)]
  const head =
    bytes.length < 24 ? [major | bytes.length] : bytes.length < 256 ? [major | 24, bytes.length] : [major | 25, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from(head), bytes])
}

const part = (text: string): Buffer => cbor(Buffer.from(text, 'base64url'))

export class Authenticator {
  readonly id = randomBytes(16)
  counter = 0
  private readonly privateKey: KeyObject
  private readonly cose: Buffer

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    this.privateKey = privateKey
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    this.cose = Buffer.concat([Buffer.from('a5010203262001', 'hex'), Buffer.from([0x21]), part(x), Buffer.from([0x22]), part(y)])
  }

  create(options: Options, origin: string, wrong: Wrong = {}): string {
    const data = this.data(options.rp?.id ?? '', wrong, ATTESTED)
    const length = Buffer.from([this.id.length >> 8, this.id.length & 255])
    const authData = Buffer.concat([data, Buffer.alloc(16), length, this.id, this.cose])
    const object = Buffer.concat([
      Buffer.from([0xa3]),
      cbor('fmt'),
      cbor('none'),
      cbor('attStmt'),
      Buffer.from([0xa0]),
      cbor('authData'),
      cbor(authData),
    ])
    const client = this.client('webauthn.create', options, origin, wrong)
    return this.answer({ clientDataJSON: client.toString('base64url'), attestationObject: object.toString('base64url') }, wrong)
  }

  get(options: Options, origin: string, wrong: Wrong = {}): string {
    this.counter += 1
    const data = this.data(options.rpId ?? '', wrong, 0)
    const client = this.client('webauthn.get', options, origin, wrong)
    const signature = createSign('sha256').update(data).update(sha256(client)).sign(this.privateKey)
    const [clientDataJSON, authenticatorData, signed] = [client, data, signature].map((bytes) => bytes.toString('base64url'))
    return this.answer({ clientDataJSON, authenticatorData, signature: signed }, wrong)
  }

  private client(type: string, { challenge }: Options, origin: string, wrong: Wrong): Buffer {
    return Buffer.from(
      JSON.stringify({ type: wrong.type ?? type, challenge: wrong.challenge ?? challenge, origin: wrong.origin ?? origin, crossOrigin: false }),
    )
  }

  private data(rpId: string, { flags = VERIFIED, counter = this.counter, ...wrong }: Wrong, more: number): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(wrong.rpId ?? rpId), Buffer.from([flags | more]), count])
  }

  private answer(response: object, wrong: Wrong): string {
    const id = wrong.id ?? this.id.toString('base64url')
    return JSON.stringify({ id, rawId: id, type: 'public-key', response, clientExtensionResults: {} })
  }
}
