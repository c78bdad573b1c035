/** Signing with a key at hand, for offline use and the demo: ECDSA on P-256 with SHA-256, the algorithm every Sigstore client verifies. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { bundleToJSON } from '@sigstore/bundle'
import { DSSEBundleBuilder } from '@sigstore/sign'
import { keyHint } from '../core/key-hint.ts'
import { PAYLOAD_TYPE } from '../model/kinds.ts'
import { SignError } from './error.ts'
import type { Signer } from './signer.ts'

export interface KeyPair {
  /** PKCS #8 PEM. */
  readonly privateKeyPem: string
  /** SPKI PEM. */
  readonly publicKeyPem: string
}

/** A fresh ECDSA P-256 pair from the system's random source. */
export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { privateKeyPem: privateKey, publicKeyPem: publicKey }
}

/** A signer over a private key in PEM. @throws SignError `unusable-key` */
export function localKeySigner(of: { readonly id: string; readonly privateKeyPem: string }): Signer {
  const privateKey = readPrivateKey(of.privateKeyPem)
  const publicKey = createPublicKey(privateKey)
  const hint = keyHint(publicKey)
  const key = { $case: 'publicKey', publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), hint } as const
  const builder = new DSSEBundleBuilder({ signer: { sign: async (data) => ({ signature: sign('sha256', data, privateKey), key }) }, witnesses: [] })
  return {
    id: of.id,
    async sign(statementBytes) {
      const bundle = await builder.create({ data: Buffer.from(statementBytes), type: PAYLOAD_TYPE })
      // Who signed stands in the bundle's hint. A DSSE keyid of another form than theirs makes cosign pass over the signature.
      for (const signature of bundle.content.dsseEnvelope.signatures) signature.keyid = ''
      return bundleToJSON(bundle)
    },
  }
}

function readPrivateKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // The cause is dropped on purpose: it must never carry a part of the key.
    throw new SignError('unusable-key', 'the signing key is not an unencrypted private key in PEM (BEGIN PRIVATE KEY)')
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new SignError('unusable-key', `the signing key is ${describe(key)}; give an ECDSA key on the curve P-256`)
  return key
}

function describe(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve
  return `${key.asymmetricKeyType ?? 'unknown'}${curve === undefined ? '' : ` on ${curve}`}`
}
