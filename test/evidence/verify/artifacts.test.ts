/** Statements about artifacts, as they arrive: signed, of others, and sometimes lying. */
import { expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { CYCLONEDX_TYPE, predicateType, SPDX_TYPE, STATEMENT_TYPE, type ArtifactKind } from '../../../evidence/model/kinds.ts'
import { artifactStatementOf, statementBytes } from '../../../evidence/sign/statement.ts'
import { readClaim } from '../../../evidence/verify/claim.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { Expectation, Verified } from '../../../evidence/verify/verifier.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import { CYCLONEDX, PROVENANCE, SPDX, TEST_RESULT, WAIVER } from './predicates.ts'
import { HEAD, KEYS, sign, statement, verdict } from './statements.ts'

const FILE = Buffer.from('shop.tgz')
const DIGEST = sha256(FILE)
const OTHER = sha256('other')
const good = artifactStatementOf('provenance', PROVENANCE, [{ name: 'shop.tgz', sha256: DIGEST }])
const EXPECT: Expectation = { kinds: ['provenance'], artifacts: [{ sha256: DIGEST }] }
const trust = trustOf({ keys: [{ id: 'builder', publicKeyPem: KEYS.publicKeyPem }] })

const raw = (value: unknown): Promise<Uint8Array> => sign(Buffer.from(typeof value === 'string' ? value : canonicalize(value)))

async function ask(value: unknown, expectation: Expectation = EXPECT): Promise<Verified | string> {
  const answer = verifyBundle({ bundle: await raw(value), trust, expect: expectation })
  return answer instanceof EvidenceError ? answer.code : answer
}

test.each<readonly [ArtifactKind, string, Record<string, unknown>]>([
  ['provenance', predicateType('provenance'), PROVENANCE],
  ['sbom', SPDX_TYPE, SPDX],
  ['sbom', 'https://spdx.dev/Document', SPDX],
  ['sbom', CYCLONEDX_TYPE, CYCLONEDX],
  ['sbom', `${CYCLONEDX_TYPE}/v1.6`, CYCLONEDX],
  ['test-result', predicateType('test-result'), TEST_RESULT],
])('%s as %s is believed about its artifact, and about no commit', async (kind, type, predicate) => {
  const of = artifactStatementOf(kind, predicate, [{ name: 'shop.tgz', sha256: DIGEST }], type)
  expect(statementBytes(of)).toEqual(Buffer.from(canonicalize(of)))
  const answer = await ask(of, { kinds: [kind], artifacts: [{ sha256: DIGEST }] })
  expect(answer).toMatchObject({ kind, predicate, commit: null, repository: null, files: [] })
  expect((answer as Verified).artifacts).toEqual([{ name: 'shop.tgz', sha256: DIGEST, sha512: null }])
})

test('what others add to a statement is read over, and is no part of the claim', async () => {
  const more = { ...good, extra: { a: 1 }, subject: [{ ...good.subject[0], uri: 'https://shop.example/shop.tgz', annotations: {} }] }
  expect(await ask(more)).toMatchObject({ kind: 'provenance', artifacts: [{ name: 'shop.tgz', sha256: DIGEST }] })
  expect(await ask({ ...good, subject: [{ digest: { sha256: DIGEST } }, { digest: { sha256: OTHER } }] })).toMatchObject({ kind: 'provenance' })
})

const subjects = (...digests: unknown[]) => ({ ...good, subject: digests.map((digest, at) => ({ name: `a${at}`, digest })) })
const text = canonicalize(good)

test.each<readonly [string, unknown, string]>([
  ['a short hash', subjects({ sha256: DIGEST.slice(0, 63) }), 'wrong-subject'],
  ['upper case', subjects({ sha256: DIGEST.toUpperCase() }), 'wrong-subject'],
  ['sha1 only', subjects({ sha1: 'a'.repeat(40) }), 'wrong-subject'],
  ['a commit only', subjects({ gitCommit: HEAD }), 'wrong-subject'],
  ['an empty digest', subjects({}), 'wrong-subject'],
  ['one good and one weak subject', subjects({ sha256: DIGEST }, { sha1: 'a'.repeat(40) }), 'wrong-subject'],
  ['no subject', { ...good, subject: [] }, 'wrong-subject'],
  ['a nil subject', { ...good, subject: [null] }, 'wrong-subject'],
  ['a nil list', { ...good, subject: null }, 'wrong-subject'],
  ['one name twice', { ...good, subject: [good.subject[0], { name: 'shop.tgz', digest: { sha256: OTHER } }] }, 'wrong-subject'],
  ['too many subjects', subjects(...Array.from({ length: 1025 }, () => ({ sha256: DIGEST }))), 'wrong-subject'],
  ['the repository as subject', statement('decision', {}).subject, 'malformed'],
  ['the statement type of before', { ...good, _type: 'https://in-toto.io/Statement/v0.1' }, 'schema'],
  ['the provenance of before', { ...good, predicateType: 'https://slsa.dev/provenance/v0.2' }, 'wrong-predicate'],
  ['a test result named provenance', { ...good, predicate: TEST_RESULT }, 'schema'],
  ['an SPDX document named CycloneDX', { ...good, predicateType: CYCLONEDX_TYPE, predicate: SPDX }, 'schema'],
  ['a BOM named SPDX', { ...good, predicateType: SPDX_TYPE, predicate: CYCLONEDX }, 'schema'],
  ['a statement of ours about an artifact', { ...good, predicateType: predicateType('waiver'), predicate: WAIVER }, 'wrong-subject'],
  ['a digest twice', text.replace(`"sha256":"${DIGEST}"`, `"sha256":"${DIGEST}","sha256":"${OTHER}"`), 'malformed'],
  ['a number no double holds', text.replace('"externalParameters":{', '"externalParameters":{"n":9007199254740993,'), 'malformed'],
  ['a lone surrogate', text.replace('"shop.tgz"', '"\\ud800"'), 'malformed'],
  ['a way to a prototype', text.replace('"externalParameters":{', '"externalParameters":{"__proto__":{},'), 'malformed'],
  ['something after it', `${text}{}`, 'malformed'],
])('%s is not believed', async (_name, value, code) => {
  const of = Array.isArray(value) ? 'no statement' : value
  expect(await ask(of, { artifacts: [{ sha256: DIGEST }] })).toBe(code)
})

test.each<readonly [string, Expectation, string]>([
  ['another digest', { artifacts: [{ sha256: OTHER }] }, 'wrong-subject'],
  ['one digest of two', { artifacts: [{ sha256: DIGEST }, { sha256: OTHER }] }, 'wrong-subject'],
  ['a cut digest', { artifacts: [{ sha256: DIGEST.slice(0, 63) }] }, 'wrong-subject'],
  ['an algorithm it does not give', { artifacts: [{ sha512: 'a'.repeat(128) }] }, 'wrong-subject'],
  ['nothing', { artifacts: [{}] }, 'wrong-subject'],
  ['a file of the pack', { subjects: [{ name: 'shop.tgz', sha256: DIGEST }] }, 'wrong-subject'],
  ['another kind', { kinds: ['sbom'] }, 'wrong-predicate'],
  ['a commit', { sha: HEAD }, 'wrong-commit'],
  ['a repository', { repository: 'acme/shop' }, 'wrong-repository'],
  ['a repository id', { repositoryId: 4711 }, 'wrong-repository'],
])('an expectation of %s is not met by provenance', async (_name, expectation, code) => {
  expect(await ask(good, expectation)).toBe(code)
})

test('an artifact is the same only when no digest disagrees', async () => {
  const both = subjects({ sha256: DIGEST, sha512: 'b'.repeat(128) })
  expect(await ask(both, { artifacts: [{ sha256: DIGEST, sha512: 'b'.repeat(128) }] })).toMatchObject({ kind: 'provenance' })
  expect(await ask(both, { artifacts: [{ sha256: DIGEST, sha512: 'c'.repeat(128) }] })).toBe('wrong-subject')
  expect(await ask(both, { artifacts: [{ sha512: 'b'.repeat(128) }] })).toMatchObject({ kind: 'provenance' })
})

function code(kind: 'verdict' | 'waiver', predicate: object): string {
  const answer = readClaim(Buffer.from(canonicalize(statement(kind, predicate))))
  return answer instanceof EvidenceError ? answer.code : answer.kind
}

test('a verdict and a waiver speak for the commit their statement is about', () => {
  expect(code('waiver', WAIVER)).toBe('waiver')
  expect(code('waiver', { ...WAIVER, sha: 'd'.repeat(40) })).toBe('wrong-commit')
  const of = { schema_version: 1, inputs: [], policy_digest: 'a'.repeat(64) }
  expect(code('verdict', { ...of, verdict: verdict({ sha: 'd'.repeat(40) }) })).not.toBe('verdict')
})

test('the payload is read once, from the verified bytes: white space and order are part of them', async () => {
  const pretty = JSON.stringify(good, null, 2)
  const answer = await ask(pretty)
  expect(answer).toMatchObject({ digest: sha256(pretty), kind: 'provenance' })
  expect(STATEMENT_TYPE).toBe(good._type)
})

test('what cannot be believed cannot be signed', () => {
  for (const of of [
    { ...good, subject: [] },
    { ...good, subject: [{ name: 'a', digest: { sha1: 'a'.repeat(40) } }] },
    { ...good, predicate: {} },
    { ...good, predicateType: 'https://slsa.dev/provenance/v0.2' },
  ])
    expect(() => statementBytes(of)).toThrow('')
})
