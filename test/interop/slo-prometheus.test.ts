/**
 * A real Prometheus with three days of history, written by promtool: what the agent learns from it is what was written, what it cannot know is no data;
 * and the rules it generates are rules to promtool, which fire when, and only when, a budget burns in both windows.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { objectivesAsked } from '../../agents/collect/metrics/objectives-asked.ts'
import { measureOf, type Measure } from '../../agents/observability/slo-librarian.measures.ts'
import { alertRules } from '../../agents/observability/slo-librarian.rules.ts'
import { SloPolicy } from '../../evidence/model/config/slo.ts'
import { registryOf, type Slo } from '../../evidence/slo/registry.ts'
import { ended, tool } from '../support/tools.ts'

const [PROMETHEUS, PROMTOOL] = [tool('prometheus'), tool('promtool')]
const MINUTE = 60_000
const MINUTES = 3 * 24 * 60
/** The last minute of the history. */
const END = Math.floor(Date.now() / MINUTE) * MINUTE
const POLICY = SloPolicy.parse({ metrics: { kind: 'prometheus', url: 'http://127.0.0.1:1', interval: '1m' } })

function slo(name: string, indicator: string, objective = 'target: 0.999', method = 'Occurrences'): string {
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  indicator: { metadata: { name: ${name} }, spec: ${indicator} }
  timeWindow: [{ duration: 2d, isRolling: true }]
  budgetingMethod: ${method}
  objectives: [{ ${objective} }]
`
}

const source = (query: string) => `{ metricSource: { type: Prometheus, spec: { query: '${query}' } } }`
const ratio = (bad: string, total: string) => `{ ratioMetric: { counter: true, bad: ${source(bad)}, total: ${source(total)} } }`
const SLICES = ', timeSliceTarget: 0.99, timeSliceWindow: 5m'

const { slos: SLOS, problems } = registryOf([
  {
    path: 'slo/all.yaml',
    text: [
      slo('calm', ratio('sum(calm_total{code=~"5.."}) or vector(0)', 'sum(calm_total)')),
      slo('silent', ratio('sum(silent_total{code=~"5.."}) or vector(0)', 'sum(silent_total)')),
      slo('burning', ratio('sum(burning_total{code=~"5.."}) or vector(0)', 'sum(burning_total)')),
      slo('over', ratio('sum(burning_total{code=~"5.."}) or vector(0)', 'sum(burning_total)'), 'target: 0.9'),
      slo('sliced', ratio('sum(burning_total{code=~"5.."}) or vector(0)', 'sum(burning_total)'), `target: 0.5${SLICES}`, 'Timeslices'),
      slo('deep', `{ thresholdMetric: ${source('max(queue_depth)')} }`, 'target: 0.9, op: lte, value: 10'),
      slo('holes', `{ thresholdMetric: ${source('(max(queue_depth) - 3) / (max(queue_depth) - 3)')} }`, 'target: 0.5, op: lte, value: 10'),
      slo('lost', ratio('sum(lost_total{code=~"5.."}) or vector(0)', 'sum(lost_total)')),
      slo('misspelt', ratio('sum(calm_total{status=~"5.."}) or vector(0)', 'sum(calm_total)')),
      slo('two', ratio('calm_total', 'sum(calm_total)')),
      slo('old', ratio('sum(old_total{code=~"5.."}) or vector(0)', 'sum(old_total)')),
    ].join('---\n'),
  },
])

/** Of every minute: 1000 answers, of which so many failed. */
const FAILED = {
  calm: (minute: number) => (minute % 10 === 0 ? 1 : 0),
  silent: () => 0,
  // One in a thousand, and in the last 70 minutes one in twenty.
  burning: (minute: number) => (minute > MINUTES - 70 ? 50 : 1),
  old: () => 1,
}

function history(): string {
  const lines: string[] = []
  for (const [name, failed] of Object.entries(FAILED)) {
    lines.push(`# TYPE ${name} counter`)
    const last = name === 'old' ? MINUTES - 4 : MINUTES
    for (const [code, of] of [
      ['200', (minute: number) => 1000 - failed(minute)],
      ['500', failed],
    ] as const) {
      if (name === 'silent' && code === '500') continue
      let total = 0
      for (let minute = 0; minute <= last; minute += 1) {
        total += of(minute)
        lines.push(`${name}_total{code="${code}"} ${total} ${(END - (MINUTES - minute) * MINUTE) / 1000}`)
      }
    }
  }
  lines.push('# TYPE queue_depth gauge')
  // Over ten in two of a hundred minutes; three, which is no number to one of the queries, in one of four.
  for (let minute = 0; minute <= MINUTES; minute += 1)
    lines.push(`queue_depth ${minute % 50 === 0 ? 11 : minute % 4 === 1 ? 3 : 6} ${(END - (MINUTES - minute) * MINUTE) / 1000}`)
  return `${lines.join('\n')}\n# EOF\n`
}

