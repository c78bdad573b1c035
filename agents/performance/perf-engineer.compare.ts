/**
 * Two distributions of how long requests took -> is one surely slower than so many times the other? As a whole by the rank sum (Mann and Whitney 1947), in the tail by
 * how many exceed what few of the others do; never by two means, which one slow request moves and a slow hundredth does not. Pure.
 */
import { countContrast, rankContrast, type Contrast } from '../../gates/judge/contrast.ts'

export interface Times {
  /** Rising, milliseconds. */
  readonly le: readonly number[]
  readonly count: readonly number[]
}

export interface Comparison {
  /** `whole`, or the share that is faster than the tail: `p99`. */
  readonly what: string
  /** Chance to look so much slower when it is just so many times as slow. */
  readonly chance: number
  /** Of the whole: the share of pairs in which this release is the slower one. Of a tail: the share of its requests that lie in it. */
  readonly share: number
}

export function total({ count }: Times): number {
  return count.reduce((sum, one) => sum + one, 0)
}

/** Milliseconds; requests without an answer took longer than any. @returns Infinity when the share reaches into them */
export function quantile(times: Times, share: number, unanswered = 0): number {
  const wanted = share * (total(times) + unanswered)
  let sum = 0
  for (const [at, one] of times.count.entries()) if ((sum += one) >= wanted) return times.le[at] ?? 0
  return unanswered > 0 ? Number.POSITIVE_INFINITY : (times.le.at(-1) ?? 0)
}

const TAILS = [0.95, 0.99]

/** @param ratio times the baseline that are still no regression */
export function compared(now: Times, before: Times, ratio: number): readonly Comparison[] {
  const scaled = { le: before.le.map((bound) => bound * ratio), count: before.count }
  return [ranked(now, scaled), ...TAILS.map((share) => tail(now, scaled, share))]
}

function ranked(now: Times, before: Times): Comparison {
  const bounds = [...new Set([...now.le, ...before.le])].toSorted((a, b) => a - b)
  const contrast = rankContrast(placed(now, bounds), placed(before, bounds))
  const [n, m] = [total(now), total(before)]
  return { what: 'whole', chance: chanceOf(contrast), share: n * m === 0 ? 0.5 : 0.5 + (contrast.d * (n + m)) / (n * m) }
}

function placed({ le, count }: Times, bounds: readonly number[]): readonly number[] {
  const at = new Map(le.map((bound, index) => [bound, count[index] ?? 0]))
  return bounds.map((bound) => at.get(bound) ?? 0)
}

function tail(now: Times, before: Times, share: number): Comparison {
  const bound = quantile(before, share)
  const [one, other] = [beyond(now, bound), beyond(before, bound)]
  return { what: `p${share * 100}`, chance: chanceOf(countContrast(one, other)), share: one.n === 0 ? 0 : one.k / one.n }
}

function beyond(times: Times, bound: number): { readonly n: number; readonly k: number } {
  return { n: total(times), k: times.count.reduce((sum, one, at) => ((times.le[at] ?? 0) > bound ? sum + one : sum), 0) }
}

function chanceOf({ d, v }: Contrast): number {
  return v > 0 ? upperTail(d / Math.sqrt(v)) : 1
}

/** P(Z >= z) of the standard normal law, to seven digits (Abramowitz and Stegun 26.2.17). */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z)
  const t = 1 / (1 + 0.2316419 * z)
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)
}
