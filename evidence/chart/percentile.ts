/** Running totals of latency -> percentiles of what was served between two of them. Pure, and without logarithms, so that every machine draws the same. */

/** Requests that took at most each bound, of all. */
export interface Totals {
  /** Milliseconds, rising. */
  readonly le: readonly number[]
  readonly count: readonly number[]
  readonly total: number
}

/** null: they do not follow each other. */
export function between(before: Totals, after: Totals): Totals | null {
  if (!alike(before, after)) return null
  const count = after.count.map((value, at) => value - (before.count[at] ?? 0))
  const total = after.total - before.total
  const rises = [...count, total].every((value, at, all) => value >= (at === 0 ? 0 : (all[at - 1] ?? 0)))
  return rises ? { le: after.le, count, total } : null
}

/** null: they have different bounds. */
export function together(one: Totals, other: Totals): Totals | null {
  if (!alike(one, other)) return null
  return { le: one.le, count: one.count.map((value, at) => value + (other.count[at] ?? 0)), total: one.total + other.total }
}

function alike(one: Totals, other: Totals): boolean {
  return one.le.length === other.le.length && one.le.every((bound, at) => bound === other.le[at])
}

/** Milliseconds, straight between two bounds; the last bound for what is beyond it. @returns null when nothing was served */
export function percentile({ le, count, total }: Totals, share: number): number | null {
  if (total <= 0) return null
  const wanted = share * total
  const at = count.findIndex((value) => value >= wanted)
  if (at < 0) return le.at(-1) ?? null
  const [under, below, bound, here] = [le[at - 1] ?? 0, count[at - 1] ?? 0, le[at] ?? 0, count[at] ?? 0]
  return here === below ? bound : under + ((bound - under) * (wanted - below)) / (here - below)
}
