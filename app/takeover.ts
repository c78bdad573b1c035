/**
 * How long a process that died keeps the others from its work: **15 seconds at most**, of which these are the parts. Each is the silence after which what
 * it had is anybody's; the others ask for it all the time.
 */

/**
 * A release, while somebody looks at it; the others ask every quarter of a second. A third of it is for sending an effect, and a call of GitHub that was
 * sent then has ended before the lease does.
 */
export const LEASE_MS = 12_000
export const GITHUB_MS = (LEASE_MS * 2) / 3

/** Triggers in the queue; the others ask every {@link NET_MS}, and whoever looks is heard of as often. */
export const SILENCE_MS = 6_000
export const NET_MS = 2_000

/** A delivery of GitHub; the others ask every second. */
export const CLAIM_MS = 8_000
