/** The index of a pack: every file with its digest and what covers it. The manifest is what the signature covers. */
import { z } from 'zod'
import { CommitSha, RepositoryName, Sha256, Timestamp, Version } from './primitives.ts'

export const ManifestEntry = z.strictObject({
  path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[A-Za-z0-9._/-]{1,300}$/),
  sha256: Sha256,
  size: z.number().int().nonnegative(),
  /** SHA-256 of the statement (DSSE payload) that names this file as a subject, when one does. */
  covered_by: Sha256.nullable(),
})
export type ManifestEntry = z.infer<typeof ManifestEntry>

/** What a pack answers later: what was shipped, or what went wrong (`evidence/keep/policy.ts`). */
export const RetentionClass = z.enum(['release', 'incident'])
export type RetentionClass = z.infer<typeof RetentionClass>

/** How long the pack must be kept at least, as it was sealed. */
export const ManifestKeep = z.strictObject({ class: RetentionClass, until: Timestamp })
export type ManifestKeep = z.infer<typeof ManifestKeep>

/** A position of a release's ledger as a Merkle log. */
export const Tree = z.strictObject({ origin: z.string().min(1).max(300), size: z.number().int().positive(), root: Sha256 })
export type Tree = z.infer<typeof Tree>

export const Manifest = z.strictObject({
  schema_version: z.literal(1),
  version: Version,
  /** Number in the chain of the release's packs: 1 before the first promotion, one more for each further fact. */
  seal: z.number().int().min(1).max(10_000),
  repository: RepositoryName,
  repository_id: z.number().int().positive(),
  commits: z.strictObject({ base: CommitSha, head: CommitSha }),
  outcome: z.enum(['proven', 'promoted', 'rolled_back']),
  /** Sorted by path; everything in the pack except the manifest and its signature. */
  artifacts: z.array(ManifestEntry).min(1).max(20_000),
  /** Every byte of the zip before this manifest: the files as they were packed, so that one packed anew is another. */
  archive: z.strictObject({ sha256: Sha256, size: z.number().int().positive() }),
  /** What the packed bytes depend on beside the files: the same inputs and the same packer give the same pack. */
  packer: z.strictObject({ zlib: z.string().min(1).max(100), level: z.number().int().min(0).max(9) }),
  ledger: z.strictObject({ root: Sha256, entries: z.number().int().positive() }),
  /** The Merkle tree over the ledger's entries; the checkpoint beside the ledger says the same in the format of transparency logs. */
  tree: Tree,
  evidence_root: Sha256,
  signer: z.string().min(1).max(500),
  /** Digest of the pack this one follows. */
  previous: Sha256.nullable(),
  log: z.array(z.string().max(500)).max(10),
  sealed_at: Timestamp,
  /** Absent in packs of before there was a policy. */
  keep: ManifestKeep.optional(),
})
export type Manifest = z.infer<typeof Manifest>
