import { expect, test } from 'vitest'
import { EvidenceKind, kindOf, predicateType, Topic } from '../../../evidence/model/kinds.ts'

test.each(EvidenceKind.options)('%s goes to a predicate type of its own and back', (kind) => {
  expect(kindOf(predicateType(kind))).toBe(kind)
})

test('a predicate that no gate may read has no kind', () => {
  expect(kindOf('https://example.com/other/v1')).toBeUndefined()
  expect(predicateType('provenance')).toBe('https://slsa.dev/provenance/v1')
})

test('a topic names what was looked at', () => {
  expect(Topic.safeParse('images').success).toBe(true)
  expect(Topic.safeParse('../images').success).toBe(false)
})
