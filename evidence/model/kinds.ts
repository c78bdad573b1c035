/** The closed list of what evidence can be (SPEC part 13), and the predicate types that name each kind inside an in-toto statement. */
import { z } from 'zod'

/** What an agent looked at: names the thing looked at, never who looked. */
export const Topic = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'a topic such as images')

export const EvidenceKind = z.enum([
  'agent-response',
  'verdict',
  'self-test',
  'test-result',
  'sbom',
  'provenance',
  'approval',
  'decision',
  'waiver',
  'rollout-event',
  'checkpoint',
  'incident',
  'kpi',
])
export type EvidenceKind = z.infer<typeof EvidenceKind>

/** Kinds whose statements other people's tools make too: about artifacts by their digest, never about the repository. */
export const ARTIFACT_KINDS = ['provenance', 'sbom', 'test-result'] as const satisfies readonly EvidenceKind[]
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number]

export function isArtifactKind(kind: EvidenceKind): kind is ArtifactKind {
  return (ARTIFACT_KINDS as readonly EvidenceKind[]).includes(kind)
}

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
export const SCHEMA_VERSION = 1

const OURS = 'https://release-conductor.github.io/predicate'

export const SPDX_TYPE = 'https://spdx.dev/Document/v2.3'
export const CYCLONEDX_TYPE = 'https://cyclonedx.org/bom'

/** The type we write stands first; the others are what common tools write for the same predicate. */
const PUBLISHED: Readonly<Record<ArtifactKind, readonly [string, ...string[]]>> = {
  provenance: ['https://slsa.dev/provenance/v1'],
  sbom: [SPDX_TYPE, 'https://spdx.dev/Document', CYCLONEDX_TYPE, ...['1.4', '1.5', '1.6', '1.7'].map((version) => `${CYCLONEDX_TYPE}/v${version}`)],
  'test-result': ['https://in-toto.io/attestation/test-result/v0.1'],
}

/** `agent-response` -> the predicate type we write: the published one where there is one, else ours. */
export function predicateType(kind: EvidenceKind): string {
  return isArtifactKind(kind) ? PUBLISHED[kind][0] : `${OURS}/${kind}/v1`
}

/** The reverse of {@link predicateType}; undefined for a predicate that no gate may read. */
export function kindOf(type: string): EvidenceKind | undefined {
  return EvidenceKind.options.find((kind) => (isArtifactKind(kind) ? PUBLISHED[kind].includes(type) : predicateType(kind) === type))
}
