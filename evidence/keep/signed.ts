/**
 * Acts that count only when a person signed them: asking for a purge, approving it. Each is an in-toto statement about the pack's digest in a Sigstore
 * bundle, so that the tombstone can carry it whole and anybody can check it with the people's public keys. They are no evidence for a gate, so their
 * predicate types are not among the kinds of evidence.
 */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { sha256 } from '../core/digest.ts'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import { PAYLOAD_TYPE, STATEMENT_TYPE } from '../model/kinds.ts'
import { RetentionClass } from '../model/manifest.ts'
import { Sha256, Timestamp } from '../model/primitives.ts'
import type { Signer } from '../sign/signer.ts'
import { readBundle } from '../verify/bundle.ts'
import { EvidenceError } from '../verify/error.ts'
import { whoSigned } from '../verify/signer.ts'
import { trustOf } from '../verify/trust.ts'
import type { TrustedKey } from '../verify/verifier.ts'
import { KeepError } from './error.ts'

const BASE = 'https://release-conductor.github.io/retention'
/** What the first subject of every such statement is called. */
const SUBJECT = 'evidence.zip'

const RequestPredicate = z.strictObject({
  schema_version: z.literal(1),
  class: RetentionClass,
  until: Timestamp,
  reason: z.string().min(1).max(500),
  by: z.string().min(1).max(100),
  at: Timestamp,
})
const ApprovalPredicate = z.strictObject({
  schema_version: z.literal(1),
  /** SHA-256 of the request's statement: nobody approves something else. */
  request: Sha256,
  by: z.string().min(1).max(100),
  at: Timestamp,
})

export const SIGNED_ACTS = { 'purge-request': RequestPredicate, 'purge-approval': ApprovalPredicate } as const
export type SignedKind = keyof typeof SIGNED_ACTS
export type SignedPredicate<Kind extends SignedKind> = z.infer<(typeof SIGNED_ACTS)[Kind]>

const Statement = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.strictObject({ name: z.literal(SUBJECT), digest: z.strictObject({ sha256: Sha256 }) })]),
  predicateType: z.string().max(300),
  predicate: z.record(z.string(), z.unknown()),
})

export function predicateTypeOf(kind: string): string {
  return `${BASE}/${kind}/v1`
}

/** The exact bytes to sign. @param pack its SHA-256 */
export function keepStatement(kind: string, pack: string, predicate: Readonly<Record<string, unknown>>): Uint8Array {
  const subject = [{ name: SUBJECT, digest: { sha256: pack } }]
  return Buffer.from(canonicalize({ _type: STATEMENT_TYPE, subject, predicateType: predicateTypeOf(kind), predicate }))
}

/** @returns the bundle as a JSON value, to be kept in the log */
export async function signAct<Kind extends SignedKind>(
  signer: Signer,
  kind: Kind,
  pack: string,
  predicate: SignedPredicate<Kind>,
): Promise<Record<string, unknown>> {
  return (await signer.sign(keepStatement(kind, pack, predicate))) as Record<string, unknown>
}

export interface ReadSigned<Value> {
  readonly predicate: Value
  readonly pack: string
  /** Id of the key. */
  readonly signer: string
  /** SHA-256 of the signed statement. */
  readonly digest: string
}

/** A bundle that one of these keys signed -> what it says. Never throws on hostile input. @param kind last part of its predicate type */
export function readSigned<Value>(
  bundle: unknown,
  keys: readonly TrustedKey[],
  kind: string,
  schema: z.ZodType<Value>,
): ReadSigned<Value> | KeepError {
  const read = readBundle(bundle)
  if (read instanceof EvidenceError) return new KeepError('malformed', read.message, { cause: read })
  if (!('payload' in read.content)) return new KeepError('malformed', 'the bundle signs a file, not a statement')
  const { payload, payloadType } = read.content
  // Keys only: who may ask and approve is named by the operator, and the App signs with its own key.
  const signed = whoSigned(read, trustOf({ keys }), { mustBeLogged: false })
  if (signed instanceof EvidenceError) return new KeepError('bad-signature', signed.message, { cause: signed })
  const { signer } = signed
  if (payloadType !== PAYLOAD_TYPE) return new KeepError('malformed', `the payload is ${payloadType}, not ${PAYLOAD_TYPE}`)
  try {
    const statement = Statement.safeParse(parseJson(payload, { maxBytes: 1024 * 1024 }))
    if (!statement.success || statement.data.predicateType !== predicateTypeOf(kind)) return new KeepError('malformed', `it is no ${kind} statement`)
    const predicate = schema.safeParse(statement.data.predicate)
    if (!predicate.success)
      return new KeepError('malformed', `the ${kind} does not fit its schema: ${predicate.error.issues[0]?.path.join('.') ?? ''}`)
    return { predicate: predicate.data, pack: statement.data.subject[0].digest.sha256, signer, digest: sha256(payload) }
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new KeepError('malformed', `the statement is not strict JSON: ${cause.message}`, { cause })
  }
}
