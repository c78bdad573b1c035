/**
 * How two arms of one tick differ, given what both had together. Under "no difference" each request is as likely to be any of the tick's, so the
 * split of what happened is a draw without replacement, whatever happened to both: an incident that both share says nothing about one.
 */

/** Observed minus expected of the first arm, and its variance when nothing differs. */
export interface Contrast {
  readonly d: number
  readonly v: number
  /** Third over second central moment, when positive: how far the law of `d` leans to the right. */
  readonly lean: number
}

/** Some of an arm's requests: those that failed, or that took longer than a bound. */
export interface Count {
  /** Requests. */
  readonly n: number
  /** Of them. */
  readonly k: number
}

export function countContrast(one: Count, other: Count): Contrast {
  const share = one.n / (one.n + other.n)
  const all = one.k + other.k
  return { d: one.k - all * share, v: all * share * (1 - share), lean: Math.max(0, 1 - 2 * share) }
}

/**
 * Rank sum (Wilcoxon 1945; ties by mid-rank) of the first arm over the buckets of both, centred; a score lies between -1/2 and 1/2, so `d` over
 * `n m / (n + m)` estimates P(one slower than other) - 1/2.
 */
export function rankContrast(one: readonly number[], other: readonly number[]): Contrast {
  let [n, m] = [0, 0]
  for (let at = 0; at < one.length; at++) {
    n += one[at] ?? 0
    m += other[at] ?? 0
  }
  const total = n + m
  if (n === 0 || m === 0 || total < 3) return { d: 0, v: 0, lean: 0 }
  let [below, d, squares, cubes] = [0, 0, 0, 0]
  for (let at = 0; at < one.length; at++) {
    const here = (one[at] ?? 0) + (other[at] ?? 0)
    const score = (below + here / 2) / total - 0.5
    d += (one[at] ?? 0) * score
    squares += here * score * score
    cubes += here * score * score * score
    below += here
  }
  const lean = squares === 0 ? 0 : Math.max(0, ((cubes / squares) * (m - n)) / total)
  return { d, v: (n * m * squares) / (total * (total - 1)), lean }
}
