import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { perf } from '../../gates/perf.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from '../../gates/specimen.ts'

const LOAD = { answered: 500, spike_due: 90, p50_ms: 20, p95_ms: 60, p99_ms: 90, error_share: 0, spike_error_share: 0 }
const CAPACITY = { usable_steps: 6, headroom: 0.4 }
const found = (rule: string): Finding => ({ rule, severity: 'error', message: `${rule} is told`, next: `mend ${rule}` })

function decide(findings: readonly Finding[], of: { metrics?: Readonly<Record<string, number>>; policy?: object; headroom?: number } = {}) {
  const on = (topic: string, healthy: Readonly<Record<string, number>>) => {
    const own = findings.filter(({ rule }) => rule.startsWith(topic))
    const changed = Object.fromEntries(Object.entries(of.metrics ?? {}).filter(([name]) => name in healthy))
    const metrics = { ...healthy, ...changed, errors: own.length, warnings: 0 }
    return [specimen({ gate: 'perf', topic, phase: 'P1', metrics, thresholds: {}, n: 500, findings: own })]
  }
  return perf.decide({
    evidence: new Map([
      ['load', on('load', LOAD)],
      ['capacity', on('capacity', CAPACITY)],
    ]),
    verdicts: [],
    policy: perf.policy.parse(of.policy ?? {}),
    budgets: { ...SPECIMEN_BUDGETS, headroom: of.headroom ?? 0.2 },
    now: SPECIMEN_NOW,
  })
}

test('it says what was measured against what', () => {
  expect(decide([])).toMatchObject({
    verdict: 'pass',
    thresholds: {
      answered: '>=200',
      p95_ms: '<=500',
      p99_ms: '<=2000',
      error_share: '<=0.01',
      headroom: '>=0.2',
      usable_steps: '>=4',
      open_errors: '=0',
    },
  })
})

test.each([
  ['load.over-limit', 'fail', 'perf.over-limit'],
  ['load.omission', 'fail', 'perf.over-limit'],
  ['load.errors', 'fail', 'perf.errors'],
  ['load.slower', 'fail', 'perf.regression'],
  ['load.tail-slower', 'fail', 'perf.regression'],
  ['load.thresholds', 'fail', 'perf.thresholds'],
  ['load.closed-model', 'indeterminate', 'perf.closed-model'],
  ['load.elsewhere', 'indeterminate', 'perf.no-data'],
  ['load.no-spike', 'indeterminate', 'perf.no-data'],
  ['load.no-data', 'indeterminate', 'perf.no-data'],
  ['load.other-commit', 'indeterminate', 'perf.no-data'],
  ['load.few-requests', 'indeterminate', 'perf.no-data'],
  ['capacity.headroom', 'fail', 'perf.headroom'],
  ['capacity.retrograde', 'fail', 'perf.retrograde'],
  ['capacity.no-peak', 'indeterminate', 'perf.capacity-unknown'],
  ['capacity.too-few-points', 'indeterminate', 'perf.capacity-unknown'],
])('%s makes it %s', (rule, verdict, code) => {
  expect(decide([found(rule)])).toMatchObject({ verdict, reasons: [{ code, message: expect.stringContaining(rule), next: `mend ${rule}` }] })
})

test('limits and targets of the config are what the numbers are held to', () => {
  expect(decide([], { policy: { limits: { p95: '60ms', p50: '20ms', errors: 0 } } }).verdict).toBe('pass')
  expect(decide([], { policy: { limits: { p95: '59ms' } } }).verdict).not.toBe('pass')
  expect(decide([], { policy: { limits: { p50: '19ms' } } }).verdict).not.toBe('pass')
  expect(decide([], { policy: { min_requests: 501 } }).verdict).not.toBe('pass')
  expect(decide([], { headroom: 0.4 }).verdict).toBe('pass')
  expect(decide([], { headroom: 0.41 }).verdict).not.toBe('pass')
  expect(decide([], { metrics: { spike_error_share: 0.02 } }).verdict).not.toBe('pass')
})
