import { expect, test } from 'vitest'
import { Trend } from '../../../evidence/perf/trend.ts'
import { changeOf, declines } from '../../../agents/add-ons/benchmarker.change.ts'
import { before } from '../../../agents/add-ons/benchmarker.faults.ts'
import { benchmarker } from '../../../agents/add-ons/benchmarker.ts'
import { given, policyOf } from '../../../agents/performance/capacity-oracle.faults.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const assess = (trend = before(0.3), policy = policyOf(), load = given()) => benchmarker.assess({ load, trend, policy }, {})
const trendOf = (...of: Parameters<typeof assess>) => Trend.parse(assess(...of).files[0]?.content)

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(benchmarker, ['three-release decline'])).toEqual([])
  expect(faultsMissed(benchmarker)).toEqual([])
})

test('this release stands behind those before it, with what its peak costs where a price is known', () => {
  const trend = trendOf(before(0.3, 0.28), policyOf({ peak: 320, replica_hour_usd: 0.05 }))
  expect(trend.entries.map(({ headroom }) => Number(headroom.toFixed(2)))).toEqual([0.3, 0.28, 0.22])
  expect(trend.entries.at(-1)).toMatchObject({ head: 'b'.repeat(40), hour_usd: 0.05 })
  expect(trendOf().entries.at(-1)?.hour_usd).toBeNull()
})

test('one that is measured again takes the place of its first measurement', () => {
  const again = { ...before(), file: { path: 'perf/trend.json', text: JSON.stringify(trendOf(before(0.3))), why: null } }
  expect(trendOf(again).entries).toHaveLength(2)
})

test('one that was not measured adds nothing, says so, and plans nothing', () => {
  const empty = given([], { failure: 'stage.shop.example could not be reached.' })
  expect(trendOf(before(0.3), policyOf(), empty).entries).toHaveLength(1)
  expect(assess(before(0.3), policyOf(), empty).findings).toMatchObject([{ rule: 'trend.not-measured', severity: 'warning' }])
  expect(benchmarker.plan?.({ load: empty, trend: before(0.3), policy: policyOf() }, {})).toEqual([])
})

test('the plan is the file that the next release finds', () => {
  const [planned] = benchmarker.plan?.({ load: given(), trend: before(0.3), policy: policyOf() }, {}) ?? []
  expect(planned).toMatchObject({ kind: 'file.write', path: 'perf/trend.json' })
  expect(Trend.parse(JSON.parse(planned?.text ?? ''))).toEqual(trendOf())
})

test('another level is told, with the release it began at', () => {
  const report = assess(before(0.5, 0.51, 0.5, 0.22, 0.23))
  expect(report.findings).toMatchObject([{ rule: 'trend.change', severity: 'warning', message: expect.stringContaining('22 % instead of 50 %') }])
})

test.each([
  [[0.5, 0.5, 0.5, 0.2, 0.2], { at: 3, before: 0.5, after: 0.2 }],
  [[0.2, 0.2, 0.4, 0.4], { at: 2, before: 0.2, after: 0.4 }],
  [[0.5, 0.49, 0.51, 0.5], null],
  [[0.5, 0.4, 0.3, 0.2, 0.1], null],
  [[0.5, 0.2, 0.5], null],
  [[], null],
])('the level of %j changes at %j', (values, change) => {
  const found = changeOf(values)
  expect(found === null ? null : { at: found.at, before: Number(found.before.toFixed(6)), after: Number(found.after.toFixed(6)) }).toEqual(change)
})

test.each([
  [[0.4, 0.3, 0.2], true],
  [[0.2, 0.195, 0.19], false],
  [[0.4, 0.3, 0.35], false],
  [[0.3, 0.2], false],
  [[0.1, 0.5, 0.4, 0.3], true],
])('%j declines: %s', (values, is) => {
  expect(declines(values)).toBe(is)
})
