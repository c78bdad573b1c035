/** `perf/trend.json`: headroom and cost of this release and those before it, oldest first; `perf/trend.png` is drawn from it alone. */
import { z } from 'zod'
import { CommitSha, Finite, Timestamp } from '../model/primitives.ts'

export const TrendEntry = z.strictObject({
  head: CommitSha,
  at: Timestamp,
  /** Share that is left at the peak. */
  headroom: Finite,
  /** Answers a second that one replica gives at least. */
  capacity: Finite.nonnegative(),
  /** US dollars an hour for the replicas that the peak needs; null: nobody named the price of one. */
  hour_usd: Finite.nonnegative().nullable(),
})
export type TrendEntry = z.infer<typeof TrendEntry>

export const MOST_ENTRIES = 50

export const Trend = z.strictObject({
  schema_version: z.literal(1),
  target: z.number().min(0).max(1),
  entries: z.array(TrendEntry).max(MOST_ENTRIES),
  /** The entry from which on it is another level; null: none is sure. */
  change: z.strictObject({ at: z.number().int().positive(), before: Finite, after: Finite }).nullable(),
})
export type Trend = z.infer<typeof Trend>
