/** Canaries that never were: what two versions show tick by tick, for every kind of healthy and worse. Everything follows from the seed. */
import { histogramOf, type Arm, type Tick } from '../../../gates/judge/tick.ts'
import { Draws } from './random.ts'

export const TICK_S = 10
export const MINUTES = 60

export const HEALTHY = [
  'iid',
  'shared incident',
  'bursty',
  'diurnal ramp',
  'low traffic',
  'retry storm',
  'bad stable replica',
  'deploy warm-up',
] as const
export type Healthy = (typeof HEALTHY)[number]

export interface World {
  readonly seed: number
  readonly kind: Healthy | 'shared drift'
  /** Canary requests per minute. */
  readonly traffic: number
  /** Stable requests for each of the canary's. */
  readonly ratio: number
  /** Share of failed requests, stable and canary. */
  readonly errors?: readonly [stable: number, canary: number]
  readonly latency?: { readonly factor: number; readonly slowShare: number } | null
  readonly minutes?: number
  /** Minutes for which the canary is no worse at first. */
  readonly onset?: number
  /** What its history knows nothing of. */
  readonly calmHistory?: boolean
}

/** Bounds in milliseconds, as a histogram that was made for this service has them. */
const LE = [25, 40, 55, 70, 80, 90, 100, 110, 125, 140, 160, 185, 215, 250, 300, 400, 500, 700, 1000, 2500]
/** Lognormal: median 100 ms, sigma 0.6. */
const SIGMA = 0.6
const WARM_UP_S = 120

/** A service's day so far: the stable version alone. */
export function* history(of: World, hours = 6): Generator<Tick> {
  const draws = new Draws(of.seed ^ 0x5bd1e995)
  const ticks = (hours * 3600) / TICK_S
  for (let at = -ticks; at < 0; at++) {
    const n = Math.round((of.traffic * of.ratio * TICK_S) / 60)
    yield {
      t: at * TICK_S,
      canary: null,
      baseline: arm(draws, of.calmHistory === true ? { ...of, kind: 'iid' } : of, { n, rate: of.errors?.[0] ?? 0.001, factor: 1, slow: 0 }),
    }
  }
}

export function* canary(of: World): Generator<Tick> {
  const draws = new Draws(of.seed)
  const [stable, worse] = of.errors ?? [0.001, 0.001]
  const onset = (of.onset ?? 0) * 60
  const ticks = ((of.minutes ?? MINUTES) * 60) / TICK_S
  const incident = { from: Math.floor(draws.uniform() * (ticks - 18)), ticks: 18 }
  const phase = draws.uniform() * 2 * Math.PI
  for (let at = 1; at <= ticks; at++) {
    const inside = at >= incident.from && at < incident.from + incident.ticks
    const hour = at / ticks
    // Traffic trebles within the hour, and errors and latency with it.
    const load = of.kind === 'diurnal ramp' ? 1 + 2 * hour : of.kind === 'retry storm' && inside ? 3 : 1
    const common =
      of.kind === 'shared incident' && inside ? 20 : of.kind === 'retry storm' && inside ? 30 : of.kind === 'diurnal ramp' ? 1 + 2 * hour : 1
    const drift = of.kind === 'shared drift' ? 1 + 0.4 * Math.sin(2 * Math.PI * hour * 2 + phase) : of.kind === 'diurnal ramp' ? 1 + 0.3 * hour : 1
    const warming = of.kind === 'deploy warm-up' && at * TICK_S <= WARM_UP_S
    const n = (of.traffic * TICK_S * load) / 60
    // A tenth of the stable fleet fails fifty times as often.
    const uneven = of.kind === 'bad stable replica' ? 0.9 + 0.1 * 50 : 1
    const begun = at * TICK_S > onset
    const ours = begun ? worse : stable
    const latency = (begun ? of.latency : null) ?? { factor: 1, slowShare: 0 }
    yield {
      t: at * TICK_S,
      canary: arm(draws, of, {
        n: requests(draws, n),
        rate: ours * common * (warming ? 30 : 1),
        factor: latency.factor * drift * (warming ? 2 : 1),
        slow: latency.slowShare,
      }),
      baseline: arm(draws, of, { n: requests(draws, n * of.ratio), rate: stable * common * uneven, factor: drift, slow: 0 }),
    }
  }
}

/** A fraction of a request comes now and then. */
function requests(draws: Draws, mean: number): number {
  const whole = Math.floor(mean)
  return whole + (draws.uniform() < mean - whole ? 1 : 0)
}

function arm(draws: Draws, of: World, { n, rate, factor, slow }: { n: number; rate: number; factor: number; slow: number }): Arm {
  const errors = clusters(draws, of.kind, n, Math.min(rate, 1))
  return { requests: n, errors, latency: of.latency === undefined || of.latency === null ? null : latencies(draws, n, factor, slow) }
}

function clusters(draws: Draws, kind: World['kind'], n: number, rate: number): number {
  const mean = kind === 'bursty' ? 5 : kind === 'retry storm' && rate > 0.01 ? 3 : 1
  if (mean === 1) return draws.binomial(n, rate)
  let errors = 0
  for (let left = draws.poisson((n * rate) / mean); left > 0; left--) errors += draws.geometric(mean)
  return Math.min(n, errors)
}

function latencies(draws: Draws, n: number, factor: number, slow: number): Arm['latency'] {
  const cumulative: number[] = []
  let [left, below, before] = [n, 0, 0]
  for (const bound of LE) {
    const fast = normalCdf(Math.log(bound / (100 * factor)) / SIGMA)
    const late = bound > 1000 ? normalCdf(Math.log((bound - 1000) / (100 * factor)) / SIGMA) : 0
    const upTo = (1 - slow) * fast + slow * late
    const here = draws.binomial(left, Math.min(1, Math.max(0, (upTo - before) / (1 - before))))
    below += here
    left -= here
    before = upTo
    cumulative.push(below)
  }
  return histogramOf(n, LE, cumulative)
}

/** Abramowitz and Stegun 26.2.17; error below 7.5e-8. */
export function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return x > 0 ? 1 - tail : tail
}
