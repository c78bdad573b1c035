/** A transparency log as Rekor is one: RFC 6962 tree, signed checkpoint, signed entry timestamp. Each part can be said wrong. */
import { sign } from 'node:crypto'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { pae } from '../../../evidence/core/dsse.ts'
import { sha256, spki, type Pair } from './authority.ts'

const leaf = (data: Uint8Array): Buffer => sha256(Buffer.from([0]), data)
const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.from([1]), left, right)

function split(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves
  if (only !== undefined && leaves.length === 1) return only
  const half = split(leaves.length)
  return node(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

function proofOf(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length === 1) return []
  const half = split(leaves.length)
  return index < half
    ? [...proofOf(leaves.slice(0, half), index), rootOf(leaves.slice(half))]
    : [...proofOf(leaves.slice(half), index - half), rootOf(leaves.slice(0, half))]
}

export interface Signed {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** PEM of the certificate or key. */
  readonly verifier: string
}

/** The entry bodies of both generations of the log. */
export const BODIES = {
  dsse: ({ payload, signature, verifier }: Signed) => ({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: '0'.repeat(64) },
      payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
      signatures: [{ signature: base64(signature), verifier: base64(Buffer.from(verifier)) }],
    },
  }),
  hashedrekord: ({ payloadType, payload, signature, verifier }: Signed) => ({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: base64(sha256(pae(payloadType, payload))) },
        signature: { content: base64(signature), verifier: verifierOf(verifier) },
      },
    },
  }),
}

function verifierOf(pem: string): object {
  const rawBytes = pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
  return pem.includes('CERTIFICATE')
    ? { keyDetails: 'PKIX_ECDSA_P256_SHA_256', x509Certificate: { rawBytes } }
    : { keyDetails: 'PKIX_ECDSA_P256_SHA_256', publicKey: { rawBytes } }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

export interface EntryOf {
  readonly log: Pair
  readonly name: string
  readonly body: { readonly kind: string; readonly apiVersion: string }
  /** Absent: the log signs no time. */
  readonly at?: Date
  /** Who signs the checkpoint, when it is not the log. */
  readonly checkpointBy?: Pair
  /** Size of the tree; the entry is the one before the last. */
  readonly size?: number
}

export interface Entry {
  logIndex: string
  logId: { keyId: string }
  kindVersion: { kind: string; version: string }
  integratedTime?: string
  inclusionPromise?: { signedEntryTimestamp: string }
  inclusionProof?: { logIndex: string; rootHash: string; treeSize: string; hashes: string[]; checkpoint: { envelope: string } }
  canonicalizedBody: string
}

export function entry({ log, name, body, at, checkpointBy = log, size = 7 }: EntryOf): Entry {
  const bytes = Buffer.from(canonicalize(body))
  const index = size - 2
  const leaves = Array.from({ length: size }, (_, each) => leaf(each === index ? bytes : Buffer.from(`entry ${each}`)))
  const root = base64(rootOf(leaves))
  const id = sha256(spki(log.publicKey))
  return {
    logIndex: String(index),
    logId: { keyId: base64(id) },
    kindVersion: { kind: body.kind, version: body.apiVersion },
    ...(at === undefined ? {} : promise(log, id, base64(bytes), at, index)),
    inclusionProof: {
      logIndex: String(index),
      rootHash: root,
      treeSize: String(size),
      hashes: proofOf(leaves, index).map(base64),
      checkpoint: { envelope: checkpoint(name, size, root, checkpointBy, id) },
    },
    canonicalizedBody: base64(bytes),
  }
}

function promise(log: Pair, id: Buffer, body: string, at: Date, logIndex: number): Pick<Entry, 'integratedTime' | 'inclusionPromise'> {
  const integratedTime = Math.floor(at.getTime() / 1000)
  const signed = canonicalize({ body, integratedTime, logID: id.toString('hex'), logIndex })
  return {
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: base64(sign('sha256', Buffer.from(signed), log.privateKey)) },
  }
}

/** C2SP signed note. */
export function checkpoint(name: string, size: number, root: string, by: Pair, id: Buffer): string {
  const note = `${name}\n${size}\n${root}\n`
  const signature = Buffer.concat([id.subarray(0, 4), sign('sha256', Buffer.from(note), by.privateKey)])
  return `${note}\n\u2014 ${name} ${base64(signature)}\n`
}
