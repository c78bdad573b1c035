import { canonicalize } from '../../evidence/core/canonical.ts'
import { PerfPolicy, requestsOf } from '../../evidence/model/config/perf.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { Baseline } from '../../evidence/perf/series.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { compared, quantile, total } from './perf-engineer.compare.ts'
import { planted } from './perf-engineer.faults.ts'
import { closedOf, ofScript } from './perf-engineer.script.ts'

type Load = Inputs['load']
type Run = Load['runs'][number]

export const perfEngineer = agent({
  id: 'A26',
  name: 'perf-engineer',
  phase: ['P1'],
  gate: ['perf'],
  topic: 'load',
  question: 'Does this very commit answer in time under the load it is meant for, and not slower than the release before?',
  why: 'What is slow for one request in a hundred is slow for most people who make a hundred.',
  version: 2,
  needs: ['load', 'policy'],
  writes: ['perf/baseline.json', 'perf/spike.json'],
  policy: PerfPolicy,
  assess({ load }, policy) {
    const [run, spike] = [load.runs.find(({ kind }) => kind === 'load'), load.runs.find(({ kind }) => kind === 'spike')]
    const findings = capped([
      ...ofScript(load),
      ...(run === undefined
        ? load.script !== null && closedOf(load.script).length > 0
          ? []
          : [noData(load)]
        : [...otherCommit(load), ...few(run, policy), ...slow(run, policy), ...failing(run, policy), ...regression(load, run, policy)]),
      ...(spike === undefined ? [] : failing(spike, policy)),
    ])
    const metrics = {
      due: run?.due ?? 0,
      answered: run === undefined ? 0 : total(run.latency),
      spike_due: spike?.due ?? 0,
      ...(run !== undefined && { ...timesOf(run), error_share: errorShare(run), ...(run.lag !== null && { lag_ms: run.lag }) }),
      ...(spike !== undefined && { spike_error_share: errorShare(spike), spike_p99_ms: finite(quantile(spike.latency, 0.99, unanswered(spike))) }),
      compared: run !== undefined && baselineOf(load) !== null && baselineOf(load)?.plan === load.plan ? 1 : 0,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'perf',
          metrics,
          thresholds: { answered: '>0', errors: '=0' },
          measured: {
            n: metrics.answered,
            window: windowOf(load, run, policy),
            source: `load:${load.host}`.slice(0, 200),
            query: askedBy(load, policy).slice(0, 2000),
          },
        },
      ],
      files: [
        ...(run === undefined ? [] : [{ path: 'perf/baseline.json', type: 'evidence' as const, content: asBaseline(load, run) }]),
        ...(spike === undefined ? [] : [{ path: 'perf/spike.json', type: 'evidence' as const, content: asBaseline(load, spike) }]),
      ],
      notes:
        run === undefined
          ? `Nothing was measured: ${load.failure ?? 'there was no load'}`
          : `${metrics.answered} of ${run.due} requests answered at ${run.rate}/s: p50 ${shown(quantile(run.latency, 0.5))}, p99 ${shown(quantile(run.latency, 0.99, unanswered(run)))} from when they were due: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says.',
    }
  },
  plan({ load }, policy) {
    const run = load.runs.find(({ kind }) => kind === 'load')
    if (run === undefined) return []
    const text = `${canonicalize(asBaseline(load, run))}\n`
    return [{ kind: 'file.write', path: policy.baseline, text, why: 'What the next release is compared with' }]
  },
  planted,
})

function windowOf(load: Load, run: Run | undefined, policy: PerfPolicy): string {
  const how = policy.script === undefined ? `${policy.for} at ${policy.rate}/s` : run === undefined ? 'nothing' : `${run.ms / 1000}s at ${run.rate}/s`
  return `${how} until ${load.at}`
}

function askedBy({ script }: Load, policy: PerfPolicy): string {
  if (policy.script !== undefined) return `k6 ${script?.version ?? ''} ${policy.script}`
  return requestsOf(policy)
    .map(({ method, path, weight }) => `${weight} ${method} ${path}`)
    .join('; ')
}

function unanswered({ dropped, failed }: Run): number {
  return dropped + failed
}

function errorShare(run: Run): number {
  return run.due === 0 ? 0 : (unanswered(run) + run.bad) / run.due
}

/** A metric is a number: what never came is put at ten minutes, above every limit that a policy can have. */
function finite(ms: number): number {
  return Math.min(ms, 600_000)
}

function shown(ms: number): string {
  return Number.isFinite(ms) ? `${Number(ms.toPrecision(3))} ms` : 'no answer'
}

const SHARES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const

function timesOf(run: Run): Record<'p50_ms' | 'p95_ms' | 'p99_ms' | 'sent_p99_ms', number> {
  const of = (share: number) => finite(quantile(run.latency, share, unanswered(run)))
  return { p50_ms: of(0.5), p95_ms: of(0.95), p99_ms: of(0.99), sent_p99_ms: finite(quantile(run.service, 0.99)) }
}

function error(rule: string, subject: string, message: string, next: string): Finding {
  return { rule, severity: 'error', subject, message: message.slice(0, 1000), next }
}

function noData({ failure, host }: Load): Finding {
  return error(
    'load.no-data',
    host,
    `${host} was not put under load: ${failure ?? 'nothing was sent'}`,
    'See whether the service runs and can be reached from the job, then run phase P1 again.',
  )
}

function otherCommit({ commits: { before, after }, head, host }: Load): Finding[] {
  if (before === head && after === head) return []
  const wrong = [before, after].find((one) => one !== head) ?? null
  const said = wrong === null ? 'does not say which commit it runs' : `runs ${wrong}, not ${head}`
  return [
    error(
      wrong === null ? 'load.commit-unknown' : 'load.other-commit',
      host,
      `${host} ${said}`,
      wrong === null
        ? 'Let it answer with its commit, and name path and field under gates.perf.commit.'
        : 'Deploy this commit to it, then run phase P1 again.',
    ),
  ]
}

function few(run: Run, { min_requests: least }: PerfPolicy): Finding[] {
  const n = total(run.latency)
  if (n >= least) return []
  return [
    error(
      'load.few-requests',
      run.kind,
      `${n} requests were answered; ${least} are needed`,
      'Let the load last longer, or lower gates.perf.min_requests on the base branch.',
    ),
  ]
}

/** A limit that only those break who waited for others is named twice: a client that waits with them would have hidden it. */
function slow(run: Run, { limits }: PerfPolicy): Finding[] {
  return SHARES.flatMap(([name, share]) => {
    const limit = limits[name]
    if (limit === undefined) return []
    const [due, sent] = [quantile(run.latency, share, unanswered(run)), quantile(run.service, share)]
    if (due <= milliseconds(limit)) return []
    const over = error(
      'load.over-limit',
      name,
      `${name} is ${shown(due)} from when requests were due; ${limit} is the limit`,
      'Find out what is slow under load, or change gates.perf.limits on the base branch.',
    )
    if (sent > milliseconds(limit) || !Number.isFinite(due)) return [over]
    const hidden = `${name} is ${shown(due)} from when requests were due and ${shown(sent)} from when they left: who waits for the others hides it`
    return [
      over,
      error('load.omission', name, hidden, 'Find out what makes requests wait before they leave: stalls, or too few that may wait at once.'),
    ]
  })
}

function failing(run: Run, { limits }: PerfPolicy): Finding[] {
  const share = errorShare(run)
  if (share <= limits.errors) return []
  const message = `${run.kind} at ${run.rate}/s: of ${run.due} requests ${run.bad} were answered wrongly (${
    Object.entries(run.statuses)
      .map(([code, n]) => `${n} with ${code}`)
      .join(', ') || 'none at all'
  }), ${run.failed} not at all, ${run.dropped} could not be sent`
  return [error('load.errors', run.kind, message, 'Find out what fails under load.')]
}

/** Null: there is none, or it cannot be read. */
function baselineOf({ baseline }: Load): Baseline | null {
  if (baseline?.text == null) return null
  try {
    const parsed = Baseline.safeParse(JSON.parse(baseline.text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

function regression(load: Load, run: Run, policy: PerfPolicy): Finding[] {
  const path = policy.baseline
  const tell = (rule: string, severity: Finding['severity'], message: string, next: string): Finding[] => [
    { rule, severity, path, message: message.slice(0, 1000), next },
  ]
  if (load.baseline === null)
    return tell(
      'load.no-baseline',
      'info',
      `The base branch has no ${path}: nothing to compare with`,
      'Commit what this release writes, so that the next one is compared with it.',
    )
  const before = baselineOf(load)
  if (before === null)
    return tell(
      'load.baseline-invalid',
      'error',
      `${path} is no baseline: ${load.baseline.why ?? 'it does not fit the schema'}`,
      'Commit perf/baseline.json of the last pack again, as it is.',
    )
  if (before.plan !== load.plan)
    return tell(
      'load.baseline-other',
      'warning',
      `${path} was measured with other requests, rate or address, or another script or version of k6: it cannot be compared`,
      'Commit what this release writes as the new baseline.',
    )
  const ratio = Number(policy.slower.slice(0, -1))
  const comparisons = compared(run.latency, before.latency, ratio)
  return comparisons.flatMap(({ what, chance, share }) => {
    if (chance >= policy.false_alarm / comparisons.length) return []
    const times = what === 'whole' ? ([0.5, 'Half of them'] as const) : ([Number(what.slice(1)) / 100, what] as const)
    const numbers = `${times[1]}: ${shown(quantile(before.latency, times[0]))} before, ${shown(quantile(run.latency, times[0]))} now`
    const message =
      what === 'whole'
        ? `Requests are surely more than ${policy.slower} slower than at ${before.head.slice(0, 12)}. ${numbers}`
        : `The tail is surely more than ${policy.slower} slower than at ${before.head.slice(0, 12)}: ${(share * 100).toFixed(1)} % lie beyond what ${(100 - Number(what.slice(1))).toFixed(0)} % did. ${numbers}`
    return [
      error(
        what === 'whole' ? 'load.slower' : 'load.tail-slower',
        what,
        message,
        'Find out what became slower; a baseline on the base branch is changed only with the reason.',
      ),
    ]
  })
}

function asBaseline(load: Load, run: Run): Baseline {
  const { at, head, host, plan } = load
  return { schema_version: 1, head, at, host, plan, rate: run.rate, due: run.due, unanswered: unanswered(run), latency: run.latency }
}
