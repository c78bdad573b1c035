import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keeps, pass, Verdict, whyNoPass } from '../../../evidence/model/verdict.ts'

const MEASURED = { n: 3, window: 'a..b', source: 'git', query: 'git log a..b', data_digest: 'a'.repeat(64) }
const GOOD = { metrics: { errors: 0 }, thresholds: { errors: '=0' }, measured: MEASURED }
const VERDICT = {
  ...GOOD,
  gate: 'policy_ci',
  env: 'all',
  sha: 'b'.repeat(40),
  verdict: 'pass',
  evidence: [],
  reasons: [],
  agent: 'gate',
  trace_id: 'c'.repeat(32),
  at: '2026-11-22T12:00:00.000Z',
}

describe('a threshold', () => {
  test.each([
    ['<=150', 150, true],
    ['<=150', 150.0001, false],
    ['<150', 150, false],
    ['<150', 149.9999, true],
    ['>=0.2', 0.2, true],
    ['>=0.2', 0.1999, false],
    ['>0', 0, false],
    ['>0', 1, true],
    ['=0', 0, true],
    ['=0', 1, false],
    ['=0', Number.NaN, false],
    ['>0', Number.POSITIVE_INFINITY, false],
    ['about 3', 3, false],
    ['', 0, false],
  ])('%s of %d: %s', (threshold, value, kept) => {
    expect(keeps(value, threshold)).toBe(kept)
  })

  test('is not kept by what is absent', () => {
    expect(keeps(undefined, '=0')).toBe(false)
  })
})

test('what was measured carries a pass', () => {
  expect(pass(GOOD, 'policy_ci.not-measured').verdict).toBe('pass')
  expect(Verdict.safeParse(VERDICT).success).toBe(true)
})

const LACKING: readonly (readonly [string, Parameters<typeof pass>[0]])[] = [
  ['nothing was measured', { ...GOOD, measured: null }],
  ['the count is zero', { ...GOOD, measured: { ...MEASURED, n: 0 } }],
  ['there is no query', { ...GOOD, measured: { ...MEASURED, query: '' } }],
  ['there is no window', { ...GOOD, measured: { ...MEASURED, window: '' } }],
  ['there is no digest of the data', { ...GOOD, measured: { ...MEASURED, data_digest: '' } }],
  ['there is no threshold', { ...GOOD, thresholds: {} }],
  ['a number is absent', { ...GOOD, metrics: {} }],
  ['a number is not one', { ...GOOD, metrics: { errors: Number.NaN } }],
  ['a number beside it is not one', { ...GOOD, metrics: { errors: 0, other: Number.NaN } }],
  ['a number does not keep its threshold', { ...GOOD, metrics: { errors: 1 } }],
]

test.each(LACKING)('no pass when %s', (_what, of) => {
  const decision = pass(of, 'policy_ci.not-measured')
  expect(decision).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'policy_ci.not-measured' }] })
  expect(whyNoPass(of)).not.toEqual([])
  expect(Verdict.safeParse({ ...VERDICT, ...of }).success).toBe(false)
})

test('anything but a pass says why', () => {
  for (const verdict of ['fail', 'indeterminate', 'waived', 'not_applicable'])
    expect(Verdict.safeParse({ ...VERDICT, verdict, reasons: [] }).success).toBe(false)
  const reasons = [{ code: 'policy_ci.findings', message: 'm', next: 'n' }]
  expect(Verdict.safeParse({ ...VERDICT, verdict: 'fail', reasons }).success).toBe(true)
})

test('taking anything away from a no never makes it a pass', () => {
  const part = fc.constantFrom('metrics', 'thresholds', 'measured')
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'b'), fc.double()),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('=0', '>0', '<=1')),
      part,
      (metrics, thresholds, taken) => {
        const full = { metrics, thresholds, measured: MEASURED }
        const less = { ...full, [taken]: taken === 'measured' ? null : {} }
        // Fewer thresholds ask for less, so only they could; and none at all is refused.
        expect([pass(full, 'policy_ci.not-measured').verdict, pass(less, 'policy_ci.not-measured').verdict]).not.toEqual(['indeterminate', 'pass'])
      },
    ),
  )
})
