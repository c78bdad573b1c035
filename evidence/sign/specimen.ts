/**
 * Signing for planted faults: Ed25519 keys made of one number, so that the same specimen has the same bytes for ever. Anybody can make them, so nobody may
 * trust them outside a self-test.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { pae } from '../core/dsse.ts'
import { keyHint } from '../core/key-hint.ts'
import { PAYLOAD_TYPE } from '../model/kinds.ts'

/** PKCS #8 of an Ed25519 key, up to the 32 bytes of its seed. */
const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyOf(number: number): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.concat([PREFIX, Buffer.alloc(32, number)]), format: 'der', type: 'pkcs8' })
}

/** SPKI PEM. @param number 0 to 255 */
export function specimenPublicKey(number: number): string {
  return createPublicKey(keyOf(number)).export({ type: 'spki', format: 'pem' }).toString()
}

/** Statement bytes -> Sigstore bundle v0.3 as text. */
export function specimenBundle(number: number, statement: Uint8Array): string {
  const key = keyOf(number)
  const hint = keyHint(createPublicKey(key))
  const sig = sign(null, pae(PAYLOAD_TYPE, statement), key).toString('base64')
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint } },
    dsseEnvelope: { payload: Buffer.from(statement).toString('base64'), payloadType: PAYLOAD_TYPE, signatures: [{ sig, keyid: hint }] },
  })
}
