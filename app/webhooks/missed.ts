/** Of GitHub's log of deliveries: which never came, and what is to be done about each. Pure. */
import type { Attempt } from '../github/deliveries.ts'

/** How often one delivery is asked for again. */
export const MOST_ASKED = 3
/** After the first attempt, and five times as long after each further one: the three of them in half an hour. */
const FIRST_WAIT_MS = 60_000

export interface Missed {
  /** Ids to ask for again. */
  readonly again: readonly string[]
  /** The newest attempt at each delivery that was asked for often enough and never came. */
  readonly lost: readonly Attempt[]
  /** Deliveries that did not come, whatever is done about them. */
  readonly missing: number
}

/**
 * By delivery, not by attempt: one that came once, or whose answer GitHub did not hear although it is in the inbox, is whole.
 * @param log newest first @param known GUIDs that are in the inbox @param now epoch milliseconds
 */
export function missed(log: readonly Attempt[], known: ReadonlySet<string>, now: number): Missed {
  const deliveries = Map.groupBy(log, ({ guid }) => guid)
  const again: string[] = []
  const lost: Attempt[] = []
  let missing = 0
  for (const [guid, attempts] of deliveries) {
    const [newest] = attempts
    if (newest === undefined || known.has(guid) || attempts.some(({ ok }) => ok)) continue
    missing += 1
    const asked = attempts.filter(({ redelivery }) => redelivery).length
    if (asked >= MOST_ASKED) lost.push(newest)
    else if (now - newest.at >= FIRST_WAIT_MS * 5 ** asked) again.push(newest.id)
  }
  return { again, lost, missing }
}
