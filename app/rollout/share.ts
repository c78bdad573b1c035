/**
 * Does the traffic follow the weight? What the router counted since the traffic of this step had moved, against the share that was set. Pure.
 *
 * Off: if every request had been drawn for the canary with the wanted share, give or take half a percent point, a count this far away would come up less
 * than once in 10,000 looks (Chernoff's bound for the binomial: its tail is at most exp(-n D(seen || wanted))). A router that counts and does not say what
 * is no router whose share follows. Of a router that counts nothing the weight is read at each look: another one than was set does not follow either.
 */
import type { Routed, Sample } from '../release/ports.ts'

/**
 * - `share-off`: the router gave the canary another share than the wanted one.
 * - `share-unknown`: the router counts, and has not said for this step what; or it counts nothing, and does not say its weight.
 * - `weight-off`: the router counts nothing, and its weight is another one than was set.
 */
export type ShareCode = 'share-off' | 'share-unknown' | 'weight-off'

export interface ShareHold {
  readonly code: ShareCode
  /** Half a sentence, with the numbers. */
  readonly why: string
}

export interface ShareSpan {
  /** Percent that was set. */
  readonly percent: number
  /** Epoch milliseconds. */
  readonly shiftedAt: number
  readonly now: number
  /** Time between two looks. */
  readonly sampleMs: number
}

/** So many looks without a reading are silence. */
const SILENT_LOOKS = 5
/** Fewer requests say nothing. */
const ENOUGH = 100
/** Whole weights give no finer share. */
const TOLERANCE = 0.005
const SURPRISE = Math.log(10_000)

/** Why the step holds; null when the share follows, or nobody counts. */
export function shareHold(samples: readonly Sample[], { percent, shiftedAt, now, sampleMs }: ShareSpan): ShareHold | null {
  const told = samples.filter(({ at, routed }) => at > shiftedAt && routed !== undefined)
  if (told.length === 0) return weightHold(samples, { percent, shiftedAt, now, sampleMs })
  const readings = told.flatMap(({ at, routed }) => (usable(routed) ? [{ at, routed }] : []))
  const last = readings.at(-1)?.at ?? shiftedAt
  if (readings.length < 2 || now - last > SILENT_LOOKS * sampleMs)
    return {
      code: 'share-unknown',
      why: `the router has not said which share it gives to the new version; ${told.at(-1)?.note || 'it is asked again'}`,
    }
  const { canary, all } = given(readings.map(({ routed }) => routed))
  if (all === 0) return { code: 'share-unknown', why: 'the router counted no request, so the traffic goes another way or it was just started' }
  if (all < ENOUGH || !isOff(canary, all, percent / 100)) return null
  const seen = ((100 * canary) / all).toFixed(2)
  return { code: 'share-off', why: `the router gave ${canary} of ${all} requests to the new version, ${seen} % instead of ${percent} %` }
}

/** Of a router that counts nothing. */
function weightHold(samples: readonly Sample[], { percent, shiftedAt, now, sampleMs }: ShareSpan): ShareHold | null {
  const told = samples.filter(({ at, weight }) => at > shiftedAt && weight !== undefined)
  if (told.length === 0) return null
  const last = told.findLast(({ weight }) => weight !== null)
  if (last === undefined || now - last.at > SILENT_LOOKS * sampleMs)
    return { code: 'share-unknown', why: `the router does not say its weight; ${told.at(-1)?.note || 'it is asked again'}` }
  if (last.weight === percent) return null
  return { code: 'weight-off', why: `the router stands at ${last.weight} % instead of ${percent} %, so something else moves it too` }
}

function usable(routed: Routed | null | undefined): routed is Routed {
  return routed != null && [routed.canary, routed.stable].every((count) => Number.isFinite(count) && count >= 0)
}

/** Between neighbouring readings; where a total fell, the router was started anew, and what it gave in between is not known of either version. */
function given(readings: readonly Routed[]): { readonly canary: number; readonly all: number } {
  let [canary, all] = [0, 0]
  for (const [at, after] of readings.entries()) {
    const before = readings[at - 1]
    if (before === undefined || after.canary < before.canary || after.stable < before.stable) continue
    canary += after.canary - before.canary
    all += after.canary - before.canary + after.stable - before.stable
  }
  return { canary, all }
}

/** Further from the wanted share than half a point and chance explain. @param wanted 0 to 1 */
export function isOff(canary: number, all: number, wanted: number): boolean {
  const seen = canary / all
  if (Math.abs(seen - wanted) <= TOLERANCE) return false
  const nearest = Math.min(Math.max(wanted + Math.sign(seen - wanted) * TOLERANCE, 0), 1)
  return all * (term(seen, nearest) + term(1 - seen, 1 - nearest)) > SURPRISE
}

/** One half of the divergence of two shares. */
function term(seen: number, wanted: number): number {
  return seen === 0 ? 0 : seen * Math.log(seen / wanted)
}
