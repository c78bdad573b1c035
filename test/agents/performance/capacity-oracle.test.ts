import { expect, test } from 'vitest'
import { CapacitySeries } from '../../../evidence/perf/series.ts'
import { given, policyOf, step, steps } from '../../../agents/performance/capacity-oracle.faults.ts'
import { capacityOracle } from '../../../agents/performance/capacity-oracle.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const LAW = { lambda: 50, alpha: 0.06, beta: 0.001 }
const assess = (load = given(), perf: object = { peak: 320 }, headroom = 0.2) => capacityOracle.assess({ load, policy: policyOf(perf, headroom) }, {})
const seriesOf = (load = given(), perf?: object, headroom?: number) => CapacitySeries.parse(assess(load, perf, headroom).files[0]?.content)

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(capacityOracle, ['headroom under 0.20', 'retrograde scaling', 'too few points to fit'])).toEqual([])
  expect(faultsMissed(capacityOracle)).toEqual([])
})

test('what it measured, in numbers and in words', () => {
  const report = assess()
  const { metrics = {}, measured } = report.measurements[0] ?? {}
  expect(metrics).toMatchObject({ steps: 6, usable_steps: 6, replicas_needed: 1, errors: 0 })
  expect(metrics['capacity']).toBeGreaterThan(metrics['capacity_low'] ?? 0)
  expect(metrics['knee_users']).toBeCloseTo(30.7, 0)
  expect(measured?.n).toBeGreaterThan(10_000)
  expect(report.notes).toMatch(
    /^416 answers a second \(at least 41\d\) at 30\.\d users; 22 % are left at a peak of 320\/s, which needs 1 of 1 replicas/,
  )
})

test('what is left is of all replicas of production, and by the low end of the interval', () => {
  const series = seriesOf(given(), { peak: 600, replicas: { target: 1, production: 2 } })
  expect(series.headroom).toBeCloseTo(1 - 600 / ((series.capacity?.low ?? 0) * 2), 4)
  expect(series.replicas_needed).toBe(2)
  expect(seriesOf(given(), { peak: 600, replicas: { target: 2, production: 2 } }).headroom).toBeLessThan(0)
})

test('how much must be left is what the config says', () => {
  expect(assess(given(), { peak: 320 }, 0.5).findings.map(({ rule }) => rule)).toEqual(['capacity.headroom'])
  expect(assess(given(), { peak: 320 }, 0).findings).toEqual([])
})

test('nothing is promised beyond what was measured, and a step that fails is not', () => {
  const linear = { lambda: 50, alpha: 0, beta: 0 }
  expect(seriesOf(given(steps(linear, [1, 2, 4, 8]))).capacity?.users).toBe(8)
  const report = assess(given([...steps(LAW, [1, 2, 4, 8]), step(LAW, 16, { bad: 5000 })]), { peak: 100 })
  expect(report.findings).toMatchObject([{ rule: 'capacity.step-failed', severity: 'warning', subject: '16 users' }])
  expect(report.measurements[0]?.metrics).toMatchObject({ steps: 5, usable_steps: 4, capacity_users: 8 })
})

test('a config that cannot be used is no reason to guess', () => {
  expect(() => capacityOracle.assess({ load: given(), policy: { ...policyOf(), text: 'version: 2' } }, {})).toThrow('cannot be used')
})
