import { describe, expect, test } from 'vitest'
import { covers, isPatch, isSameLane, Waived, WaivableGate, WaiverPredicate } from '../../../../evidence/model/predicate/waiver.ts'

const BY = { id: 1, login: 'ann', role: 'admin', comment_node_id: 'IC_1', at: '2026-01-15T10:00:00.000Z' }
const LANE = { must_hold: ['policy_ci'], covers: ['perf', 'slo'] }
const HOTFIX = {
  schema_version: 1,
  gate: 'hotfix',
  hotfix: LANE,
  environment: 'all',
  version: 'v2.4.1',
  sha: 'a'.repeat(40),
  rules: [],
  reason: 'the checkout answers 500',
  granted_by: [BY, { ...BY, id: 2, login: 'bob' }],
  granted_at: '2026-01-15T11:00:00.000Z',
  expires_at: '2026-01-15T13:00:00.000Z',
  issue: 7,
}
const lane = (over: object): object => ({ hotfix: { ...LANE, ...over } })

test('the waiver of a hotfix says which gates it covers, and which must hold', () => {
  const waiver = WaiverPredicate.parse(HOTFIX)
  expect((['perf', 'slo', 'policy_ci', 'hardening', 'all_required_gates'] as const).filter((gate) => covers(waiver, gate))).toEqual(['perf', 'slo'])
})

test.each<[string, object, string]>([
  ['without its gates', { hotfix: undefined }, 'hotfix'],
  ['of one gate, with the gates of a hotfix', { gate: 'slo' }, 'hotfix'],
  ['of the first version of a line', { version: 'v2.4.0' }, 'version'],
  ['of a preview', { version: 'v2.4.1-beta.1' }, 'version'],
  ['that covers what must hold', lane({ covers: ['perf', 'policy_ci'] }), 'hotfix.covers'],
  ['that covers the gate over gates', lane({ covers: ['all_required_gates'] }), 'hotfix.covers.0'],
  ['that covers nothing', lane({ covers: [] }), 'hotfix.covers'],
  ['that covers one twice', lane({ covers: ['perf', 'perf'] }), 'hotfix.covers'],
  ['of which nothing must hold', lane({ must_hold: [] }), 'hotfix.must_hold'],
])('a waiver %s is none', (_what, over, path) => {
  const parsed = WaiverPredicate.safeParse({ ...HOTFIX, ...over })
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path)
})

test('the waiver of one gate is of that gate alone', () => {
  expect(covers({ gate: 'slo' }, 'slo')).toBe(true)
  expect(covers({ gate: 'slo' }, 'perf')).toBe(false)
  expect(covers({ gate: 'hotfix' }, 'slo')).toBe(false)
})

describe('words', () => {
  test.each<[string, boolean]>([
    ['v2.4.1', true],
    ['v0.0.10', true],
    ['v2.4.0', false],
    ['v2.4.1-rc.1', false],
    ['v2.4', false],
  ])('%s is a patch: %s', (version, is) => {
    expect(isPatch(version)).toBe(is)
  })

  test('the same gates in another order are the same', () => {
    expect(isSameLane(['slo', 'perf'], ['perf', 'slo'])).toBe(true)
    expect(isSameLane(['slo'], ['perf', 'slo'])).toBe(false)
    expect(isSameLane(['slo', 'perf'], ['slo'])).toBe(false)
    expect(isSameLane(['slo'], ['perf'])).toBe(false)
  })

  test('a hotfix is no gate, and the gate over gates is waived by nobody', () => {
    expect(Waived.safeParse('hotfix').success).toBe(true)
    expect(WaivableGate.safeParse('hotfix').success).toBe(false)
    expect(WaivableGate.safeParse('all_required_gates').success).toBe(false)
  })
})
