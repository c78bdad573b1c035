import { expect, test } from 'vitest'
import { EvidenceKind, predicateType } from '../../../evidence/model/kinds.ts'
import { readPredicate } from '../../../evidence/verify/predicates.ts'
import { selfTest } from './statements.ts'

test('a predicate is read by the schema of its own kind', () => {
  expect(readPredicate(predicateType('self-test'), selfTest('policy_ci'))).toEqual({ kind: 'self-test', predicate: selfTest('policy_ci') })
  expect(readPredicate(predicateType('decision'), selfTest('policy_ci'))).toMatchObject({ unknown: false })
})

test('a kind without a reader is refused, and so is a type of nobody', () => {
  const unread = EvidenceKind.options.filter(
    (kind) => 'unknown' in readPredicate(predicateType(kind), {}) && (readPredicate(predicateType(kind), {}) as { unknown: boolean }).unknown,
  )
  expect(unread).toEqual(['incident', 'kpi'])
  for (const type of ['', '__proto__', 'constructor', `${predicateType('decision')}/`])
    expect(readPredicate(type, {})).toMatchObject({ unknown: true })
})
