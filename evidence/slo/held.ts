/** An objective that a canary is held to: a share of its requests, whatever the stable version does. Pure. */
import { z } from 'zod'

export const HeldObjective = z.strictObject({
  name: z.string().min(1).max(200),
  /** Share of what must be good, in (0, 1). */
  target: z.number().gt(0).lt(1),
  /** Good is what took at most so long; absent: what did not fail. */
  within_ms: z.number().positive().exactOptional(),
})
export type HeldObjective = z.infer<typeof HeldObjective>

/** `availability (99.9 %)`, `fast (99 % within 250 ms)` */
export function objectiveWords({ name, target, within_ms: ms }: HeldObjective): string {
  const share = `${Number((100 * target).toPrecision(6))} %`
  return `${name} (${share}${ms === undefined ? '' : ` within ${Number(ms.toPrecision(6))} ms`})`
}
