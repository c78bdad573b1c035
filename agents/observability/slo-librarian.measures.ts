/** What was answered about one objective -> its counts in each window, its burn, its budget, and everything that stands in the way. Pure. */
import type { SloPolicy } from '../../evidence/model/config/slo.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import type { Slo } from '../../evidence/slo/registry.ts'
import { attainment, budgetLeft, burnRate, burnsTooFast, type Counts } from '../../gates/judge/budget.ts'
import type { Inputs } from '../collect/inputs.ts'

type Given = Inputs['objectives']
type Reading = Given['readings'][number]

export interface Measure {
  readonly slo: Slo
  /** Window -> what was counted; a window that could not be told is not here. */
  readonly counts: ReadonlyMap<string, Counts>
  /** Of the objective's own window. */
  readonly budgetLeft: number | null
  /** The worst pair of windows: the slower burn of the two, as a share of the limit; null when none could be told. */
  readonly burnShare: number | null
  readonly findings: readonly Finding[]
  /** Nothing speaks against its numbers, and there are some. */
  readonly isMeasured: boolean
}

/** Of what could be asked, how much may be more good than all: two series of one page are never of one instant. */
const SLACK = 1.001

export function measureOf(slo: Slo, { readings, source }: Given, policy: SloPolicy): Measure {
  const own = readings.filter((reading) => reading.slo === slo.id)
  const windows = source.kind === 'openmetrics' ? ['scrape'] : [...new Set([...policy.windows.flatMap(({ long, short }) => [long, short]), 'budget'])]
  const found = windows.map((window) => ({ window, ...countsOf(own.filter((reading) => reading.window === window)) }))
  const findings = faultsOf(slo, [
    ...own.filter((reading) => reading.part === 'fresh').flatMap(({ problem }) => problem ?? []),
    ...found.flatMap(({ problem }) => problem ?? []),
  ])
  const counts = new Map(found.flatMap(({ window, counts: of }) => (of === null || of.total <= 0 ? [] : [[window, of] as const])))
  const budget = counts.get('budget') ?? null
  const fast = paceOf(slo, counts, source.kind === 'openmetrics' ? scrapePair(policy) : policy.windows)
  const left = budget === null ? null : budgetLeft(budget, slo.target)
  const judged = findings.length > 0 ? [] : [...fast.findings, ...budgetFindings(slo, left, policy), ...requestFindings(slo, counts, policy)]
  const isMeasured = findings.length === 0 && fast.share !== null && judged.every(({ rule }) => rule !== 'slo.few-requests' && rule !== 'slo.no-data')
  return { slo, counts, budgetLeft: left, burnShare: findings.length === 0 ? fast.share : null, findings: [...findings, ...judged], isMeasured }
}

interface Problem {
  readonly code: string
  readonly message: string
}

function countsOf(readings: readonly Reading[]): { readonly counts: Counts | null; readonly problem: Problem | null } {
  const problem = readings.flatMap((reading) => reading.problem ?? [])[0]
  if (problem !== undefined) return { counts: null, problem }
  const value = (part: Reading['part']) => readings.find((reading) => reading.part === part)?.value
  const [good, bad, total] = [value('good'), value('bad'), value('total')]
  if (total == null || (good == null && bad == null)) return { counts: null, problem: { code: 'absent', message: 'It was not asked in time.' } }
  const failed = bad ?? total - (good ?? 0)
  if (failed > total * SLACK || failed < -total * (SLACK - 1))
    return { counts: null, problem: { code: 'inconsistent', message: `There are ${good ?? bad} of ${total}.` } }
  return { counts: { bad: Math.min(total, Math.max(0, failed)), total }, problem: null }
}

/** Of a scrape whose settings are not known. */
const FAST = 14.4

const RULES: Readonly<Record<string, string>> = {
  absent: 'slo.no-data',
  stale: 'slo.stale',
  several: 'slo.several',
  'not-a-number': 'slo.not-a-number',
}
const NEXT: Readonly<Record<string, string>> = {
  'slo.no-data':
    'See whether the metric is exported and scraped, and whether the query names it; end the query of bad in or vector(0) if absence means none.',
  'slo.stale': 'See why Prometheus does not scrape the service any more.',
  'slo.several': 'Add the series up: sum(…).',
  'slo.not-a-number': 'Repair the metric or the query: it gives no number.',
  'slo.unanswered': 'See whether the metrics source can be reached from the job, then run phase P1 again.',
}

