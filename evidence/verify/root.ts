/**
 * `trusted_root.json`: whose certificates, logs and clocks count, and from when to when. Sigstore's library takes a missing start of a validity for the
 * beginning of time; here every authority needs one, or the whole root is refused.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
 */
import { z } from 'zod'
import type { Json } from '../core/canonical.ts'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import { EvidenceError } from './error.ts'
import { firstIssues } from './predicates.ts'

const MAX_BYTES = 1 << 20

const Bytes = z
  .string()
  .min(1)
  .max(20_000)
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'standard base64')
const Instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/, 'a time in UTC')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'a time that exists')
const Validity = z
  .strictObject({ start: Instant, end: Instant.optional() })
  .refine(({ start, end }) => end === undefined || Date.parse(start) <= Date.parse(end), 'a validity that does not end before it starts')

const LogId = z.strictObject({ keyId: Bytes })
const Log = z.strictObject({
  baseUrl: z.string().min(1).max(500),
  hashAlgorithm: z.literal('SHA2_256'),
  publicKey: z.strictObject({ rawBytes: Bytes, keyDetails: z.string().max(100), validFor: Validity }),
  logId: LogId,
  checkpointKeyId: LogId.optional(),
  operator: z.string().max(200).optional(),
})
export type RootLog = z.infer<typeof Log>

const Authority = z.strictObject({
  subject: z.strictObject({ organization: z.string().max(200), commonName: z.string().max(200) }),
  uri: z.string().max(500).optional(),
  certChain: z.strictObject({
    certificates: z
      .array(z.strictObject({ rawBytes: Bytes }))
      .min(1)
      .max(10),
  }),
  validFor: Validity,
  operator: z.string().max(200).optional(),
})

const Root = z.strictObject({
  mediaType: z.enum(['application/vnd.dev.sigstore.trustedroot+json;version=0.1', 'application/vnd.dev.sigstore.trustedroot.v0.2+json']),
  tlogs: z.array(Log).max(50).default([]),
  certificateAuthorities: z.array(Authority).max(50).default([]),
  ctlogs: z.array(Log).max(50).default([]),
  timestampAuthorities: z.array(Authority).max(50).default([]),
})
export type Root = z.infer<typeof Root>

/** Bytes of `trusted_root.json` -> the root, or `bad-root` with what is wrong. */
export function readRoot(bytes: Uint8Array): Root | EvidenceError {
  try {
    const parsed = Root.safeParse(withoutNull(parseJson(bytes, { maxBytes: MAX_BYTES, maxDepth: 16 })))
    return parsed.success ? parsed.data : new EvidenceError('bad-root', `the trusted root is not safe to use: ${firstIssues(parsed.error)}`)
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new EvidenceError('bad-root', `the trusted root cannot be read: ${cause.message}`, { cause })
  }
}

/** In protobuf's JSON a null is an absent member. */
function withoutNull(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNull)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNull(member)]),
  )
}
