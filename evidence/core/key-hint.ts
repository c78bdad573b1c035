/** The name a bundle gives its key. */
import { createHash, type KeyObject } from 'node:crypto'

/** Base64 of SHA-256 of the key's SPKI DER form. */
export function keyHint(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
}
