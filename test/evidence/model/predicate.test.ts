import { expect, test } from 'vitest'
import { predicateType, STATEMENT_TYPE } from '../../../evidence/model/kinds.ts'
import { ArtifactStatement, ResourceDescriptor } from '../../../evidence/model/predicate/artifact.ts'
import { CheckpointPredicate } from '../../../evidence/model/predicate/checkpoint.ts'
import { ProvenancePredicate } from '../../../evidence/model/predicate/provenance.ts'
import { CyclonedxBom, SbomPredicate, SpdxDocument } from '../../../evidence/model/predicate/sbom.ts'
import { TestResultPredicate } from '../../../evidence/model/predicate/test-result.ts'
import { WaiverPredicate, WAIVER_MAX_DAYS } from '../../../evidence/model/predicate/waiver.ts'
import { AT, HEAD } from '../verify/statements.ts'
import { CHECKPOINT, CYCLONEDX, PROVENANCE, SPDX, TEST_RESULT, WAIVER } from '../verify/predicates.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) => schema.safeParse(value).success
const { buildDefinition, runDetails } = PROVENANCE
const of = (digest: unknown) => ({ _type: STATEMENT_TYPE, subject: [{ name: 'a', digest }], predicateType: predicateType('sbom'), predicate: {} })
const days = (count: number) => new Date(Date.parse(AT) + count * 86_400_000).toISOString()

test('each specimen is what its schema takes', () => {
  expect(accepts(ProvenancePredicate, PROVENANCE)).toBe(true)
  expect(accepts(SpdxDocument, SPDX)).toBe(true)
  expect(accepts(CyclonedxBom, CYCLONEDX)).toBe(true)
  expect(accepts(TestResultPredicate, TEST_RESULT)).toBe(true)
  expect(accepts(WaiverPredicate, WAIVER)).toBe(true)
  expect(accepts(CheckpointPredicate, CHECKPOINT)).toBe(true)
})

test('an artifact is named by a strong digest of full length; what is unknown stands beside it', () => {
  for (const digest of [{ sha256: 'a'.repeat(64) }, { sha512: 'b'.repeat(128) }, { sha256: 'a'.repeat(64), sha1: 'c'.repeat(40), md9: 'x' }])
    expect(accepts(ArtifactStatement, of(digest))).toBe(true)
  for (const digest of [
    {},
    null,
    { sha1: 'c'.repeat(40) },
    { gitCommit: HEAD },
    { sha256: 'a'.repeat(63) },
    { sha256: 'A'.repeat(64) },
    { sha256: 'a'.repeat(64), sha512: 'b' },
  ])
    expect([digest, accepts(ArtifactStatement, of(digest))]).toEqual([digest, false])
  expect(accepts(ArtifactStatement, { ...of({ sha256: 'a'.repeat(64) }), extra: 1 })).toBe(true)
  expect(accepts(ArtifactStatement, { ...of({}), subject: [null] })).toBe(false)
  expect(accepts(ArtifactStatement, { ...of({}), subject: [] })).toBe(false)
  expect(accepts(ResourceDescriptor, { annotations: {} })).toBe(false)
})

test.each<readonly [string, unknown]>([
  ['no build type', { ...PROVENANCE, buildDefinition: { externalParameters: {} } }],
  ['a build type that is no URI', { ...PROVENANCE, buildDefinition: { ...buildDefinition, buildType: 'make' } }],
  ['no external parameters', { ...PROVENANCE, buildDefinition: { buildType: 'https://a/b' } }],
  ['external parameters in a list', { ...PROVENANCE, buildDefinition: { ...buildDefinition, externalParameters: [] } }],
  ['a dependency of nothing', { ...PROVENANCE, buildDefinition: { ...buildDefinition, resolvedDependencies: [{}] } }],
  ['no builder', { ...PROVENANCE, runDetails: {} }],
  ['a builder without id', { ...PROVENANCE, runDetails: { builder: {} } }],
  [
    'an end before its start',
    { ...PROVENANCE, runDetails: { ...runDetails, metadata: { startedOn: '2026-01-02T00:00:00Z', finishedOn: '2026-01-01T00:00:00Z' } } },
  ],
  ['a time in words', { ...PROVENANCE, runDetails: { ...runDetails, metadata: { startedOn: 'yesterday' } } }],
])('provenance with %s is refused', (_name, value) => {
  expect(accepts(ProvenancePredicate, value)).toBe(false)
})

test('provenance may say more than SLSA asks for, and the reader keeps it', () => {
  const more = { ...PROVENANCE, buildDefinition: { ...buildDefinition, extension: 1 }, runDetails: { ...runDetails, extension: 2 }, other: 3 }
  expect(ProvenancePredicate.parse(more)).toEqual(more)
})

test('an SBOM is one of two formats, with something in it', () => {
  expect(SbomPredicate.parse(SPDX)).toEqual(SPDX)
  expect(SbomPredicate.parse(CYCLONEDX)).toEqual(CYCLONEDX)
  for (const value of [
    {},
    { ...SPDX, packages: [] },
    { ...SPDX, spdxVersion: 'SPDX-9' },
    { ...SPDX, dataLicense: 'MIT' },
    { ...SPDX, creationInfo: { created: 'yesterday', creators: ['Tool: x'] } },
    { ...SPDX, documentNamespace: 'https://a/b#c' },
    { ...CYCLONEDX, components: [] },
    { ...CYCLONEDX, specVersion: '2.0' },
    { ...CYCLONEDX, bomFormat: 'CycloneDx' },
    { ...CYCLONEDX, serialNumber: 'urn:uuid:1' },
  ])
    expect([value, accepts(SbomPredicate, value)]).toEqual([value, false])
})

test.each<readonly [string, unknown]>([
  ['passed, and names a failed test', { ...TEST_RESULT, failedTests: ['b'] }],
  ['warned, and names a failed test', { ...TEST_RESULT, result: 'WARNED', failedTests: ['b'] }],
  ['passed, and names a warned test', { ...TEST_RESULT, warnedTests: ['b'] }],
  ['a test that passed and failed', { ...TEST_RESULT, result: 'FAILED', failedTests: ['unit'] }],
  ['another word', { ...TEST_RESULT, result: 'OK' }],
  ['no configuration', { ...TEST_RESULT, configuration: [] }],
])('a test result: %s is refused', (_name, value) => {
  expect(accepts(TestResultPredicate, value)).toBe(false)
})

test('a waiver needs two different people, an end, and an issue', () => {
  const [first, second] = WAIVER.granted_by
  for (const value of [
    { ...WAIVER, granted_by: [first] },
    { ...WAIVER, granted_by: [first, first] },
    { ...WAIVER, granted_by: [first, { ...second, at: days(1) }] },
    { ...WAIVER, expires_at: AT },
    { ...WAIVER, expires_at: days(WAIVER_MAX_DAYS + 1) },
    { ...WAIVER, gate: 'unknown' },
    { ...WAIVER, reason: ' ' },
    { ...WAIVER, issue: 0 },
    { ...WAIVER, extra: 1 },
  ])
    expect([value, accepts(WaiverPredicate, value)]).toEqual([value, false])
  expect(accepts(WaiverPredicate, { ...WAIVER, expires_at: days(WAIVER_MAX_DAYS) })).toBe(true)
  // Break-glass.
  expect(accepts(WaiverPredicate, { ...WAIVER, gate: 'all_required_gates' })).toBe(true)
})
