/** The arithmetic of error budgets (Beyer et al., The Site Reliability Workbook, ch. 5). */

export interface Counts {
  readonly bad: number
  /** Above 0, and at least `bad`. */
  readonly total: number
}

/** Share of what was good, in [0, 1]. */
export function attainment({ bad, total }: Counts): number {
  return 1 - bad / total
}

/** Times the rate at which the budget of `1 - target` would just be used up by the end of its window. */
export function burnRate({ bad, total }: Counts, target: number): number {
  return bad / total / (1 - target)
}

/** Share of the budget that is left; below 0 when more was spent than there is. @param counts of the budget's own window */
export function budgetLeft(counts: Counts, target: number): number {
  return 1 - burnRate(counts, target)
}

/** @param counts of a long and a short window, null where nothing was counted @returns null when it cannot be told */
export function burnsTooFast(long: Counts | null, short: Counts | null, of: { readonly target: number; readonly limit: number }): boolean | null {
  const [slow, fast] = [long, short].map((counts) => (counts === null ? null : burnRate(counts, of.target) > of.limit))
  if (slow === false || fast === false) return false
  return slow === true && fast === true ? true : null
}
