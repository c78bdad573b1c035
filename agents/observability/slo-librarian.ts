import type { Finding } from '../../evidence/model/finding.ts'
import { SloPolicy } from '../../evidence/model/config/slo.ts'
import { describeSloProblem, type SloProblem } from '../../evidence/slo/problem.ts'
import { registryOf, type Registry, type Slo } from '../../evidence/slo/registry.ts'
import type { ObjectiveSeries } from '../../evidence/slo/series.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { planted } from './slo-librarian.faults.ts'
import { measureOf, shownCounts, type Measure } from './slo-librarian.measures.ts'
import { alertRules } from './slo-librarian.rules.ts'

type Given = Inputs['objectives']

export const sloLibrarian = agent({
  id: 'A11',
  name: 'slo-librarian',
  phase: ['P1'],
  gate: ['slo'],
  topic: 'slo',
  question: 'Does the service keep its objectives now, with budget left, and would anybody be told when it does not?',
  why: 'A release that starts into a burning budget cannot be told from what was broken before it.',
  version: 1,
  // The settings come from the runner; the config itself is here so that evidence of another one is stale.
  needs: ['objectives', 'policy'],
  writes: ['slo/*.json', 'alerts/slo_rules.yaml'],
  policy: SloPolicy,
  assess({ objectives }, policy) {
    const [before, now] = [read(objectives.before), read(objectives.files)]
    const measures = before.slos.map((slo) => measureOf(slo, objectives, policy))
    const findings = capped([
      ...invalid([...before.problems, ...now.problems]),
      ...measures.flatMap((measure) => measure.findings),
      ...changes(before.slos, now.slos),
      ...unknownWindows(objectives, before.slos),
    ])
    const measured = measures.filter(({ isMeasured }) => isMeasured)
    const left = measures.flatMap((measure) => measure.budgetLeft ?? [])
    const requests = measured.map(({ counts }) => Math.floor(Math.max(...[...counts.values()].map(({ total }) => total))))
    const metrics = {
      objectives: before.slos.length,
      measured: measured.length,
      unmeasured: before.slos.length - measured.length,
      fewest_requests: requests.length === 0 ? 0 : Math.min(...requests),
      burn_share: Math.max(0, ...measures.flatMap(({ burnShare }) => burnShare ?? [])),
      ...(left.length > 0 && { budget_left: Math.min(...left) }),
      rules: now.slos.length * policy.windows.length,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'slo',
          metrics,
          thresholds: { objectives: '>0', unmeasured: '=0', burn_share: '<=1', errors: '=0' },
          measured: {
            n: requests.reduce((sum, one) => sum + one, 0),
            window: windowOf(objectives, policy),
            source: `${objectives.source.kind}:${objectives.source.hosts.join(',')}`.slice(0, 200),
            query:
              [...new Set(objectives.readings.filter(({ part }) => part === 'total').map(({ query }) => query))].join('; ').slice(0, 2000) || 'none',
          },
        },
      ],
      files: [
        ...measures.map((measure) => ({
          path: `slo/${measure.slo.id}.objective.json`,
          type: 'dash' as const,
          content: seriesOf(measure, objectives),
        })),
        { path: 'alerts/slo_rules.yaml', type: 'report', content: alertRules(now.slos, policy.windows) },
      ],
      notes: `${metrics.measured} of ${metrics.objectives} objectives measured on at least ${metrics.fewest_requests} each; the worst burn is ${(metrics.burn_share * 100).toFixed(0)} % of its limit${left.length > 0 ? `, the smallest budget left ${(Math.min(...left) * 100).toFixed(1)} %` : ''}: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says.',
    }
  },
  plan({ objectives }, policy) {
    const { slos } = read(objectives.files)
    if (slos.length === 0) return []
    const why = `Alert rules of ${slos.length} objectives, so that somebody is told when a budget burns`
    return [{ kind: 'file.write', path: 'alerts/slo_rules.yaml', text: alertRules(slos, policy.windows), why }]
  },
  planted,
})

function read(files: Given['files']): Registry {
  const unread = files.flatMap(({ path, why }): SloProblem[] =>
    why === null ? [] : [{ path, line: 1, column: 1, key: '', message: why, expected: 'a text file', example: 'kind: SLO' }],
  )
  const { slos, problems } = registryOf(files.flatMap(({ path, text }) => (text === null ? [] : [{ path, text }])))
  return { slos, problems: [...unread, ...problems] }
}

/** What stands wrong on both commits is told once. */
function invalid(problems: readonly SloProblem[]): Finding[] {
  const told = new Map(problems.map((problem) => [describeSloProblem(problem), problem]))
  return [...told].map(([message, { path, line, example }]) => ({
    rule: 'slo.invalid',
    severity: 'error',
    path,
    line,
    message: message.slice(0, 1000),
    next: `Write it right, such as ${example}.`.slice(0, 1000),
  }))
}

/** The release is held to what stood on the base; what it changes is for people to see. */
function changes(before: readonly Slo[], now: readonly Slo[]): Finding[] {
  return before.flatMap((was): Finding[] => {
    const is = now.find(({ id }) => id === was.id)
    const tell = (rule: string, message: string): Finding[] => [
      { rule, severity: 'warning', path: was.path, line: was.line, subject: was.id, message, next: 'See that those who rely on it agree.' },
    ]
    if (is === undefined) return tell('slo.removed', `this release takes ${was.id} away`)
    return is.target < was.target ? tell('slo.loosened', `this release lowers the target of ${was.id} from ${was.target} to ${is.target}`) : []
  })
}

function unknownWindows({ source }: Given, slos: readonly Slo[]): Finding[] {
  if (source.kind !== 'openmetrics' || slos.length === 0) return []
  const message = `The pages were watched for ${Math.round((source.watched_ms ?? 0) / 1000)} s; burn over longer windows and budgets left are not known`
  return [{ rule: 'slo.window-unknown', severity: 'info', message, next: 'Name a Prometheus under gates.slo.metrics to know them.' }]
}

function windowOf({ at, source }: Given, policy: SloPolicy): string {
  if (source.kind === 'openmetrics') return `${new Date(Date.parse(at) - (source.watched_ms ?? 0)).toISOString()}/${at}`
  return `${[...new Set(policy.windows.flatMap(({ long, short }) => [short, long]))].join(', ')} until ${at}`.slice(0, 200)
}

function seriesOf({ slo, counts, budgetLeft: left }: Measure, { at, source, courses }: Given): ObjectiveSeries {
  const budget = counts.get('budget')
  return {
    schema_version: 1,
    objective: slo.id,
    service: slo.service,
    target: slo.target,
    at: Date.parse(at),
    source: `${source.kind}: ${source.hosts.join(', ')}`.slice(0, 500),
    budget:
      budget === undefined || left === null
        ? null
        : { window: slo.window.duration, bad: budget.bad, total: budget.total, attainment: shownCounts(budget, slo.target).attainment, left },
    windows: [...counts].filter(([window]) => window !== 'budget').map(([window, of]) => ({ window, ...shownCounts(of, slo.target) })),
    points: courses.find((course) => course.slo === slo.id)?.points ?? [],
  }
}
