/**
 * What a version can have wrong with it. Part of the version, like every other line of it: nothing here can be set from outside.
 * Kept so that on-call can practise a rollback with a build that is known to be bad. Every constant is zero in versions meant for customers.
 */

/** Share of answers that fail, 0 to 1, spread evenly. */
export const ERROR_RATE = 0
/** Share of its time by which an answer comes later: 0.25 is a quarter slower. */
export const SLOWER_BY = 0
/** Answers a second above which the rest fail: errors only under load. */
export const MOST_A_SECOND = 0
/** The replica, counted from 1, in which every second answer fails. */
export const BAD_REPLICA = 0
/** Answers after which there is no memory for another one; each keeps a little, and the last fifth comes later and later. */
export const LASTS_FOR = 0

const KEPT_BYTES = 2048
const LATEST_MS = 40
const REPLICA = Number(process.env.REPLICA ?? '1')

let owed = 0
let owedMs = 0
let left = MOST_A_SECOND
let refilled = performance.now()
const kept = []

/** True when this answer is one of those that fail. */
export function fails() {
  return overloaded() || leaked() || spread(REPLICA === BAD_REPLICA ? 0.5 : ERROR_RATE)
}

function spread(share) {
  owed += share
  if (owed < 1) return false
  owed -= 1
  return true
}

function overloaded() {
  if (MOST_A_SECOND === 0) return false
  const now = performance.now()
  left = Math.min(MOST_A_SECOND, left + ((now - refilled) / 1000) * MOST_A_SECOND)
  refilled = now
  if (left < 1) return true
  left -= 1
  return false
}

function leaked() {
  if (LASTS_FOR === 0) return false
  if (kept.length >= LASTS_FOR) return true
  kept.push(new Uint8Array(KEPT_BYTES))
  return false
}

/**
 * Resolves when an answer that took `took` milliseconds may leave. Timers are coarse, so what is less than a millisecond is owed by the answers that
 * follow, and what a timer slept too long is given back to them: over many answers the share is exact.
 */
export async function holdBack(took) {
  owedMs += took * SLOWER_BY + (LASTS_FOR === 0 ? 0 : LATEST_MS * Math.max(0, (kept.length / LASTS_FOR) * 5 - 4))
  if (owedMs < 1) return
  const due = owedMs
  const from = performance.now()
  owedMs = 0
  await new Promise((resolve) => setTimeout(resolve, due))
  owedMs += due - (performance.now() - from)
}
