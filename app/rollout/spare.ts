/**
 * Samples of a rollout that need not be kept where a step may last for days: while it waits, goes home, or may not go home. Totals are cumulative, so one
 * that goes costs resolution and no request. A step that may advance has all of its looks; its deadline ends it. What is not touched either: what
 * any judgement that ended a step was said from, so that it can be said again; the time up to the move of this step; and the last ten minutes, which is
 * all that is looked at closely. Pure, and asked again it names nothing that it left before.
 */
import type { Reading, Sample } from '../release/ports.ts'
import type { Rollout } from '../release/state.ts'

/** Where a step may last for days: the older, the further apart. Each divides the next, so that what is left once may go later and comes to the same. */
const WIDE_MS = { young: 30_000, old: 60_000, oldest: 300_000 } as const
const HOUR_MS = 3_600_000
/** Error budgets are looked at over so long. */
const LONGEST_WINDOW_MS = 6 * HOUR_MS
const CLOSE_MS = 600_000
/** So many go at a time. */
const BATCH = 60

/** @param samples of the whole rollout, oldest first @returns their instants */
export function spareSamples(
  { stage, refused, startedAt, shiftedAt, judged }: Pick<Rollout, 'stage' | 'refused' | 'startedAt' | 'shiftedAt' | 'judged'>,
  samples: readonly Sample[],
  now: number,
): readonly number[] {
  const isLong = stage === 'waiting' || stage === 'withdrawing' || refused !== undefined
  if (startedAt === null || !isLong) return []
  const slotOf = (at: number): number => {
    const ms = wide(at, now)
    return Math.floor(at / ms) * ms
  }
  const from = Math.max(startedAt, shiftedAt ?? 0, ...judged.map(({ seen, at }) => seen ?? at))
  const until = Math.floor((now - CLOSE_MS) / WIDE_MS.young) * WIDE_MS.young
  const first = samples.findIndex(({ at }) => at > from)
  if (first === -1) return []
  const spare: number[] = []
  let slot: Slot = { nth: -1, best: -1, fell: -1 }
  const close = (end: number): void => {
    for (let at = slot.begin ?? end; at < end; at++)
      if (at !== slot.best && at !== slot.fell && at !== slot.fell - 1) spare.push(samples[at]?.at ?? 0)
  }
  for (let at = first; at < samples.length; at++) {
    const sample = samples[at]
    if (sample === undefined) break
    const nth = slotOf(sample.at)
    if (nth !== slot.nth) {
      close(at)
      slot = { nth, begin: at, best: at, fell: -1 }
    }
    if (sample.at >= until) break
    if (told(sample) >= told(samples[slot.best])) slot.best = at
    if (slot.fell === -1 && fell(samples[at - 1], sample)) slot.fell = at
  }
  return spare.length < BATCH ? [] : spare
}

/** Of all of one widest slot the same. */
function wide(at: number, now: number): number {
  const age = now - (Math.floor(at / WIDE_MS.oldest) + 1) * WIDE_MS.oldest
  return age > LONGEST_WINDOW_MS ? WIDE_MS.oldest : age > HOUR_MS ? WIDE_MS.old : WIDE_MS.young
}

/** Of indexes. */
interface Slot {
  nth: number
  begin?: number
  best: number
  /** The first whose totals fell; the one before it stays as well. */
  fell: number
}

/** How much it says. */
function told(sample: Sample | undefined): number {
  return sample === undefined ? 0 : (sample.canary === null ? 0 : 2) + (sample.stable === null ? 0 : 1)
}

/** A version was started anew in between: what it counted until then is known from the one before. */
function fell(before: Sample | undefined, after: Sample): boolean {
  return before !== undefined && (isLess(before.canary, after.canary) || isLess(before.stable, after.stable))
}

function isLess(before: Reading | null, after: Reading | null): boolean {
  return before !== null && after !== null && (after.requests < before.requests || after.errors < before.errors)
}
