/** Steps of load -> what was measured in each, the law through them, and how much is left at the peak. Pure. */
import type { PerfPolicy } from '../../evidence/model/config/perf.ts'
import type { CapacitySeries } from '../../evidence/perf/series.ts'
import type { Inputs } from '../collect/inputs.ts'
import { at, capacityOf, fit, jackknife, knee, meanOf, type Band, type Law, type Point } from './capacity-oracle.fit.ts'

type Load = Inputs['load']
type Step = Load['steps'][number]

/** A law of three numbers needs one more step than that to be wrong about. */
export const LEAST_STEPS = 4
const CURVE_POINTS = 48

export interface Measured {
  readonly series: CapacitySeries
  /** Steps that were answered as they should be. */
  readonly usable: readonly Step[]
  /** Users at which the most gets done; null: not within what was measured. */
  readonly knee: number | null
}

export function measuredOf(load: Load, policy: PerfPolicy, target: number): Measured {
  const usable = load.steps.filter((step) => answeredIn(step) > 0 && step.bad / (step.bad + answeredIn(step)) <= policy.limits.errors)
  const law = usable.length < LEAST_STEPS ? null : fit(pointsOf(usable))
  const laws = law === null ? [] : without(usable)
  const most = Math.max(1, ...usable.map(({ users }) => users))
  const capacity =
    law === null ? null : { ...band(law, laws, (one) => capacityOf(one, most).throughput), users: rounded(capacityOf(law, most).users) }
  const { peak = null, replicas } = policy
  const each = capacity === null ? 0 : capacity.low / replicas.target
  const known = peak !== null && each > 0
  const series: CapacitySeries = {
    schema_version: 1,
    head: load.head,
    at: load.at,
    host: load.host,
    steps: load.steps.map((step) => ({ users: step.users, ...roundedBand(meanOf(throughputs(step))), bad: step.bad })),
    fit: law === null ? null : { lambda: rounded(law.lambda), alpha: rounded(law.alpha), beta: rounded(law.beta) },
    curve: law === null ? [] : usersUpTo(most).map((users) => ({ users, ...roundedBand(band(law, laws, (one) => at(one, users))) })),
    capacity: capacity === null ? null : { ...roundedBand(capacity), users: capacity.users },
    replicas,
    peak,
    headroom: known ? rounded(1 - peak / (each * replicas.production)) : null,
    target,
    replicas_needed: known && target < 1 ? Math.ceil(peak / (each * (1 - target))) : null,
  }
  const turn = law === null ? Number.POSITIVE_INFINITY : knee(law)
  return { series, usable, knee: turn <= most ? rounded(turn) : null }
}

export function answeredIn({ slices }: Step): number {
  return slices.reduce((sum, { answered }) => sum + answered, 0)
}

export function throughputs({ slices }: Step): readonly number[] {
  return slices.map(({ ms, answered }) => (ms > 0 ? (answered * 1000) / ms : 0))
}

function pointsOf(steps: readonly Step[], leftOut = -1): readonly Point[] {
  return steps.flatMap((step) =>
    throughputs(step).flatMap((throughput, index) => (index === leftOut || throughput <= 0 ? [] : [{ users: step.users, throughput }])),
  )
}

function without(steps: readonly Step[]): readonly Law[] {
  const spans = Math.min(...steps.map(({ slices }) => slices.length))
  return Array.from({ length: spans }, (_, index) => fit(pointsOf(steps, index))).flatMap((law) => law ?? [])
}

function band(law: Law, laws: readonly Law[], of: (law: Law) => number): Band {
  return jackknife(of(law), laws.map(of))
}

function usersUpTo(most: number): readonly number[] {
  if (most <= 1) return [1]
  return Array.from({ length: CURVE_POINTS + 1 }, (_, index) => rounded(1 + ((most - 1) * index) / CURVE_POINTS))
}

function roundedBand({ value, low, high }: Band): Band {
  return { value: rounded(value), low: rounded(low), high: rounded(high) }
}

/** Six digits: what is beyond them was never measured. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
