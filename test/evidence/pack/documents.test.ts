import { expect, test } from 'vitest'
import { digestOf, sha256 } from '../../../evidence/core/digest.ts'
import { GoNoGo, RolloutSeries, SelfTests, documentBytes } from '../../../evidence/pack/documents.ts'
import { verdict } from '../verify/statements.ts'
import { goNoGo } from './golden.ts'

test('the file of a verdict has the digest of the verdict', () => {
  expect(sha256(documentBytes(verdict()))).toBe(digestOf(verdict()))
})

test('no document takes an unknown member or a number that is none', () => {
  const series = {
    schema_version: 1,
    version: 'v2.0.0',
    environment: 'prod',
    step: 10,
    guard: { limit: 0.01, false_alarm: 0.01, miss: 0.05, certify: 2, minimum: 1.25 },
    sample_ms: 1000,
    moved: [{ step: 10, at: 1 }],
    judged: {
      at: 9,
      decision: 'advance',
      code: 'certified',
      sentence: 'Advance.',
      metrics: { requests: 1 },
      started_at: 1,
      shifted_at: 1,
      bake_until: 7,
      deadline: 90,
    },
    samples: [{ at: 1, canary: null, stable: { requests: 1, errors: 0 }, note: '' }],
  }
  const receipts = { schema_version: 1, receipts: [{ gate: 'policy_ci', gate_version: 1, cases: 2, statement: 'a'.repeat(64) }] }
  for (const [schema, value] of [
    [GoNoGo, goNoGo()],
    [RolloutSeries, series],
    [SelfTests, receipts],
  ] as const) {
    expect(schema.safeParse(value).success).toBe(true)
    expect(schema.safeParse({ ...value, extra: 1 }).success).toBe(false)
  }
  expect(GoNoGo.safeParse(goNoGo({ headroom: { shop: Number.NaN } })).success).toBe(false)
  expect(RolloutSeries.safeParse({ ...series, judged: null }).success).toBe(true)
  expect(RolloutSeries.safeParse({ ...series, step: 0 }).success).toBe(false)
  expect(RolloutSeries.safeParse({ ...series, judged: { ...series.judged, decision: 'hold' } }).success).toBe(false)
  expect(SelfTests.safeParse({ ...receipts, receipts: [{ ...receipts.receipts[0], cases: 1 }] }).success).toBe(false)
})
