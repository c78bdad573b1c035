import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { parseJson } from '../../../evidence/core/json.ts'
import { SignError } from '../../../evidence/sign/error.ts'
import { bundleBytes, statementBytes, statementOf } from '../../../evidence/sign/statement.ts'
import { HEAD, response, selfTest, statement } from '../verify/statements.ts'

const files = new Map([['ci/commit_lint.json', Buffer.from('{}')]])
const good = statement('agent-response', response('commits', files), files)

describe('statementBytes', () => {
  test('gives the canonical bytes of a good statement', () => {
    expect(parseJson(statementBytes(good))).toEqual(JSON.parse(canonicalize(good)))
    expect(Buffer.from(statementBytes(good)).toString()).toBe(canonicalize(good))
  })

  test('names the commit first, then the files', () => {
    expect(good.subject[0]).toEqual({ name: 'git+https://github.com/acme/shop', digest: { gitCommit: HEAD } })
    expect(good.subject[1]?.name).toBe('ci/commit_lint.json')
  })

  test.each([
    ['no object', null],
    ['another _type', { ...good, _type: 'https://in-toto.io/Statement/v0.1' }],
    ['no subject', { ...good, subject: [] }],
    ['an unknown predicate type', { ...good, predicateType: 'https://example.com/x' }],
    ['a kind nobody reads yet', { ...good, predicateType: 'https://slsa.dev/provenance/v1' }],
    ['the predicate of another kind', { ...good, predicate: { ...selfTest('policy_ci') } }],
    ['an unknown member', { ...good, extra: 1 }],
    ['an unsafe subject', { ...good, subject: [...good.subject, { name: '../x', digest: { sha256: 'a'.repeat(64) } }] }],
    ['a short digest', { ...good, subject: [...good.subject, { name: 'x', digest: { sha256: 'a'.repeat(63) } }] }],
  ])('refuses %s', (_name, value) => {
    expect(() => statementBytes(value)).toThrow(SignError)
    expect(() => statementBytes(value)).toThrow(expect.objectContaining({ code: 'invalid-statement' }))
  })
})

test('statementOf and bundleBytes change nothing they are given', () => {
  const predicate = Object.freeze({ ...selfTest('hardening') })
  expect(statementOf('self-test', predicate, { repository: 'acme/shop', commit: HEAD, files: [] }).predicate).toEqual(predicate)
  expect(Buffer.from(bundleBytes({ b: 1, a: 2 })).toString()).toBe('{"a":2,"b":1}')
})