/** How many pages are open then, as promtool asks it. */
const firing = (minutes: number, value: number) => ({
  expr: 'count(ALERTS{alertname="ErrorBudgetBurns",alertstate="firing",slo="calm",severity="page"}) or vector(0)',
  eval_time: `${minutes}m`,
  exp_samples: [{ labels: '{}', value }],
})

async function ready(url: string): Promise<void> {
  const { status } = await fetch(`${url}/-/ready`)
  if (status !== 200) throw new Error(`${url} answers ${status}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe.skipIf(PROMETHEUS === null || PROMTOOL === null)('Prometheus and promtool (skipped where they are absent)', () => {
  let folder = ''
  let child: ChildProcess | null = null
  const measures = new Map<string, Measure>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-slo-'))
    const [input, data] = [join(folder, 'history.txt'), join(folder, 'data')]
    await writeFile(input, history())
    const made = await ended(PROMTOOL ?? '', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', input, data])
    if (made.code !== 0) throw new Error(made.err)
    await writeFile(join(folder, 'prometheus.yml'), 'global: { scrape_interval: 1m }\n')
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const flags = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ]
    child = spawn(PROMETHEUS ?? '', flags, { stdio: 'ignore' })
    await vi.waitFor(() => ready(url), { timeout: 60_000, interval: 200 })
    const answers = await objectivesAsked(SLOS, { kind: 'prometheus', url, interval: '1m' }, POLICY.windows, END)
    const given = {
      at: new Date(END).toISOString(),
      base: 'a'.repeat(40),
      head: 'b'.repeat(40),
      patterns: ['slo/*.yaml'],
      files: [],
      before: [],
      source: { kind: 'prometheus' as const, hosts: ['127.0.0.1'], watched_ms: null },
      ...answers,
    }
    for (const one of SLOS) measures.set(one.id, measureOf(one, given, POLICY))
  })

  afterAll(async () => {
    if (child !== null && child.exitCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  })

  function counted(name: string, window: string): readonly [bad: number, total: number] {
    const counts = measures.get(name)?.counts.get(window)
    return [Math.round(counts?.bad ?? -1), Math.round(counts?.total ?? -1)]
  }
  const rules = (name: string) => measures.get(name)?.findings.map(({ rule }) => rule)

  test('every objective is one to us', () => {
    expect(problems).toEqual([])
    expect(SLOS).toHaveLength(11)
  })

  test('what was counted in each window is what was written', () => {
    expect([counted('calm', '1h'), counted('calm', '6h'), counted('calm', 'budget')]).toEqual([
      [6, 60_000],
      [36, 360_000],
      [288, 2_880_000],
    ])
    expect([counted('burning', '5m'), counted('burning', '1h'), counted('burning', '6h')]).toEqual([
      [250, 5000],
      [3000, 60_000],
      [70 * 50 + 290, 360_000],
    ])
    expect(measures.get('calm')).toMatchObject({ isMeasured: true, findings: [] })
    expect(measures.get('calm')?.budgetLeft?.toFixed(3)).toBe('0.900')
  })

  test('no error ever is zero where the metric tells errors from the rest, and unknown where it does not', () => {
    expect(counted('silent', '1h')).toEqual([0, 60_000])
    // Its metric has one code only, and still says which: nothing of it failed.
    expect(rules('silent')).toEqual([])
    expect(rules('misspelt')).toEqual(['slo.no-data'])
  })

  test('a budget of a thousandth burns, one of a tenth does not', () => {
    expect(rules('burning')).toEqual(['slo.burn', 'slo.burn', 'slo.burn', 'slo.budget-spent'])
    expect(rules('over')).toEqual([])
  })

  test('time slices and thresholds are looked at as often as they say', () => {
    expect(counted('sliced', '6h')[1]).toBeGreaterThanOrEqual(71)
    expect(counted('sliced', '6h')[0]).toBeGreaterThanOrEqual(13)
    expect(counted('sliced', '6h')[0]).toBeLessThanOrEqual(16)
    const [bad, total] = counted('deep', '6h')
    expect(Math.abs(bad - 7)).toBeLessThanOrEqual(1)
    expect(Math.abs(total - 360)).toBeLessThanOrEqual(1)
  })

  test('what is not a number is neither good nor bad', () => {
    const [bad, total] = counted('holes', '6h')
    // In one of four minutes the depth is three, and 0 / 0 is no number.
    expect(bad).toBe(0)
    expect(Math.abs(total - 270)).toBeLessThanOrEqual(2)
    expect(rules('holes')).toEqual([])
  })

  test.each([
    ['lost', 'slo.no-data'],
    ['two', 'slo.several'],
    ['old', 'slo.stale'],
  ])('%s is told as %s, and nothing of it is measured', (name, rule) => {
    expect(measures.get(name)).toMatchObject({ isMeasured: false, burnShare: null })
    expect(rules(name)).toContain(rule)
  })

  test('the rules are rules to promtool', async () => {
    const file = join(folder, 'rules.yaml')
    await writeFile(file, alertRules(SLOS, POLICY.windows))
    const checked = await ended(PROMTOOL ?? '', ['check', 'rules', file])
    expect(checked).toMatchObject({ code: 0 })
    expect(checked.out).toContain(`SUCCESS: ${SLOS.length * 8} rules found`)
  })

  test('an alert fires when a budget burns in both windows, and not when it has stopped', async () => {
    const [calm] = SLOS.filter(({ id }) => id === 'calm') as [Slo]
    await writeFile(join(folder, 'alerts.yaml'), alertRules([calm], [{ long: '1h', short: '5m', burn: 14.4 }]))
    // An hour of calm, half an hour in which one in twenty fails, and calm again.
    const failed = '0+0x60 50+50x29 1500+0x60'
    const cases = {
      rule_files: ['alerts.yaml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: [
            { series: 'calm_total{code="200"}', values: '0+950x150' },
            { series: 'calm_total{code="500"}', values: failed },
          ],
          promql_expr_test: [firing(50, 0), firing(90, 1), firing(100, 0)],
        },
      ],
    }
    await writeFile(join(folder, 'cases.yaml'), JSON.stringify(cases))
    const tested = await ended(PROMTOOL ?? '', ['test', 'rules', join(folder, 'cases.yaml')], { cwd: folder })
    expect(tested).toMatchObject({ code: 0, out: expect.stringContaining('SUCCESS') as string })
    cases.tests[0]?.promql_expr_test.splice(1, 1, firing(90, 0))
    await writeFile(join(folder, 'cases.yaml'), JSON.stringify(cases))
    expect((await ended(PROMTOOL ?? '', ['test', 'rules', join(folder, 'cases.yaml')], { cwd: folder })).code).toBe(1)
  })
})
