/**
 * How much of GitHub's minute an installation has spent, so that chatter leaves room for what matters. GitHub refuses everything of an installation once
 * its secondary limits are reached (80 requests that create content, 900 points: a read 1, a write 5), and a rollout that cannot be written to goes back.
 * What only shows what is known may spend a share (reads count for its points, so there is room for them too), a sign for somebody who waits for one a larger share; the rest is for deployments, dispatches, incidents and releases. Each process counts its own.
 * Source: GitHub docs, "Rate limits for the REST API"; which writes create content is not told, so every one but a deletion counts.
 */
import type { Method } from './octokit.ts'

const WINDOW_MS = 60_000
/** Of 80 and 900. */
export const SHARES = { shown: { content: 60, points: 700 }, answered: { content: 70, points: 800 } } as const
/** `shown`: edits of what people read. `answered`: the reaction to a comment, for whoever wrote it. */
export type Share = keyof typeof SHARES
const COSTS: Readonly<Record<Method, { readonly content: number; readonly points: number }>> = {
  GET: { content: 0, points: 1 },
  POST: { content: 1, points: 5 },
  PATCH: { content: 1, points: 5 },
  PUT: { content: 1, points: 5 },
  DELETE: { content: 0, points: 5 },
}

interface Sent {
  /** Epoch milliseconds. */
  readonly at: number
  readonly method: Method
}

/** @param sent oldest first @returns when the share has room: `now`, or once enough of what was sent is a minute old */
export function roomFrom(sent: readonly Sent[], share: Share, method: Method, now: number): number {
  const recent = sent.filter(({ at }) => at > now - WINDOW_MS)
  const cost = COSTS[method]
  const left = { content: SHARES[share].content - cost.content, points: SHARES[share].points - cost.points }
  const spent = { content: 0, points: 0 }
  // From the newest back: the one that no longer fits has to grow old first.
  for (const one of recent.toReversed()) {
    spent.content += COSTS[one.method].content
    spent.points += COSTS[one.method].points
    if (spent.content > left.content || spent.points > left.points) return one.at + WINDOW_MS
  }
  return now
}

export interface Budget {
  /** When this installation's share has room; not after `now`: at once. */
  roomFrom(installation: number, share: Share, method: Method, now: number): number
  /** It leaves now. */
  sent(installation: number, method: Method, now: number): void
}

export function budget(): Budget {
  const all = new Map<number, Sent[]>()
  return {
    roomFrom: (installation, share, method, now) => roomFrom(all.get(installation) ?? [], share, method, now),
    sent(installation, method, now) {
      const kept = all.get(installation) ?? []
      while (kept[0] !== undefined && kept[0].at <= now - WINDOW_MS) kept.shift()
      kept.push({ at: now, method })
      all.set(installation, kept)
    },
  }
}
