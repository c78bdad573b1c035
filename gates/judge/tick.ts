/** What both versions did in one tick: the judge's only input. All numbers are of that tick alone. */
import { z } from 'zod'

const Count = z.number().int().nonnegative().max(1e12)

const Latency = z
  .object({
    le: z.array(z.number().positive().max(1e9)).min(1).max(200),
    count: z.array(Count).min(1).max(200),
  })
  .refine(({ le }) => le.every((bound, at) => at === 0 || bound > (le[at - 1] ?? 0)), { path: ['le'], error: 'rising bounds' })
  .refine(({ le, count }) => le.length === count.length, { path: ['count'], error: 'one count for each bound' })
  .refine(({ count }) => count.every((value, at) => at === 0 || value >= (count[at - 1] ?? 0)), {
    path: ['count'],
    error: 'cumulative counts, which never fall',
  })

const ArmLine = z
  .object({ requests: Count.nullish(), errors: Count.nullish(), latency_ms: Latency.nullish() })
  .refine(({ requests, errors }) => requests == null || errors == null || errors <= requests, {
    path: ['errors'],
    error: 'at most as many as requests',
  })
  .refine(({ requests, latency_ms }) => requests == null || latency_ms == null || (latency_ms.count.at(-1) ?? 0) <= requests, {
    path: ['latency_ms', 'count'],
    error: 'at most as many as requests',
  })

/** One line of the `judge` command. `t` is the end of the tick in seconds since 1970; an absent or null field is no data, which is not zero. */
export const TickLine = z.object({ t: z.number().finite().nonnegative().max(1e11), canary: ArmLine.nullish(), baseline: ArmLine.nullish() }).refine(
  ({ canary, baseline }) => {
    const [one, other] = [canary?.latency_ms?.le, baseline?.latency_ms?.le]
    return one === undefined || other === undefined || (one.length === other.length && one.every((bound, at) => bound === other[at]))
  },
  { path: ['baseline', 'latency_ms', 'le'], error: 'the same bounds as the canary' },
)
export type TickLine = z.infer<typeof TickLine>

/** Requests of one version, by how long they took. */
export interface Histogram {
  /** Upper bounds in milliseconds, rising. */
  readonly le: readonly number[]
  /** Requests in each bucket, one more than bounds: the last took longer than all of them. */
  readonly buckets: readonly number[]
}

/** One version in one tick; null is no data. */
export interface Arm {
  readonly requests: number
  readonly errors: number | null
  readonly latency: Histogram | null
}

export interface Tick {
  /** End of the tick, seconds since 1970. */
  readonly t: number
  readonly canary: Arm | null
  readonly baseline: Arm | null
}

export function tickOf({ t, canary, baseline }: TickLine): Tick {
  return { t, canary: armOf(canary), baseline: armOf(baseline) }
}

function armOf(line: TickLine['canary']): Arm | null {
  if (line?.requests == null) return null
  const { requests, errors, latency_ms: latency } = line
  return { requests, errors: errors ?? null, latency: latency == null ? null : histogramOf(requests, latency.le, latency.count) }
}

/** @param cumulative requests that took at most each bound */
export function histogramOf(requests: number, le: readonly number[], cumulative: readonly number[]): Histogram {
  const buckets = cumulative.map((value, at) => value - (cumulative[at - 1] ?? 0))
  return { le, buckets: [...buckets, requests - (cumulative.at(-1) ?? 0)] }
}
