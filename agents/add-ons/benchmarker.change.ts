/** A short series of numbers -> where it went to another level, if anywhere (least squares of two levels against one; Hinkley 1970). Pure. */

export interface Change {
  /** Index of the first value of the new level. */
  readonly at: number
  readonly before: number
  readonly after: number
}

const LEAST_SIDE = 2
/** Times the spread that is left within the levels. */
const SURE = 4
/** Below this, it is noise of any measurement. */
const NOTABLE = 0.02

export function changeOf(values: readonly number[]): Change | null {
  const splits = Array.from({ length: Math.max(0, values.length - 2 * LEAST_SIDE + 1) }, (_, index) => splitAt(values, index + LEAST_SIDE))
  const [best] = splits.toSorted((a, b) => a.within - b.within)
  if (best === undefined) return null
  const spread = Math.sqrt(best.within / Math.max(1, values.length - 2))
  const step = Math.abs(best.after - best.before)
  return step > NOTABLE && step > SURE * spread ? { at: best.at, before: best.before, after: best.after } : null
}

function splitAt(values: readonly number[], at: number): Change & { readonly within: number } {
  const [left, right] = [values.slice(0, at), values.slice(at)]
  const [before, after] = [mean(left), mean(right)]
  return { at, before, after, within: squares(left, before) + squares(right, after) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length
}

function squares(values: readonly number[], around: number): number {
  return values.reduce((sum, one) => sum + (one - around) ** 2, 0)
}

/** The last three fell, each below the one before by more than noise. */
export function declines(values: readonly number[]): boolean {
  const [first, second, third] = values.slice(-3)
  if (first === undefined || second === undefined || third === undefined) return false
  return second < first && third < second && first - third > NOTABLE
}
