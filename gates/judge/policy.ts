/** What the judge tolerates. Numbers only; `app/` reads them from a config. */
import type { Objective } from './burn.ts'

/** What no data means: nothing can be said; no errors; a reason to roll back. */
export type Absence = 'indeterminate' | 'zero' | 'fail'

export interface JudgePolicy {
  /** Chance of ever rolling back a version that is no worse, over all metrics and looks. */
  readonly falseAlarm: number
  /** Chance of certifying, or of dismissing, a version that is worse by just that ratio. */
  readonly miss: number
  /** Smaller ratios do not roll back. */
  readonly minimum: { readonly errors: number; readonly latency: number }
  /** Ratios that must be excluded before an advance. */
  readonly certify: { readonly errors: number; readonly latency: number }
  /** Share of failed requests below which no ratio stands in the way of an advance. */
  readonly negligible: number
  readonly absence: { readonly errors: Absence; readonly latency: Absence }
  readonly objectives: readonly Objective[]
  /** Seconds of measured time before an advance. */
  readonly bake: number
  /** Seconds after which what has not advanced is rolled back. */
  readonly deadline: number
  /** Seconds from the canary's first request on that are not compared. */
  readonly warmUp: number
}
