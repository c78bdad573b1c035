/** What a replay says of one thing that was computed again: a gate, a decision, an agent's answer, a step of the rollout, a picture. */
import type { Difference } from '../core/difference.ts'

/** `indeterminate`: it could not be computed again, so nothing is proven. `not-computed`: nothing measured it then either, such as a person's order. */
export type Sameness = 'same' | 'differs' | 'indeterminate' | 'not-computed'

export interface Replayed {
  readonly subject: string
  /** In a word, such as `pass`; null where there is none. */
  readonly packed: string | null
  readonly recomputed: string | null
  readonly result: Sameness
  readonly differences: readonly Difference[]
  /** Why it is not simply the same; '' when it is. */
  readonly why: string
}

/** The worst of all; nothing computed is never the same. */
export function worstOf(rows: readonly Replayed[]): Exclude<Sameness, 'not-computed'> {
  const results = new Set(rows.map((row) => row.result))
  if (results.has('differs')) return 'differs'
  return results.has('indeterminate') || !results.has('same') ? 'indeterminate' : 'same'
}
