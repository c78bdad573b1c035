/** From outcomes to rows: shares, minutes, requests, and the limits each must hold. Pure. */
import { median, type Row, type Told } from '../row.ts'
import { rulesOf, type Outcome, type Scenario } from './scenario.ts'

export type Answer = (outcomes: readonly Outcome[], scenario: Scenario) => readonly Row[]

const row = (of: Omit<Row, 'benchmark'>): Row => ({ benchmark: 'judge', ...of })

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Percent. */
export function shareOf(outcomes: readonly Outcome[], is: (outcome: Outcome) => boolean): number {
  return (100 * outcomes.filter(is).length) / outcomes.length
}

const rolledBack = ({ decision }: Outcome): boolean => decision === 'roll_back'

function minutesOf(outcomes: readonly Outcome[]): readonly number[] {
  return outcomes.map((outcome) => (rolledBack(outcome) ? outcome.seconds / 60 : Infinity))
}

/** Minutes until a rule's rollback, run by run. */
export function minutesOfRule(outcomes: readonly Outcome[], scenario: Pick<Scenario, 'peers'>, rule: string): readonly number[] {
  const at = rulesOf(scenario).findIndex(({ name }) => name === rule)
  return outcomes.map(({ peers }) => (peers[at] ?? Number.NaN) / 60)
}

/** @param most percent; null: shown, and held to nothing */
export function falseRollbacks(most: number | null): Answer {
  return (outcomes, { name }) => [
    row({ what: `false rollbacks of ${outcomes.length}: ${name}`, unit: '%', ours: shareOf(outcomes, rolledBack), peer: null, limit: most }),
  ]
}

/** A rule must fail here, or the bench could not see the problem. @param least percent */
export function mustFail(rule: string, least: number): Answer {
  return (outcomes, scenario) => {
    const failed = (100 * minutesOfRule(outcomes, scenario, rule).filter((minutes) => minutes < Infinity).length) / outcomes.length
    return [row({ what: `it shows: ${rule}, ${scenario.name}`, unit: '%', ours: failed, peer: null, limit: least, least: true })]
  }
}

export interface Speed {
  /** Minutes. */
  readonly median?: number
  readonly p95?: number
  /** How many times as fast as the median of a rule. */
  readonly faster?: Readonly<Record<string, number>>
}

export function speed(most: Speed): Answer {
  return (outcomes, scenario) => {
    const minutes = minutesOf(outcomes)
    const of = (which: string, ours: number, limit: number | undefined): readonly Row[] =>
      limit === undefined ? [] : [row({ what: `${which} time: ${scenario.name}`, unit: 'min', ours, peer: null, limit })]
    return [
      ...of('median', median(minutes), most.median),
      ...of('p95', quantile(minutes, 0.95), most.p95),
      ...Object.entries(most.faster ?? {}).map(([rule, times]) =>
        row({
          what: `median time: ${scenario.name}`,
          unit: 'min',
          ours: median(minutes),
          peer: { name: rule, value: median(minutesOfRule(outcomes, scenario, rule)) },
          limit: 1 / times,
        }),
      ),
    ]
  }
}

/** @param most times the requests that no test could do with fewer of */
export function requests(most: number): Answer {
  return (outcomes, { name, world, policy }) => {
    const [stable, canary] = world.errors ?? [0.001, 0.001]
    const needed = outcomes.map((outcome) => (rolledBack(outcome) ? outcome.requests : Infinity))
    const peer = { name: 'Wald, two samples', value: waldRequests(stable, canary, world.ratio, policy.falseAlarm) }
    return [row({ what: `median canary requests: ${name}`, unit: 'requests', ours: median(needed), peer, limit: most })]
  }
}

/** @param most canary requests, in the median; what a tick brings at once is rounded up to */
export function advances(most: number): Answer {
  return (outcomes, { name, world }) => {
    const tick = world.traffic / 6
    const needed = outcomes.map(({ decision, requests }) => (decision === 'advance' ? requests : Infinity))
    const limit = Math.ceil(most / tick) * tick
    return [row({ what: `median canary requests to advance: ${name}`, unit: 'requests', ours: median(needed), peer: null, limit })]
  }
}

/** @param most percent; the error of so many runs is added */
export function falseAdvances(most: number): Answer {
  return (outcomes, { name }) => [
    row({
      what: `false advances of ${outcomes.length}: ${name}`,
      unit: '%',
      ours: shareOf(outcomes, ({ decision }) => decision === 'advance'),
      peer: null,
      limit: most + 1.96 * Math.sqrt((most * (100 - most)) / outcomes.length),
    }),
  ]
}

/**
 * Canary requests that a test of this strength needs on average at least (Wald 1945): log(1/alpha) over the divergence of the two versions from one that is
 * neither, for the requests that come with each of the canary's.
 * @param ratio stable requests for each of the canary's
 */
export function waldRequests(stable: number, canary: number, ratio: number, alpha: number): number {
  const pooled = (canary + ratio * stable) / (1 + ratio)
  return -Math.log(alpha) / (divergence(canary, pooled) + ratio * divergence(stable, pooled))
}

function divergence(p: number, q: number): number {
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))
}

/** Ours and every rule, one line each: false rollbacks where nothing is wrong, median and p95 minutes where something is. */
export function comparison(
  title: string,
  columns: readonly { readonly head: string; readonly isHealthy: boolean; readonly scenario: Scenario; readonly outcomes: readonly Outcome[] }[],
): Told {
  const rules = columns[0] === undefined ? [] : rulesOf(columns[0].scenario).map(({ name }) => name)
  const line = (name: string, of: (column: (typeof columns)[number]) => readonly number[]): readonly string[] => [
    name,
    ...columns.map((column) => (column.isHealthy ? percent(of(column)) : minutes(of(column)))),
  ]
  return {
    title,
    head: ['judge', ...columns.map(({ head }) => head)],
    rows: [
      line('ours', ({ outcomes }) => minutesOf(outcomes)),
      ...rules.map((rule) => line(rule, ({ outcomes, scenario }) => minutesOfRule(outcomes, scenario, rule))),
    ],
  }
}

function percent(values: readonly number[]): string {
  return `${Number(((100 * values.filter((value) => value < Infinity).length) / values.length).toFixed(1))} %`
}

/** Where half of them never ended: how many did. */
function minutes(values: readonly number[]): string {
  const middle = median(values)
  if (middle === Infinity) return values.every((value) => value === Infinity) ? 'never' : `(${percent(values)})`
  const late = quantile(values, 0.95)
  return `${short(middle)} / ${late === Infinity ? `- (${percent(values)})` : short(late)}`
}

function short(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : value.toFixed(0)
}
