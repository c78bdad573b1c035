/**
 * What a version can have wrong with it. Part of the version, like every other line of it: nothing here can be set from outside.
 * Kept so that on-call can practise a rollback with a build that is known to be bad. Every constant is zero in versions meant for customers.
 */

/** Share of answers that fail, 0 to 1, spread evenly. */
export const ERROR_RATE = 0
/** Share of its time by which an answer comes later: 0.25 is a quarter slower. */
export const SLOWER_BY = 0

let owed = 0
let owedMs = 0

/** True when this answer is one of those that fail. */
export function fails() {
  owed += ERROR_RATE
  if (owed < 1) return false
  owed -= 1
  return true
}

/**
 * Resolves when an answer that took `took` milliseconds may leave. Timers are coarse, so what is less than a millisecond is owed by the answers that
 * follow, and what a timer slept too long is given back to them: over many answers the share is exact.
 */
export async function holdBack(took) {
  owedMs += took * SLOWER_BY
  if (owedMs < 1) return
  const due = owedMs
  const from = performance.now()
  owedMs = 0
  await new Promise((resolve) => setTimeout(resolve, due))
  owedMs += due - (performance.now() - from)
}
