/**
 * What an adopter puts beside a release (docs/adopt.md): `scan.json`, which says of each vulnerability report what it speaks about, when it was made and
 * from what, because most report formats do not; and `artifacts.json`, what was built. Neither is believed for its word: the raw report, the lock file and
 * the signatures are held against them.
 */
import { z } from 'zod'
import { RepositoryPath } from './config/names.ts'
import { CommitSha, Sha256 } from './primitives.ts'

export const SCAN_RECORD_FILE = 'scan.json'
export const ARTIFACT_LIST_FILE = 'artifacts.json'
export const ATTESTATION_FOLDER = 'attestations'
/** One for each lock file that can be read. */
export const MAX_SCANS = 200

const Instant = z.iso.datetime({ offset: true, error: 'a time such as 2026-11-22T18:30:00Z' })

export const ScanTarget = z.union([
  z.strictObject({ lockfile: RepositoryPath, sha256: Sha256 }),
  z.strictObject({ commit: CommitSha }),
  z.strictObject({ artifact: z.string().min(1).max(300), sha256: Sha256 }),
])
export type ScanTarget = z.infer<typeof ScanTarget>

export const Scan = z.strictObject({
  tool: z.enum(['osv-scanner', 'grype', 'trivy', 'npm-audit']),
  tool_version: z.string().min(1).max(100),
  /** When the database of known vulnerabilities was built; for a service that is asked, when it was asked. */
  database: Instant,
  made_at: Instant,
  target: ScanTarget,
  /** How many packages it looked at, the harmless ones included. */
  packages: z.number().int().nonnegative(),
  /** The raw report, in the tool's own JSON. */
  report: z.strictObject({ path: RepositoryPath, sha256: Sha256 }),
})
export type Scan = z.infer<typeof Scan>

export const ScanRecord = z.strictObject({
  version: z.literal(1),
  /** For people. */
  note: z.string().max(1000).optional(),
  scans: z.array(Scan).min(1).max(MAX_SCANS),
})
export type ScanRecord = z.infer<typeof ScanRecord>

export const ArtifactList = z.strictObject({
  version: z.literal(1),
  artifacts: z
    .array(z.strictObject({ name: z.string().min(1).max(300), sha256: Sha256 }))
    .min(1)
    .max(100)
    .refine((artifacts) => new Set(artifacts.map((artifact) => artifact.name)).size === artifacts.length, 'artifacts with different names'),
})
export type ArtifactList = z.infer<typeof ArtifactList>
