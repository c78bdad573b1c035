/**
 * Rekor's first generation: an entry of kind `dsse`, which holds digests and the signature, never the payload. The same proposal gives the same entry, so
 * one that is there already is found by asking with it. https://github.com/sigstore/rekor/blob/main/openapi.yaml
 */
import { z } from 'zod'
import { SignError } from './error.ts'
import type { LogEntry, Subject } from './log-entry.ts'
import { addressOf, ask, jsonOf, type Patience } from './service.ts'

const SERVICE = 'the transparency log (Rekor v1)'
const ENTRIES = '/api/v1/log/entries'
const Hex = z.string().regex(/^(?:[0-9a-f]{2}){1,64}$/)
const Uuid = /^[0-9a-f]{64,80}$/

const Entry = z.object({
  body: z.base64(),
  integratedTime: z.number().int().positive(),
  logID: Hex,
  logIndex: z.number().int().nonnegative(),
  verification: z.object({
    signedEntryTimestamp: z.base64(),
    inclusionProof: z.object({
      checkpoint: z.string().max(20_000),
      hashes: z.array(Hex).max(64),
      logIndex: z.number().int().nonnegative(),
      rootHash: Hex,
      treeSize: z.number().int().positive(),
    }),
  }),
})
const One = z.record(z.string().regex(Uuid), Entry).refine((entries) => Object.keys(entries).length === 1)
const Body = z.object({ kind: z.string(), apiVersion: z.string() })

export interface RekorV1 {
  readonly url: string
  readonly patience?: Patience
}

/** Adds the entry, or fetches the one that is there. @throws SignError `unavailable`, `refused`, `bad-answer`, `bad-address` */
export async function addV1(log: RekorV1, subject: Subject): Promise<LogEntry> {
  const reply = await ask({ ...common(log), url: addressOf(log.url, ENTRIES), body: JSON.stringify(proposal(subject)) }, [409])
  if (reply.status !== 409) return readOne(reply.bytes)
  // Only the name is taken from where it points: the log is asked, and nobody else.
  const uuid = /[^/]*$/.exec(reply.location ?? '')?.[0] ?? ''
  if (!Uuid.test(uuid)) throw new SignError('bad-answer', `${SERVICE} has the entry already, and does not say which it is`)
  const found = await ask({ service: SERVICE, url: addressOf(log.url, `${ENTRIES}/${uuid}`), method: 'GET', ...patienceOf(log) })
  return readOne(found.bytes)
}

/** null when the log holds no such entry. */
export async function findV1(log: RekorV1, subject: Subject): Promise<LogEntry | null> {
  const { bytes } = await ask({
    ...common(log),
    url: addressOf(log.url, `${ENTRIES}/retrieve`),
    body: JSON.stringify({ entries: [proposal(subject)] }),
  })
  const found = z.array(z.unknown()).max(10).safeParse(jsonOf(SERVICE, bytes))
  if (!found.success) throw new SignError('bad-answer', `${SERVICE} did not answer with a list of entries`)
  return found.data.length === 0 ? null : entryOf(found.data[0])
}

function proposal({ envelope, verifier }: Subject): object {
  const { payload, payloadType, signature } = envelope
  const text = JSON.stringify({ payload, payloadType, signatures: [{ sig: signature }] })
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: { proposedContent: { envelope: text, verifiers: [Buffer.from(verifier.pem).toString('base64')] } },
  }
}

function readOne(bytes: Uint8Array): LogEntry {
  return entryOf(jsonOf(SERVICE, bytes))
}

function entryOf(value: unknown): LogEntry {
  const parsed = One.safeParse(value)
  const entry = parsed.success ? Object.values(parsed.data)[0] : undefined
  const body = entry === undefined ? undefined : Body.safeParse(jsonOf(SERVICE, Buffer.from(entry.body, 'base64')))
  if (entry === undefined || body?.success !== true) throw new SignError('bad-answer', `${SERVICE} did not answer with one entry and its proof`)
  const { signedEntryTimestamp, inclusionProof: proof } = entry.verification
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: base64(entry.logID) },
    kindVersion: { kind: body.data.kind, version: body.data.apiVersion },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      rootHash: base64(proof.rootHash),
      treeSize: String(proof.treeSize),
      hashes: proof.hashes.map(base64),
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: entry.body,
  }
}

function common(log: RekorV1) {
  return { service: SERVICE, contentType: 'application/json', ...patienceOf(log) } as const
}

function patienceOf({ patience }: RekorV1): { readonly patience?: Patience } {
  return patience === undefined ? {} : { patience }
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
