/** `slo/<objective>.objective.json`: what was measured of one objective, and how it went; the picture beside it is drawn from this file alone. */
import { z } from 'zod'
import { Finite } from '../model/primitives.ts'

const Milliseconds = z.number().int().nonnegative()
const Counted = { bad: Finite, total: Finite }

export const ObjectiveSeries = z.strictObject({
  schema_version: z.literal(1),
  objective: z.string().min(1).max(100),
  service: z.string().max(63).nullable(),
  /** Share of what must be good, in [0, 1). */
  target: z.number().min(0).lt(1),
  /** Epoch milliseconds; every window ends here. */
  at: Milliseconds,
  source: z.string().min(1).max(500),
  /** Of the objective's own window; null where it is not known. */
  budget: z.strictObject({ window: z.string().max(200), ...Counted, attainment: Finite, left: Finite }).nullable(),
  windows: z.array(z.strictObject({ window: z.string().max(20), ...Counted, attainment: Finite, burn: Finite })).max(20),
  /** Neighbouring times and what was counted in each; where nothing was counted there is no point. */
  points: z.array(z.strictObject({ from: Milliseconds, to: Milliseconds, ...Counted })).max(400),
})
export type ObjectiveSeries = z.infer<typeof ObjectiveSeries>
