import { expect, test } from 'vitest'
import { HeldObjective, objectiveWords } from '../../../evidence/slo/held.ts'

test('an objective in words', () => {
  expect(objectiveWords({ name: 'availability', target: 0.999 })).toBe('availability (99.9 %)')
  expect(objectiveWords({ name: 'fast', target: 0.99, within_ms: 250 })).toBe('fast (99 % within 250 ms)')
})

test.each([{ target: 0 }, { target: 1 }, { within_ms: 0 }, { name: '' }, { within: 3 }])('%j is none', (over) => {
  expect(HeldObjective.safeParse({ name: 'a', target: 0.9, within_ms: 5 }).success).toBe(true)
  expect(HeldObjective.safeParse({ name: 'a', target: 0.9, within_ms: 5, ...over }).success).toBe(false)
})
