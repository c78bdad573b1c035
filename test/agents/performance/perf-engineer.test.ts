import { expect, test } from 'vitest'
import { PerfPolicy } from '../../../evidence/model/config/perf.ts'
import { Baseline } from '../../../evidence/perf/series.ts'
import { baseline, given, run, scripted, times } from '../../../agents/performance/perf-engineer.faults.ts'
import { perfEngineer } from '../../../agents/performance/perf-engineer.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const policy = { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: '' }
const assess = (load = given(), settings: object = {}) => perfEngineer.assess({ load, policy }, PerfPolicy.parse(settings))
const rules = (load = given(), settings: object = {}) => assess(load, settings).findings.map(({ rule }) => rule)

test('everything the roster says it catches is planted, with a twin, and found', () => {
  const catches = ['p95 over the limit', 'a regression hidden in the tail', 'errors under load', 'coordinated omission']
  expect(catchesUnplanted(perfEngineer, catches)).toEqual([])
  expect(faultsMissed(perfEngineer)).toEqual([])
})

test('what it measured, in numbers and in words', () => {
  const report = assess()
  expect(report.measurements).toMatchObject([
    {
      gate: 'perf',
      metrics: { due: 1000, answered: 1000, p50_ms: 20, p95_ms: 40, p99_ms: 80, error_share: 0, spike_error_share: 0, compared: 0, errors: 0 },
      measured: { n: 1000, source: 'load:stage.shop.example', query: '1 GET /' },
    },
  ])
  expect(report.notes).toContain('1000 of 1000 requests answered at 50/s: p50 20 ms, p99 80 ms')
})

test('requests that were never answered took longer than any', () => {
  const lost = given({ runs: [run(times([10, 940]), { failed: 30, dropped: 30 })] })
  expect(assess(lost).measurements[0]?.metrics).toMatchObject({ due: 1000, answered: 940, p50_ms: 10, p95_ms: 600_000, error_share: 0.06 })
  expect(rules(lost)).toContain('load.over-limit')
})

test('what is due and what leaves are told apart: only a wait that a closed client hides is omission', () => {
  const both = times([100, 980], [2100, 20])
  expect(rules(given({ runs: [run(both)] }))).toEqual(['load.over-limit', 'load.no-baseline'])
  expect(rules(given({ runs: [run(both, {}, times([100, 1000]))] }))).toEqual(['load.over-limit', 'load.omission', 'load.no-baseline'])
})

test('limits are those of the policy', () => {
  expect(rules(given(), { limits: { p50: '19ms' } })).toContain('load.over-limit')
  expect(rules(given(), { limits: { p50: '20ms' } })).not.toContain('load.over-limit')
  expect(rules(given(), { min_requests: 1001 })).toContain('load.few-requests')
})

test('a baseline is compared by its distribution, and only when its load was the same', () => {
  const slower = baseline(times([8, 300], [16, 400], [32, 250], [64, 50]))
  expect(rules(given({ baseline: slower }))).toEqual([])
  expect(rules(given({ baseline: slower }), { slower: '1.1x' })).toContain('load.slower')
  expect(assess(given({ baseline: slower })).measurements[0]?.metrics).toMatchObject({ compared: 1 })
  const other = given({ baseline: baseline(times([1, 1000]), { plan: 'f'.repeat(64) }) })
  expect(assess(other).findings).toMatchObject([{ rule: 'load.baseline-other', severity: 'warning' }])
  expect(assess(other).measurements[0]?.metrics).toMatchObject({ compared: 0 })
})

test('what it writes is the baseline of the next release, and that is its plan', () => {
  const { files } = assess()
  const first = Baseline.parse(files.find(({ path }) => path === 'perf/baseline.json')?.content)
  expect(first).toMatchObject({ head: 'b'.repeat(40), rate: 50, due: 1000, unanswered: 0 })
  const [planned] = perfEngineer.plan?.({ load: given(), policy }, PerfPolicy.parse({ baseline: 'load/last.json' })) ?? []
  expect(planned).toMatchObject({ kind: 'file.write', path: 'load/last.json' })
  expect(Baseline.parse(JSON.parse(planned?.text ?? ''))).toEqual(first)
  expect(rules(given({ baseline: { path: 'load/last.json', text: planned?.text ?? '', why: null } }))).toEqual([])
  expect(perfEngineer.plan?.({ load: given({ runs: [] }), policy }, PerfPolicy.parse({}))).toEqual([])
})

test('of a script it says which one, by which k6, at the rate that came of it', () => {
  const report = assess(given({ script: scripted(), runs: [run(undefined, { lag: null }), run(undefined, { kind: 'spike' })] }), {
    script: 'load/release.js',
  })
  expect(report.findings.map(({ rule }) => rule)).toEqual(['load.no-baseline'])
  expect(report.measurements[0]?.measured).toMatchObject({ query: 'k6 1.8.1 load/release.js', window: expect.stringContaining('20s at 50/s until') })
  expect(report.measurements[0]?.metrics).not.toHaveProperty('lag_ms')
})

test('a closed model has a reason of its own; a script that failed otherwise has measured nothing', () => {
  const users = { name: 'users', executor: 'ramping-vus', open: false, part: 'load' as const }
  const closed = assess(given({ runs: [], failure: 'it was not run', script: scripted({ scenarios: [users] }) }), { script: 'load/release.js' })
  expect(closed.findings).toMatchObject([
    { rule: 'load.closed-model', path: 'load/release.js', subject: 'users', message: expect.stringContaining('ramping-vus') },
  ])
  expect(closed.measurements[0]?.metrics).toMatchObject({ answered: 0, errors: 1 })
  expect(rules(given({ runs: [], failure: 'k6 ended with exit code 107', script: scripted({ exit: 107 }) }))).toEqual(['load.no-data'])
})

test('thresholds are told as k6 names them', () => {
  const said = `time="now" level=error msg="thresholds on metrics 'checks, http_req_duration' have been crossed"`
  expect(assess(given({ script: scripted({ exit: 99, said }) })).findings[0]?.message).toContain('crossed: checks, http_req_duration')
  expect(assess(given({ script: scripted({ exit: 99, said: 'nothing' }) })).findings[0]?.rule).toBe('load.thresholds')
})
