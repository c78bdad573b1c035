/**
 * RFC 3161 timestamps: a third party says when a signature was there. The request is the standard one, so any timestamping authority serves.
 * https://www.rfc-editor.org/rfc/rfc3161
 */
import { createHash, randomBytes } from 'node:crypto'
import { SignError } from './error.ts'
import { addressOf, ask, type Patience } from './service.ts'

const SERVICE = 'the timestamping authority'
/** id-sha256, with its NULL parameters. */
const SHA256 = Buffer.from('300d06096086480165030402010500', 'hex')

/**
 * @param of.url of the authority; with no path of its own, Sigstore's `/api/v1/timestamp` is asked
 * @returns TimeStampResp, DER; whether a trusted authority made it is for `evidence/verify` to say
 * @throws SignError `bad-address`, `unavailable`, `refused`, `bad-answer`
 */
export async function timestampOf(of: { readonly url: string; readonly signature: Uint8Array; readonly patience?: Patience }): Promise<Uint8Array> {
  const { url, signature, patience } = of
  const plain = addressOf(url, '')
  const imprint = createHash('sha256').update(signature).digest()
  const nonce = Buffer.concat([Buffer.from([0x01 + (randomBytes(1).readUInt8() % 0x7e)]), randomBytes(7)])
  const { bytes } = await ask({
    service: SERVICE,
    url: new URL(plain).pathname === '/' ? addressOf(url, '/api/v1/timestamp') : plain,
    contentType: 'application/timestamp-query',
    accept: 'application/timestamp-reply',
    body: queryOf(imprint, nonce),
    maxBytes: 64 * 1024,
    ...(patience === undefined ? {} : { patience }),
  })
  checkReply(Buffer.from(bytes), imprint, nonce)
  return bytes
}

/** TimeStampReq: version 1, the imprint, a nonce, and the authority's certificate asked for. */
function queryOf(imprint: Buffer, nonce: Buffer): Uint8Array {
  const version = Buffer.from([0x02, 0x01, 0x01])
  const wantsCertificate = Buffer.from([0x01, 0x01, 0xff])
  return sequence(version, sequence(SHA256, tagged(0x04, imprint)), tagged(0x02, nonce), wantsCertificate)
}

/** Granted, about this signature, and an answer to this very question. */
function checkReply(reply: Buffer, imprint: Buffer, nonce: Buffer): void {
  const status = statusOf(reply)
  if (status === null) throw new SignError('bad-answer', `${SERVICE} did not answer with a timestamp`)
  if (status > 1) throw new SignError('refused', `${SERVICE} refused: PKI status ${status}`)
  if (!reply.includes(tagged(0x04, imprint)) || !reply.includes(tagged(0x02, nonce)))
    throw new SignError('bad-answer', `${SERVICE} answered about another signature or to another question`)
}

/** TimeStampResp begins with SEQUENCE { SEQUENCE { INTEGER status ... } ... }. */
function statusOf(reply: Buffer): number | null {
  const outer = contentAt(reply, 0x30)
  const info = outer === null ? null : contentAt(outer, 0x30)
  const status = info === null ? null : contentAt(info, 0x02)
  return status?.length === 1 ? status.readUInt8() : null
}

/** Content of the DER element at the front; null when it is another one or cut off. */
function contentAt(bytes: Buffer, tag: number): Buffer | null {
  const first = bytes[1]
  if (bytes[0] !== tag || first === undefined) return null
  const digits = first < 0x80 ? 0 : first - 0x80
  if (digits > 3 || bytes.length < 2 + digits) return null
  const length = digits === 0 ? first : bytes.readUIntBE(2, digits)
  const content = bytes.subarray(2 + digits, 2 + digits + length)
  return content.length === length ? content : null
}

/** Short forms only: everything asked here is shorter than 128 bytes. */
function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}
