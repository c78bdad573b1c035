import { expect, test } from 'vitest'
import { STATEMENT_TYPE } from '../../../evidence/model/kinds.ts'
import { RolloutEventPredicate, SelfTestPredicate, Statement, Subject } from '../../../evidence/model/statement.ts'

const SUBJECT = { name: 'git+https://github.com/acme/shop', digest: { gitCommit: 'a'.repeat(40) } }

test('a subject has a digest', () => {
  expect(Subject.safeParse(SUBJECT).success).toBe(true)
  expect(Subject.safeParse({ ...SUBJECT, digest: {} }).success).toBe(false)
  expect(Subject.safeParse({ ...SUBJECT, digest: { sha1: 'a'.repeat(40) } }).success).toBe(false)
})

test('a statement speaks of something, and has no other keys', () => {
  const statement = { _type: STATEMENT_TYPE, subject: [SUBJECT], predicateType: 'https://x', predicate: {} }
  expect(Statement.safeParse(statement).success).toBe(true)
  expect(Statement.safeParse({ ...statement, subject: [] }).success).toBe(false)
  expect(Statement.safeParse({ ...statement, extra: 1 }).success).toBe(false)
})

test('a receipt has at least two cases, and a rollout only digests of content', () => {
  expect(SelfTestPredicate.shape.cases.safeParse([{ name: 'a', unit: 'u', expected: 'red', got: 'red' }]).success).toBe(false)
  expect(RolloutEventPredicate.shape.digests.safeParse({ web: `sha256:${'a'.repeat(64)}` }).success).toBe(true)
  expect(RolloutEventPredicate.shape.digests.safeParse({ web: 'latest' }).success).toBe(false)
})
