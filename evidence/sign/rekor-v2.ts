/**
 * Rekor's second generation: a tiled log that takes one kind of entry, the digest of what a signature covers. It has no search; what was added before is
 * found among the newest leaves, whose hash follows from the bundle. https://github.com/sigstore/rekor-tiles/blob/main/CLIENTS.md
 */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { SignError } from './error.ts'
import type { LogEntry, Subject } from './log-entry.ts'
import { addressOf, ask, jsonOf, type Patience } from './service.ts'
import { findLeaf, inclusionProof, leafHash, readCheckpoint, type Checkpoint } from './tiles.ts'

const SERVICE = 'the transparency log (Rekor v2)'
/** The log answers when the entry is in the tree, which takes until its next checkpoint. */
export const PATIENT_V2: Patience = { timeoutMs: 30_000, attempts: 2, pauseMs: 1000 }
/** How far back an entry of ours is looked for, when nobody knows where to begin. */
const FAR_BACK = 64 * 256

const Int = z.string().regex(/^(?:0|[1-9]\d{0,15})$/)
const Entry = z.object({
  logIndex: Int,
  logId: z.object({ keyId: z.base64() }),
  kindVersion: z.object({ kind: z.literal('hashedrekord'), version: z.literal('0.0.2') }),
  inclusionProof: z.object({
    logIndex: Int,
    rootHash: z.base64(),
    treeSize: Int,
    hashes: z.array(z.base64()).max(64),
    checkpoint: z.object({ envelope: z.string().max(20_000) }),
  }),
  canonicalizedBody: z.base64(),
})

export interface RekorV2 {
  readonly url: string
  /** Ids of the logs that the trusted root names, base64: a tile does not say whose it is. */
  readonly logIds: readonly string[]
  readonly patience?: Patience
}

/** How many entries the log holds; null when it does not show its tree. */
export async function sizeV2(log: RekorV2): Promise<number | null> {
  return (await shown(log))?.size ?? null
}

/**
 * Adds the entry, or reads the one that is there out of the tiles.
 * @throws SignError `unavailable`, `refused`, `bad-answer`, `bad-address`, `not-loggable` (an Ed25519 signature covers no digest)
 */
export async function addV2(log: RekorV2, subject: Subject): Promise<LogEntry> {
  const { patience = PATIENT_V2 } = log
  const { digest, signature } = hashed(subject)
  const body = JSON.stringify({ hashedRekordRequestV002: { digest, signature } })
  const url = addressOf(log.url, '/api/v2/log/entries')
  const reply = await ask({ service: SERVICE, url, contentType: 'application/json', body, patience }, [409])
  if (reply.status === 409) {
    const found = await findV2(log, subject, 0)
    if (found !== null) return found
    throw new SignError('unavailable', `${SERVICE} has the entry already, and does not show it yet`)
  }
  const parsed = Entry.safeParse(jsonOf(SERVICE, reply.bytes))
  if (!parsed.success) throw new SignError('bad-answer', `${SERVICE} did not answer with an entry and its proof`)
  return parsed.data
}

/**
 * @param from how many entries the log held before ours can have been added; 0: unknown
 * @returns null when the log does not hold it, as far as it shows
 */
export async function findV2(log: RekorV2, subject: Subject, from: number): Promise<LogEntry | null> {
  const checkpoint = await shown(log)
  if (checkpoint === null) return null
  const body = Buffer.from(canonicalBody(subject))
  const tiles = tilesOf(log)
  const index = await findLeaf(tiles, { leaf: leafHash(body), size: checkpoint.size, from, most: FAR_BACK })
  if (index === null) return null
  const hashes = await inclusionProof(tiles, index, checkpoint.size)
  return {
    logIndex: String(index),
    logId: { keyId: idOf(log, checkpoint) },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    inclusionProof: {
      logIndex: String(index),
      rootHash: checkpoint.root,
      treeSize: String(checkpoint.size),
      hashes: hashes.map((hash) => hash.toString('base64')),
      checkpoint: { envelope: checkpoint.envelope },
    },
    canonicalizedBody: body.toString('base64'),
  }
}

/** null when the log does not publish its tree here: then it alone knows what it holds, and it refuses to hold it twice. */
async function shown(log: RekorV2): Promise<Checkpoint | null> {
  try {
    return await readCheckpoint(tilesOf(log))
  } catch (error) {
    if (error instanceof SignError && error.code === 'refused') return null
    throw error
  }
}

function idOf({ logIds }: RekorV2, { keyIds }: Checkpoint): string {
  const id = logIds.find((each) => keyIds.some((first) => Buffer.from(each, 'base64').subarray(0, 4).equals(first)))
  if (id === undefined) throw new SignError('bad-answer', `${SERVICE} signs its checkpoint with a key that the trusted root does not name`)
  return id
}

function hashed({ covered, envelope, verifier }: Subject): { readonly digest: string; readonly signature: object } {
  if (verifier.kind === 'key' && verifier.type === 'ed25519')
    throw new SignError(
      'not-loggable',
      `${SERVICE} takes digests, and an Ed25519 signature covers none; sign with an ECDSA P-256 key, or use Rekor v1`,
    )
  const rawBytes = verifier.der.toString('base64')
  const named = verifier.kind === 'key' ? { publicKey: { rawBytes } } : { x509Certificate: { rawBytes } }
  return {
    digest: covered.toString('base64'),
    signature: { content: envelope.signature, verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', ...named } },
  }
}

function canonicalBody(subject: Subject): string {
  const { digest, signature } = hashed(subject)
  return canonicalize({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest }, signature } },
  })
}

function tilesOf(log: RekorV2): { readonly url: string; readonly patience?: Patience } {
  return { url: addressOf(log.url, '/api/v2'), ...(log.patience === undefined ? {} : { patience: log.patience }) }
}
