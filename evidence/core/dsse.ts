/**
 * Dead Simple Signing Envelope: the exact bytes that are signed, and the shape of the envelope around them. The payload is signed as bytes; nobody
 * parses it before the signature holds. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
import { z } from 'zod'
import { CoreError } from './error.ts'

/** Pre-authentication encoding: what the signature covers. */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8')
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload])
}

/** Standard base64 -> bytes; one text per value, so padding and unused bits must be exact. @throws CoreError `malformed` */
export function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new CoreError('malformed', 'not standard base64')
  return new Uint8Array(bytes)
}

/** An envelope with exactly one signature: we emit one, and several would ask which of them counts. */
export const Envelope = z.strictObject({
  payload: z.string().min(1),
  payloadType: z.string().min(1).max(200),
  signatures: z.array(z.strictObject({ sig: z.string().min(1).max(2000), keyid: z.string().max(200).optional() })).length(1),
})
export type Envelope = z.infer<typeof Envelope>
