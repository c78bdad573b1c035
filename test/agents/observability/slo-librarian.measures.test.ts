import { expect, test } from 'vitest'
import { SloPolicy } from '../../../evidence/model/config/slo.ts'
import { registryOf } from '../../../evidence/slo/registry.ts'
import { planted } from '../../../agents/observability/slo-librarian.faults.ts'
import { measureOf } from '../../../agents/observability/slo-librarian.measures.ts'

const [FIRST] = planted
if (FIRST === undefined) throw new Error('nothing is planted')
const HEALTHY = FIRST.inputs.objectives
const [SLO] = registryOf([{ path: 'slo/shop.yaml', text: HEALTHY.before[0]?.text ?? '' }]).slos

type Change = (reading: (typeof HEALTHY.readings)[number]) => Partial<(typeof HEALTHY.readings)[number]>

function measured(change: Change, policy: object = {}) {
  if (SLO === undefined) throw new Error('nothing is planted')
  const readings = HEALTHY.readings.map((reading) => ({ ...reading, ...change(reading) }))
  return measureOf(SLO, { ...HEALTHY, readings }, SloPolicy.parse(policy))
}

const nothing: Change = () => ({})

test('a window with no requests says nothing, and a pair of which one half is calm is calm', () => {
  expect(measured(nothing).isMeasured).toBe(true)
  const quiet = measured(({ window, part }) => (window === '5m' && part !== 'fresh' ? { value: 0 } : {}))
  expect(quiet.isMeasured).toBe(true)
  expect(quiet.counts.has('5m')).toBe(false)
})

test('good and bad of a total are the same thing; more than all is no measurement', () => {
  const good = measured(({ part, value }) => (part === 'bad' ? { part: 'good', value: 100_000 - (value ?? 0) } : {}))
  expect(good.burnShare?.toFixed(6)).toBe(measured(nothing).burnShare?.toFixed(6))
  expect(measured(({ part }) => (part === 'bad' ? { value: 100_050 } : {})).findings.map(({ rule }) => rule)).toContain('slo.burn')
  expect(measured(({ part }) => (part === 'bad' ? { value: 100_200 } : {})).findings.map(({ rule }) => rule)).toEqual(['slo.unanswered'])
})

test('an objective with a fault in one window has no numbers, and each kind of fault is told once', () => {
  const faulty = measured(({ part }) => (part === 'total' ? { value: null, problem: { code: 'slow', message: 'it was slow' } } : {}))
  expect(faulty).toMatchObject({
    burnShare: null,
    isMeasured: false,
    findings: [{ rule: 'slo.unanswered', path: 'slo/shop.yaml', subject: 'availability' }],
  })
  const needs = measured(({ part }) => (part === 'bad' ? { value: null, problem: { code: 'needs-prometheus', message: 'it needs one' } } : {}))
  expect(needs.findings).toMatchObject([{ next: 'Name a Prometheus under gates.slo.metrics.' }])
})

test('a budget that is spent twice is less than nothing', () => {
  expect(measured(({ window, part }) => (window === 'budget' && part === 'bad' ? { value: 200 } : {})).budgetLeft?.toFixed(6)).toBe('-1.000000')
})
