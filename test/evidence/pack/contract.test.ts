import { expect, test } from 'vitest'
import { requiredPaths } from '../../../evidence/pack/contract.ts'

const steps = [
  { environment: 'prod', step: 10 },
  { environment: 'prod', step: 100 },
]
const always = [
  'release_notes.md',
  'config.yml',
  'go_no_go.json',
  'self_test.json',
  'audit/ledger.jsonl',
  'audit/checkpoint.txt',
  'audit/consistency.json',
  'audit/highlights.jsonl',
  'verdicts/policy_ci.json',
  'verdicts/hardening.json',
]

test.each([
  ['proven', always],
  ['promoted', [...always, 'slo/prod-10.json', 'slo/prod-100.json']],
  ['rolled_back', [...always, 'slo/prod-10.json', 'slo/prod-100.json']],
] as const)('a %s release must have its entries', (outcome, paths) => {
  expect(requiredPaths({ outcome, gates: ['policy_ci', 'hardening'], steps })).toEqual(paths)
})
