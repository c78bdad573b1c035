import { expect, test } from 'vitest'
import { ELEVATED, isElevated } from '../../../evidence/keep/elevated.ts'

test.each([
  'identity/stepup.json',
  'identity/decision_logs.json',
  `inputs/${'a'.repeat(64)}`,
  'logs/a/b.txt',
  'audit/ledger.jsonl',
  'Identity/StepUp.json',
])('%s may hold personal data', (path) => {
  expect(isElevated(path)).toBe(true)
})

test.each(['manifest.json', 'release_notes.md', 'identity', 'identity.json', 'my/identity/a', 'slo/prod-10.json'])('%s is open', (path) => {
  expect(isElevated(path)).toBe(false)
})

test('an operator names others', () => {
  expect(isElevated('slo/prod-10.json', ['slo/*.json'])).toBe(true)
  expect(isElevated('slo/deep/prod-10.json', ['slo/*.json'])).toBe(false)
  expect(isElevated('slo/deep/prod-10.json', ['**/*.json'])).toBe(true)
  expect(isElevated('a+b.json', ['a+b.json'])).toBe(true)
  expect(isElevated('aab.json', ['a+b.json'])).toBe(false)
  expect(ELEVATED.length).toBeGreaterThan(2)
})

test('a hostile pattern costs nothing', () => {
  const start = performance.now()
  isElevated('a'.repeat(300), ['*a*a*a*a*a*a*a*b'])
  expect(performance.now() - start).toBeLessThan(2_000)
})