/** Each kind of fault once. */
function faultsOf(slo: Slo, problems: readonly Problem[]): Finding[] {
  const byRule = new Map(problems.toReversed().map((problem) => [RULES[problem.code] ?? 'slo.unanswered', problem]))
  return [...byRule].map(([rule, { code, message }]) =>
    finding(
      slo,
      rule,
      `${slo.id} is not measured: ${message}`,
      code === 'needs-prometheus' ? 'Name a Prometheus under gates.slo.metrics.' : (NEXT[rule] ?? 'Look at the metrics source.'),
    ),
  )
}

type Pair = SloPolicy['windows'][number]

/** A scrape knows one window, which is long and short at once. */
function scrapePair({ metrics }: SloPolicy): readonly Pair[] {
  return [{ long: 'scrape', short: 'scrape', burn: metrics?.kind === 'openmetrics' ? metrics.burn : FAST }]
}

function paceOf(
  slo: Slo,
  counts: ReadonlyMap<string, Counts>,
  pairs: readonly Pair[],
): { readonly share: number | null; readonly findings: readonly Finding[] } {
  const findings: Finding[] = []
  const shares: number[] = []
  for (const { long, short, burn: limit } of pairs) {
    const [slow, fast] = [counts.get(long) ?? null, counts.get(short) ?? null]
    const tooFast = burnsTooFast(slow, fast, { target: slo.target, limit })
    const known = [slow, fast].flatMap((of) => (of === null ? [] : burnRate(of, slo.target) / limit))
    if (tooFast === null && known.length > 0)
      return unknown(slo, `it may burn too fast in ${long} or in ${short}, and in the other nothing was counted`)
    if (tooFast === null) continue
    shares.push(Math.min(...known))
    if (!tooFast) continue
    const times = Math.min(...[slow, fast].flatMap((of) => (of === null ? [] : burnRate(of, slo.target))))
    const where = long === short ? 'while it was watched' : `in ${long} and in ${short}`
    findings.push(
      finding(
        slo,
        'slo.burn',
        `${slo.id} burns its error budget ${times.toFixed(1)} times as fast as it may ${where}; ${limit} is the limit`,
        'Find out what fails, and release when it no longer burns.',
      ),
    )
  }
  return shares.length > 0 ? { share: Math.max(...shares), findings } : unknown(slo, 'nothing was counted in any window')
}

function unknown(slo: Slo, why: string): { readonly share: null; readonly findings: readonly Finding[] } {
  return {
    share: null,
    findings: [
      finding(slo, 'slo.no-data', `${slo.id} is not measured: ${why}`, 'See whether the service has traffic, and whether the query counts it.'),
    ],
  }
}

function budgetFindings(slo: Slo, left: number | null, policy: SloPolicy): Finding[] {
  if (left === null || left >= policy.budget_left) return []
  return [
    finding(
      slo,
      'slo.budget-spent',
      `${slo.id} has ${(left * 100).toFixed(1)} % of its error budget left; ${(policy.budget_left * 100).toFixed(1)} % must be`,
      'Spend the time on reliability until the budget has recovered, or change the objective on the base branch.',
    ),
  ]
}

function requestFindings(slo: Slo, counts: ReadonlyMap<string, Counts>, policy: SloPolicy): Finding[] {
  const most = Math.max(0, ...[...counts.values()].map(({ total }) => total))
  if (most >= policy.min_requests || most === 0) return []
  return [
    finding(
      slo,
      'slo.few-requests',
      `${slo.id} rests on ${Math.floor(most)} in its longest window; ${policy.min_requests} are needed`,
      'Wait for traffic, watch for longer, or lower gates.slo.min_requests on the base branch.',
    ),
  ]
}

export function finding(slo: Pick<Slo, 'id' | 'path' | 'line'>, rule: string, message: string, next: string): Finding {
  return { rule, severity: 'error', path: slo.path, line: slo.line, subject: slo.id, message: message.slice(0, 1000), next }
}

/** What the picture and the report are made of. */
export function shownCounts(
  counts: Counts,
  target: number,
): { readonly bad: number; readonly total: number; readonly attainment: number; readonly burn: number } {
  return { ...counts, attainment: attainment(counts), burn: burnRate(counts, target) }
}
