/** Signing with a key at hand, for the App, for offline use and the demo: ECDSA on P-256 with SHA-256, or Ed25519. */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { bundleToJSON } from '@sigstore/bundle'
import type { BundleBuilder, Witness } from '@sigstore/sign'
// Not by its door: behind that stand the clients of every service, which take longer to load than a pack to verify.
import { DSSEBundleBuilder, MessageSignatureBundleBuilder } from '@sigstore/sign/dist/bundler/index.js'
import { keyHint } from '../core/key-hint.ts'
import { PAYLOAD_TYPE } from '../model/kinds.ts'
import { readPrivateKey } from './private-key.ts'
import type { Signer } from './signer.ts'

export type KeyType = 'ecdsa' | 'ed25519'

export interface KeyPair {
  /** PKCS #8 PEM. */
  readonly privateKeyPem: string
  /** SPKI PEM. */
  readonly publicKeyPem: string
}

/** A fresh pair from the system's random source; `ecdsa` is on P-256. */
export function generateKeyPair(type: KeyType = 'ecdsa'): KeyPair {
  const { privateKey, publicKey } = type === 'ecdsa' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

export interface LocalKey {
  readonly id: string
  /** PKCS #8 PEM, or cosign's encrypted form. */
  readonly privateKeyPem: string
  /** Of an encrypted key. */
  readonly password?: string | undefined
}

export interface LocalSigner extends Signer {
  /** SPKI PEM. */
  readonly publicKeyPem: string
  /** Any bytes -> Sigstore bundle v0.3 with a message signature, as `cosign verify-blob --bundle` takes it. */
  signBlob(bytes: Uint8Array): Promise<unknown>
}

/**
 * @param witnesses asked about each signature, such as a timestamping authority; what they throw, `sign` throws
 * @throws SignError `unusable-key`, `wrong-password`
 */
export function localKeySigner(of: LocalKey, witnesses: readonly Witness[] = []): LocalSigner {
  const privateKey = readPrivateKey({ text: of.privateKeyPem, password: of.password })
  const publicKey = createPublicKey(privateKey)
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const key = { $case: 'publicKey', publicKey: publicKeyPem, hint: keyHint(publicKey) } as const
  const by = { signer: { sign: async (data: Buffer) => ({ signature: signature(data, privateKey), key }) }, witnesses: [...witnesses] }
  return {
    id: of.id,
    publicKeyPem,
    sign: (statementBytes) => bundle(new DSSEBundleBuilder(by), statementBytes),
    signBlob: (bytes) => bundle(new MessageSignatureBundleBuilder(by), bytes),
  }
}

async function bundle(builder: BundleBuilder, bytes: Uint8Array): Promise<unknown> {
  return withoutKeyId(bundleToJSON(await builder.create({ data: Buffer.from(bytes), type: PAYLOAD_TYPE })))
}

/** The bundle's hint names the key. A `keyid` in the envelope is unsigned, and cosign computes another one for the same key and refuses. */
function withoutKeyId(bundle: ReturnType<typeof bundleToJSON>): unknown {
  const { dsseEnvelope: envelope } = bundle
  return envelope === undefined ? bundle : { ...bundle, dsseEnvelope: { ...envelope, signatures: envelope.signatures.map(({ sig }) => ({ sig })) } }
}

/** Ed25519 hashes by itself. */
function signature(data: Uint8Array, key: KeyObject): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key)
}
