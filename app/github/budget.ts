/**
 * How much of GitHub's minute an installation has spent, so that chatter leaves room for what matters. GitHub refuses everything of an installation once
 * its secondary limits are reached (80 requests that create content, 900 points: a read 1, a write 5), and a rollout that cannot be written to goes back.
 * What only shows what is known may spend a share (reads count for its points, so there is room for them too), a sign for somebody who waits for one a larger share; the rest is for deployments, dispatches, incidents and releases.
 * Source: GitHub docs, "Rate limits for the REST API"; which writes create content is not told, so every one but a deletion counts.
 */
import type { Method } from './octokit.ts'

export const WINDOW_MS = 60_000
/** Of 80 and 900. */
export const SHARES = { shown: { content: 60, points: 700 }, answered: { content: 70, points: 800 } } as const
/** `shown`: edits of what people read. `answered`: the reaction to a comment, for whoever wrote it. */
export type Share = keyof typeof SHARES

export interface Cost {
  readonly content: number
  readonly points: number
}

/** One request, or several of one second. */
export interface Sent extends Cost {
  /** Epoch milliseconds. */
  readonly at: number
}

const COSTS: Readonly<Record<Method, Cost>> = {
  GET: { content: 0, points: 1 },
  POST: { content: 1, points: 5 },
  PATCH: { content: 1, points: 5 },
  PUT: { content: 1, points: 5 },
  DELETE: { content: 0, points: 5 },
}

/** @param sent oldest first @returns when the share has room: `now`, or once enough of what was sent is a minute old */
export function roomFrom(sent: readonly Sent[], share: Share, method: Method, now: number): number {
  const recent = sent.filter(({ at }) => at > now - WINDOW_MS)
  const cost = COSTS[method]
  const left = { content: SHARES[share].content - cost.content, points: SHARES[share].points - cost.points }
  const spent = { content: 0, points: 0 }
  // From the newest back: the one that no longer fits has to grow old first.
  for (const one of recent.toReversed()) {
    spent.content += one.content
    spent.points += one.points
    if (spent.content > left.content || spent.points > left.points) return one.at + WINDOW_MS
  }
  return now
}

export interface Budget {
  /** When this installation's share has room; not after `now`: at once. */
  roomFrom(installation: number, share: Share, method: Method, now: number): number
  /** It leaves now. */
  sent(installation: number, method: Method, now: number): void
  /** What left here in the last minute, oldest first, that of one second as one that left at its end. */
  own(installation: number, now: number): readonly Sent[]
  /** What other processes sent in the last minute, instead of what was known of them. */
  heard(installation: number, others: readonly Sent[]): void
}

export function budget(): Budget {
  const all = new Map<number, Sent[]>()
  const ofOthers = new Map<number, readonly Sent[]>()
  return {
    roomFrom(installation, share, method, now) {
      const [own, others] = [all.get(installation) ?? [], ofOthers.get(installation) ?? []]
      return roomFrom(others.length === 0 ? own : [...own, ...others].toSorted((one, other) => one.at - other.at), share, method, now)
    },
    sent(installation, method, now) {
      const kept = all.get(installation) ?? []
      while (kept[0] !== undefined && kept[0].at <= now - WINDOW_MS) kept.shift()
      kept.push({ at: now, ...COSTS[method] })
      all.set(installation, kept)
    },
    own: (installation, now) => bySecond((all.get(installation) ?? []).filter(({ at }) => at > now - WINDOW_MS)),
    heard: (installation, others) => void ofOthers.set(installation, others),
  }
}

function bySecond(sent: readonly Sent[]): readonly Sent[] {
  const seconds = new Map<number, Sent>()
  for (const { at, content, points } of sent) {
    const second = Math.floor(at / 1000)
    const before = seconds.get(second) ?? { content: 0, points: 0 }
    seconds.set(second, { at, content: before.content + content, points: before.points + points })
  }
  return [...seconds.values()]
}
