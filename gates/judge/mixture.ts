/**
 * Evidence of one hypothesis against a null, gathered tick after tick, over a grid of alternatives that are averaged: a test martingale under the null, so
 * it exceeds 1/a with probability at most a, however often it is looked at (Ville 1939; Robbins 1970; Ramdas, Gruenwald, Vovk, Shafer, Statistical Science 2023).
 *
 * Two things keep it honest when requests are not independent. Each term is divided by the dispersion as it is known now (quasi-likelihood, McCullagh
 * and Nelder 1989), over the whole past, so that bursts which are recognised late still count late. And no single block of time adds more than a cap:
 * one burst decides nothing.
 *
 * A version may turn worse late, under load or by a leak, and what it showed before would have to be outweighed first. So evidence is gathered from later
 * starts too, and averaged with weights that sum to one (Shiryaev 1963; Shin, Ramdas, Rinaldo, "E-detectors", New England J. of Statistics in Data Science 2024).
 */
const MOST_BLOCKS = 4096
/** Blocks between two starts. */
const STRIDE = 6
/** Share of all later starts together. */
const LATER = 0.05

/** Of the first start; with those of all later ones they are 1. */
export const FIRST_WEIGHT = 1 - LATER

/** Of the nth later start, from 1 on. */
export function laterWeight(nth: number): number {
  return LATER / (nth * (nth + 1))
}

export class Mixture {
  /** By alternative: log-likelihood ratio of each block. */
  private readonly rows: number[][]
  private blocks = 0
  /** Blocks that are part of the first by now. */
  private folded = 0

  constructor(alternatives: number) {
    this.rows = Array.from({ length: alternatives }, () => [])
  }

  /** Number of alternatives. */
  get size(): number {
    return this.rows.length
  }

  /** @param terms of each alternative @param anew false: belongs to the block before */
  add(terms: readonly number[], anew: boolean): void {
    const fold = this.blocks > MOST_BLOCKS
    for (const [at, row] of this.rows.entries()) {
      const term = terms[at] ?? 0
      if (anew || row.length === 0) row.push(term)
      else row[row.length - 1] = (row.at(-1) ?? 0) + term
      if (fold) {
        const oldest = row.shift() ?? 0
        row[0] = (row[0] ?? 0) + oldest
      }
    }
    if (fold) this.folded += 1
    this.blocks = this.rows[0]?.length ?? 0
  }

  /** Natural log of the evidence. @param cap at most this much from one block */
  log(dispersion: number, cap: number): number {
    const logs = this.rows.map((row) => {
      let sum = 0
      for (const term of row) sum += Math.min(term / dispersion, cap)
      return sum
    })
    return logMean(logs)
  }

  /** Natural log of the evidence from each start on, the first one first. @param cap at most this much from one block */
  starts(dispersion: number, cap: number): readonly { readonly weight: number; readonly log: number }[] {
    const sums = this.rows.map(() => 0)
    const found: { weight: number; log: number }[] = []
    for (let at = this.blocks - 1; at >= 0; at--) {
      for (const [which, row] of this.rows.entries()) sums[which] = (sums[which] ?? 0) + Math.min((row[at] ?? 0) / dispersion, cap)
      const nth = (at + this.folded) / STRIDE
      if (at === 0) found.push({ weight: FIRST_WEIGHT, log: logMean(sums) })
      else if (Number.isInteger(nth)) found.push({ weight: laterWeight(nth), log: logMean(sums) })
    }
    return found.toReversed()
  }
}

/** Share of the starts that have not come yet: until then their evidence is 1. */
export function unstarted(starts: readonly { readonly weight: number }[]): number {
  return Math.max(
    0,
    starts.reduce((left, { weight }) => left - weight, 1),
  )
}

/** log of the mean of exp. */
export function logMean(logs: readonly number[]): number {
  const top = Math.max(...logs)
  if (!Number.isFinite(top)) return top
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length)
}

/** log of the weighted sum of exp. */
export function logSum(parts: readonly { readonly weight: number; readonly log: number }[]): number {
  const logs = parts.filter(({ weight }) => weight > 0).map(({ weight, log }) => log + Math.log(weight))
  const top = Math.max(...logs)
  return Number.isFinite(top) ? top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0)) : top
}
