import { expect, test } from 'vitest'
import { Outcome, Verdict } from '../../evidence/model/verdict.ts'
import { AgentResponsePredicate } from '../../evidence/model/statement.ts'
import { specimen, SPECIMEN_NOW, specimenVerdict } from '../../gates/specimen.ts'

function make() {
  return specimen({ gate: 'hardening', topic: 'images', phase: 'P0', metrics: { errors: 0 }, thresholds: { errors: '=0' }, n: 1, findings: [] })
}

test('specimens satisfy the schemas of the real thing, and are always the same', () => {
  expect(AgentResponsePredicate.parse(make().predicate)).toEqual(make().predicate)
  expect(make().digest).toBe(make().digest)
  for (const outcome of Outcome.options) expect(Verdict.parse(specimenVerdict('slo', outcome)).verdict).toBe(outcome)
  expect(new Date(SPECIMEN_NOW).toISOString()).toBe(make().predicate.made_at)
})
