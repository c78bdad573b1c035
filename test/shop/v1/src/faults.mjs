/**
 * Share of answers that fail, 0 to 1, spread evenly. Part of the version, like every other line of it: it cannot be set from outside.
 * Kept so that on-call can practise a rollback with a build that is known to be bad. Zero in every version meant for customers.
 */
export const ERROR_RATE = 0

let owed = 0

/** True when this answer is one of those that fail. */
export function fails() {
  owed += ERROR_RATE
  if (owed < 1) return false
  owed -= 1
  return true
}
