/** Objectives and the alert rules they give: slo-librarian beside promtool. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alertRules } from '../../../agents/observability/slo-librarian.rules.ts'
import { SloPolicy } from '../../../evidence/model/config/slo.ts'
import { registryOf, type Slo } from '../../../evidence/slo/registry.ts'
import { ended } from '../../support/tools.ts'
import { compare, type Seen } from './compare.ts'
import { RULES } from './explained.rules.ts'
import { programOf, type Part } from './part.ts'
import { MEANING, NO_PROMQL, OBJECTIVES, QUERIES, TYPES, UNHELD } from './rules.planted.ts'

const REFUSED = 'a rule of ours that Prometheus refuses'
const SILENT = 'an alert of ours that is silent, or never is'
const { windows } = SloPolicy.parse({ metrics: { kind: 'prometheus', url: 'http://127.0.0.1:1', interval: '1m' } })
/** An hour in which one of a thousand fails, and one in which one of five does. */
const HOURS = { calm: '1x120', burning: '200x120' } as const

export const promtool: Part = {
  topic: 'Objectives and alert rules',
  specialist: 'promtool',
  explained: RULES,
  async run(dir) {
    const program = programOf('promtool')
    const ours: Seen[] = []
    const theirs: Seen[] = []
    for (const { class: name, name: file, bad, total } of QUERIES) {
      if (registryOf([{ path: 'slo.yaml', text: objective(bad, total) }]).problems.length > 0) ours.push({ class: name, file })
      if (!(await accepts(program, dir, ruleOf(bad, total)))) theirs.push({ class: name, file })
    }
    for (const [file, target] of Object.entries(OBJECTIVES)) {
      const { bad, total } = QUERIES.find(({ name }) => name === 'healthy') ?? { bad: '', total: '' }
      if (registryOf([{ path: 'slo.yaml', text: objective(bad, total, target) }]).problems.length > 0) ours.push({ class: UNHELD, file })
      const limit = Number(/target: (\S+)/.exec(target)?.[1])
      if (!(await accepts(program, dir, ruleOf(bad, total, Number.isNaN(limit) ? '' : ` > ${1 - limit}`)))) theirs.push({ class: UNHELD, file })
    }
    const slos = kinds()
    for (const slo of slos) {
      if (!(await accepts(program, dir, alertRules([slo], windows)))) theirs.push({ class: REFUSED, file: slo.id })
      for (const [hour, counts] of Object.entries(HOURS))
        if (!(await fires(program, dir, slo, counts, hour === 'burning'))) theirs.push({ class: SILENT, file: `${slo.id}, ${hour}` })
    }
    const rules = slos.length * (windows.length + new Set(windows.flatMap(({ long, short }) => [long, short])).size)
    return {
      what: `${QUERIES.length + Object.keys(OBJECTIVES).length} objectives, healthy ones among them, and ${rules} rules that we generate`,
      compared: compare([NO_PROMQL, TYPES, MEANING, UNHELD, REFUSED, SILENT], ours, theirs),
    }
  },
}

const source = (query: string): string => `{ metricSource: { type: Prometheus, spec: { query: ${JSON.stringify(query)} } } }`
const named = (name: string, text: string): string => text.replace('name: shop', `name: ${name}`)

function objective(bad: string, total: string, target = 'target: 0.999', indicator?: string): string {
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: shop }
spec:
  indicator: { metadata: { name: shop }, spec: ${indicator ?? `{ ratioMetric: { counter: true, bad: ${source(bad)}, total: ${source(total)} } }`} }
  timeWindow: [{ duration: 30d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ ${target} }]
`
}

/** The rule that somebody writes by hand from the same two queries. */
function ruleOf(bad: string, total: string, limit = ''): string {
  return JSON.stringify({
    groups: [{ name: 'shop', rules: [{ record: 'shop:bad:share', expr: bad === '' ? '' : `(${bad}) / (${total})${limit}` }] }],
  })
}

async function accepts(program: string, dir: string, rules: string): Promise<boolean> {
  await writeFile(join(dir, 'rules.yaml'), rules)
  return (await ended(program, ['check', 'rules', 'rules.yaml'], { cwd: dir })).code === 0
}

/** One objective of each kind that a rule is generated from. */
function kinds(): readonly Slo[] {
  const [bad, good, total] = ['sum(shop_total{code="500"}) or vector(0)', 'sum(shop_total{code="200"})', 'sum(shop_total)'].map((query) =>
    source(query),
  )
  const { slos, problems } = registryOf(
    Object.entries({
      bad: objective('', '', 'target: 0.99', `{ ratioMetric: { counter: true, bad: ${bad}, total: ${total} } }`),
      good: objective('', '', 'target: 0.99', `{ ratioMetric: { counter: true, good: ${good}, total: ${total} } }`),
      threshold: objective('', '', 'target: 0.99, op: lte, value: 0.01', `{ thresholdMetric: ${source('max(shop_share)')} }`),
      slices: objective(
        '',
        '',
        'target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5m',
        `{ ratioMetric: { counter: true, bad: ${bad}, total: ${total} } }`,
      ).replace('Occurrences', 'Timeslices'),
    }).map(([name, text]) => ({ path: `${name}.yaml`, text: named(name, text) })),
  )
  if (problems.length > 0) throw new Error(`an objective of the benchmark cannot be held: ${JSON.stringify(problems[0])}`)
  return slos
}

/** Does promtool agree that the page is open after two hours of this, or that it is not? */
async function fires(program: string, dir: string, slo: Slo, counts: string, wanted: boolean): Promise<boolean> {
  const folder = join(dir, 'fires')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'rules.yaml'), alertRules([slo], windows))
  const failed = Number(counts.split('x')[0])
  const tests = {
    rule_files: ['rules.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: [
          { series: 'shop_total{code="200"}', values: `0+${1000 - failed}x120` },
          { series: 'shop_total{code="500"}', values: `0+${counts}` },
          { series: 'shop_share', values: `${failed / 1000}x120` },
        ],
        promql_expr_test: [
          {
            expr: 'count(ALERTS{alertname="ErrorBudgetBurns",alertstate="firing",severity="page"}) > bool 0 or vector(0)',
            eval_time: '2h',
            exp_samples: [{ labels: '{}', value: wanted ? 1 : 0 }],
          },
        ],
      },
    ],
  }
  await writeFile(join(folder, 'tests.yaml'), JSON.stringify(tests))
  return (await ended(program, ['test', 'rules', 'tests.yaml'], { cwd: folder })).code === 0
}
