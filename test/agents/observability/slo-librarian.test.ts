import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { SloPolicy } from '../../../evidence/model/config/slo.ts'
import { ObjectiveSeries } from '../../../evidence/slo/series.ts'
import { planted } from '../../../agents/observability/slo-librarian.faults.ts'
import { sloLibrarian } from '../../../agents/observability/slo-librarian.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const [FIRST] = planted
if (FIRST === undefined) throw new Error('nothing is planted')
const HEALTHY = FIRST.inputs
type Given = typeof HEALTHY.objectives

const assess = (over: Partial<Given> = {}, policy: object = {}) =>
  sloLibrarian.assess({ ...HEALTHY, objectives: { ...HEALTHY.objectives, ...over } }, SloPolicy.parse(policy))
const file = (text: string) => [{ path: 'slo/shop.yaml', text, why: null }]
const text = HEALTHY.objectives.files[0]?.text ?? ''

test('everything the roster says it catches is planted, with a twin, and found', () => {
  const catches = ['burn over the limit', 'no data', 'an SLO over 100 or under 0', 'a query that returns two series', 'stale samples', 'NaN']
  expect(catchesUnplanted(sloLibrarian, catches)).toEqual([])
  expect(faultsMissed(sloLibrarian)).toEqual([])
})

test('what it measured, in numbers and in words', () => {
  const report = assess()
  expect(report.measurements).toMatchObject([
    {
      gate: 'slo',
      metrics: { objectives: 1, measured: 1, unmeasured: 0, fewest_requests: 100_000, rules: 3, errors: 0 },
      measured: { n: 100_000, source: 'prometheus:prometheus.example' },
    },
  ])
  const { burn_share: burn = 0, budget_left: left = 0 } = report.measurements[0]?.metrics ?? {}
  expect([burn.toFixed(6), left.toFixed(6)]).toEqual(['0.200000', '0.800000'])
  expect(report.notes).toContain('1 of 1 objectives measured')
})

test('the series is what its schema says, and holds every window', () => {
  const report = assess({ courses: [{ slo: 'availability', points: [{ from: 0, to: 60_000, bad: 1, total: 100 }] }] })
  const series = ObjectiveSeries.parse(report.files.find(({ path }) => path === 'slo/availability.objective.json')?.content)
  expect(series.windows.map(({ window }) => window).toSorted()).toEqual(['1h', '30m', '3d', '5m', '6h'])
  expect(series).toMatchObject({
    objective: 'availability',
    target: 0.999,
    budget: { window: '30d', total: 100_000 },
    points: [{ bad: 1, total: 100 }],
  })
})

describe('who holds whom', () => {
  test('a release is measured by the objectives of the base; what it lowers or takes away is told', () => {
    const lower = assess({ files: file(text.replace('0.999', '0.9')) })
    expect(lower.findings).toMatchObject([{ rule: 'slo.loosened', severity: 'warning', subject: 'availability' }])
    expect(lower.measurements[0]?.metrics).toMatchObject({ objectives: 1, warnings: 1, errors: 0 })
    expect(assess({ files: [] }).findings).toMatchObject([{ rule: 'slo.removed' }])
  })

  test('one that it adds is not measured yet, and gets its rules', () => {
    const added = assess({ files: file(`${text}---\n${text.replace('name: availability', 'name: another')}`) })
    expect(added.measurements[0]?.metrics).toMatchObject({ objectives: 1, rules: 6, errors: 0 })
    expect(added.files.at(-1)?.content).toContain('slo-another')
  })

  test('a fault on both commits is told once; without an objective nothing is measured', () => {
    const broken = file(text.replace('0.999', '7'))
    const report = assess({ files: broken, before: broken })
    expect(report.findings.map(({ rule, path, line }) => [rule, path, line])).toEqual([['slo.invalid', 'slo/shop.yaml', 15]])
    expect(report.measurements[0]).toMatchObject({ metrics: { objectives: 0 }, measured: { n: 0 } })
  })
})

const rules = (policy: object) => assess({}, policy).findings.map(({ rule }) => rule)

test('limits are those of the policy', () => {
  expect(rules({ budget_left: 0.79 })).toEqual([])
  expect(rules({ budget_left: 0.81 })).toEqual(['slo.budget-spent'])
  expect(rules({ min_requests: 100_000 })).toEqual([])
  expect(rules({ min_requests: 100_001 })).toEqual(['slo.few-requests'])
  expect(rules({ windows: [{ long: '1h', short: '5m', burn: 0.19 }] })).toEqual(['slo.burn'])
})

test('of a scrape it says what is not known', () => {
  const scraped = planted.find(({ inputs, expected }) => inputs.objectives.source.kind === 'openmetrics' && expected === 'green')?.inputs.objectives
  const report = assess(scraped, { metrics: { kind: 'openmetrics', urls: ['http://shop.example/metrics'] } })
  expect(report.findings).toMatchObject([{ rule: 'slo.window-unknown', severity: 'info' }])
  expect(report.measurements[0]?.metrics).not.toHaveProperty('budget_left')
  expect(report.measurements[0]?.measured).toMatchObject({ n: 1000, window: '2026-01-15T11:59:30.000Z/2026-01-15T12:00:00.000Z' })
})

test('the rules: each window recorded once, an alert for each pair, the limit in its expression', () => {
  interface Rule {
    readonly record?: string
    readonly alert?: string
    readonly expr: string
    readonly labels: Readonly<Record<string, string>>
  }
  const [group] = (parse(String(assess().files.at(-1)?.content)) as { groups: { name: string; rules: Rule[] }[] }).groups
  expect(group?.name).toBe('slo-availability')
  expect(group?.rules.flatMap(({ record }) => record ?? [])).toEqual(['5m', '30m', '1h', '6h', '3d'].map((window) => `slo:bad:share_${window}`))
  expect(group?.rules.filter(({ alert }) => alert !== undefined)).toMatchObject([
    { expr: 'slo:bad:share_1h{slo="availability"} > 0.0144 and slo:bad:share_5m{slo="availability"} > 0.0144', labels: { severity: 'page' } },
    { expr: expect.stringContaining('> 0.006 and'), labels: { severity: 'page', service: 'shop' } },
    { expr: expect.stringContaining('> 0.001 and'), labels: { severity: 'ticket', window: '3d' } },
  ])
})
