/** Samples -> what the judge looks at: the canary since it first got traffic, and since this step's traffic had moved. Pure. */
import type { Arm, Counted } from '../../gates/judge/guard.ts'
import type { Sample } from '../release/ports.ts'
import { increments, window } from './metrics/window.ts'

export interface Span {
  readonly startedAt: number
  readonly shiftedAt: number
  readonly now: number
  /** Time between two looks; silence and standstill are counted in it. */
  readonly sampleMs: number
}

/** So many looks without a reading, or without movement, are no data. */
export const SILENT_LOOKS = 5

/** Between two starts of the guard's evidence. */
const LATER_MS = 30_000

export function arms(samples: readonly Sample[], span: Span): { readonly whole: Arm; readonly later: readonly Counted[]; readonly step: Arm } {
  const step = sinceLastHole(
    samples.filter((sample) => sample.at >= baseline(samples, span.shiftedAt)),
    SILENT_LOOKS * span.sampleMs,
  )
  return { whole: since(samples, span.startedAt, span), later: later(samples, span), step: since(step, span.shiftedAt, span) }
}

/** The canary since each of the moments after its start; counted like the whole. */
function later(samples: readonly Sample[], { startedAt, now }: Span): readonly Counted[] {
  const moments = Math.max(0, Math.floor((now - startedAt) / LATER_MS))
  const found = Array.from({ length: moments }, () => ({ requests: 0, errors: 0 }))
  const steps = increments(samples)
  let [requests, errors, at] = [0, 0, steps.length - 1]
  for (let nth = moments; nth >= 1; nth--) {
    const moment = startedAt + nth * LATER_MS
    for (; at >= 0 && (steps[at]?.since ?? 0) >= moment; at--) {
      requests += steps[at]?.requests ?? 0
      errors += steps[at]?.errors ?? 0
    }
    found[nth - 1] = { requests, errors }
  }
  return found
}

/** Counting starts at the last reading before the span, so that nothing between it and the first look inside is lost. */
function baseline(samples: readonly Sample[], from: number): number {
  return samples.findLast((sample) => sample.at <= from && sample.canary !== null)?.at ?? from
}

/** To advance, a step must be seen without a hole: after one, counting begins anew. A breach is judged over everything that was seen. */
function sinceLastHole(samples: readonly Sample[], limit: number): readonly Sample[] {
  const read = samples.filter((sample) => sample.canary !== null)
  const hole = read.findLastIndex((sample, at) => at > 0 && sample.at - (read[at - 1]?.at ?? sample.at) > limit)
  const from = hole < 0 ? undefined : read[hole]?.at
  return from === undefined ? samples : samples.filter((sample) => sample.at >= from)
}

function since(samples: readonly Sample[], from: number, { now, sampleMs }: Span): Arm {
  const limit = SILENT_LOOKS * sampleMs
  const first = baseline(samples, from)
  const inside = samples.filter((sample) => sample.at >= first)
  const { canary } = window(inside, { frozenMs: limit, silenceMs: limit })
  const silent = now - (canary.until ?? from) > limit
  return {
    state: silent && canary.state === 'ok' ? 'no_data' : canary.state,
    requests: canary.requests,
    errors: canary.errors,
    since: from,
    until: now,
  }
}
