import { expect, test } from 'vitest'
import { given, policyOf, preview } from '../../../agents/platform/cost-finops.faults.ts'
import { costFinops } from '../../../agents/platform/cost-finops.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const assess = (previews = given(), policy = policyOf()) => costFinops.assess({ previews, policy }, {})
const PRICES = { prices: [{ environment: 'pr-*', hour: 0.1 }] }

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(costFinops, ['a preview over budget', 'a preview past its TTL', 'an unpriced resource', 'unknown currency'])).toEqual([])
  expect(faultsMissed(costFinops)).toEqual([])
})

test('what it measured: each preview, each tenant, and all of it, a day', () => {
  const report = assess()
  expect(report.measurements).toMatchObject([
    {
      gate: 'preview_budget',
      metrics: { deployments: 5, running: 2, unpriced: 0, past_ttl: 0, errors: 0 },
      measured: { n: 5, query: 'preview-*, preview/*, pr-*' },
    },
  ])
  expect(report.measurements[0]?.metrics['most_usd']).toBeCloseTo(2.4)
  expect(report.files[0]?.content).toMatchObject({
    tenants: { shared: expect.closeTo(2.4), t1: expect.closeTo(2.4) },
    previews: [{ hours: 10, hours_left: 62 }, { tenant: 't1' }],
  })
})

test('a bill is asked before the prices, and what it cannot say is left to them', () => {
  const bill = { source: 'infracost: costs.json', entries: [{ environment: 'pr-7', hour: 0.01, currency: 'USD' }], problem: null }
  expect(assess(given([preview('pr-7')], { bill })).measurements[0]?.metrics['most_usd']).toBeCloseTo(0.24)
  expect(assess(given([preview('pr-8')], { bill })).measurements[0]?.metrics['most_usd']).toBeCloseTo(2.4)
})

test('a price in another currency is turned into dollars by the rate of the config', () => {
  const policy = policyOf({ prices: [{ environment: 'pr-*', hour: 0.1, currency: 'EUR' }], rates: { EUR: 1.25 } })
  expect(assess(given(), policy).measurements[0]?.metrics['most_usd']).toBeCloseTo(3)
})

test('what sleeps has a price of its own, belongs to its tenant, and is told apart from what runs', () => {
  const asleep = { state: 'inactive', asleep_since: '2026-01-15T10:00:00.000Z', tenant: 't1' }
  const previews = given([preview('pr-7'), preview('pr-8', 1, { ...asleep, deployment: 8 })])
  const { measurements, files, notes } = assess(previews, policyOf({ prices: [{ environment: 'pr-*', hour: 0.1, asleep: 0.01 }] }))
  expect(measurements[0]?.metrics).toMatchObject({ running: 1, asleep: 1, unpriced: 0 })
  expect(measurements[0]?.metrics['total_usd']).toBeCloseTo(2.64)
  expect(files[0]?.content).toMatchObject({ tenants: { t1: expect.closeTo(0.24, 5) } })
  expect(notes).toMatch(/^1 previews run and 1 sleep, for 2\.64 USD a day/)
})

test('what was not looked at is told; no deployment at all is nothing measured', () => {
  expect(assess(given(undefined, { cut: true })).findings).toMatchObject([{ rule: 'cost.not-all-seen', severity: 'warning' }])
  expect(assess(given([], { seen: 0 })).measurements[0]?.measured.n).toBe(0)
})

test('the plan ends what costs too much or outlives its time, and nothing else', () => {
  const previews = given([
    preview('pr-7', 80),
    preview('pr-8', 1, { deployment: 8 }),
    preview('dear-9', 1, { deployment: 9 }),
    preview('odd', 1, { deployment: 10 }),
  ])
  const policy = policyOf({ prices: [...PRICES.prices, { environment: 'dear-*', hour: 1 }] })
  const plan = costFinops.plan?.({ previews, policy }, {}) ?? []
  expect(plan).toMatchObject([
    { kind: 'deployment.end', path: 'deployments/7', why: expect.stringContaining('should have ended 8.0 hours ago') },
    { kind: 'deployment.end', path: 'deployments/9', why: expect.stringContaining('24.00 USD a day') },
  ])
  expect(JSON.parse(plan[0]?.text ?? '')).toMatchObject({ deployment: 7, environment: 'pr-7', state: 'inactive' })
})

test('a config that cannot be used is no reason to guess', () => {
  expect(() => assess(given(), { ...policyOf(), text: 'version: 2' })).toThrow('cannot be used')
})
