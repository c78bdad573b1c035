/** The closed list of what evidence can be (SPEC part 13), and the predicate type that names each kind inside an in-toto statement. */
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

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
export const SCHEMA_VERSION = 1

const OURS = 'https://release-conductor.github.io/predicate'

const PUBLISHED: Partial<Record<EvidenceKind, string>> = {
  provenance: 'https://slsa.dev/provenance/v1',
  sbom: 'https://spdx.dev/Document/v2.3',
  'test-result': 'https://in-toto.io/attestation/test-result/v0.1',
}

/** `agent-response` -> its predicate type: the published one where there is one, else ours. */
export function predicateType(kind: EvidenceKind): string {
  return PUBLISHED[kind] ?? `${OURS}/${kind}/v1`
}

/** The reverse of {@link predicateType}; undefined for a predicate that no gate may read. */
export function kindOf(type: string): EvidenceKind | undefined {
  return EvidenceKind.options.find((kind) => predicateType(kind) === type)
}
