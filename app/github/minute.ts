/**
 * GitHub's minute of each installation, as this process may spend it: its own count, what it heard of the others that share the database, and how long
 * GitHub asked to wait. Others are heard at most once a second, and before each write, which waits for its turn among them. Nothing here is a condition of a
 * call that matters: with a database that does not answer, or a turn that does not come, it leaves as if this process were alone.
 */
import { budget, type Sent, type Share } from './budget.ts'
import { GitHubError } from './error.ts'
import type { Call, Method } from './octokit.ts'
import { exchange, type Hearing, type Saying } from './together.ts'

/** The store's: see app/store/minutes.ts. Absent: no other process. */
export interface Minutes {
  change<Answer>(
    installation: number,
    change: (told: string | null, at: number) => { readonly told: string; readonly answer: Answer },
  ): Promise<Answer>
}

/** What was sent is told so soon, and what was heard is believed a little longer. */
const TELL_MS = 1_000
const FRESH_MS = 1_500
/** For an answer of the database; then it is not asked again for a while. */
const ANSWER_MS = 500
const AWAY_MS = 5_000
/** For a turn: about a second, asked often. */
const ASKED = 20
const BETWEEN_MS = 50

export interface MinuteOptions {
  readonly now: () => number
  readonly isLimited: boolean
  /** One name for each process. */
  readonly process: string
  readonly minutes?: Minutes
}

export interface Minute {
  /** Whether what only has this share must wait now. */
  isFull(installation: number, share: Share): boolean
  /** @throws GitHubError `limited`: it must wait, and nothing was sent */
  admit(installation: number, call: Pick<Call, 'method' | 'share'>): Promise<void>
  /** It leaves now. */
  sent(installation: number, method: Method): void
  /** GitHub asked to wait. Resolves when the others can hear it. */
  refused(installation: number, until: number): Promise<void>
  /** Runs the write when no other process writes for this installation, or has for too long. One at a time. @param longestMs how long it may take */
  inTurn<Result>(installation: number, share: Share | undefined, longestMs: number, write: () => Promise<Result>): Promise<Result>
}

export function openMinute({ now, isLimited, process, minutes }: MinuteOptions): Minute {
  const counted = budget()
  /** By whoever GitHub told it. */
  const ownWait = new Map<number, number>()
  const othersWait = new Map<number, number>()
  const freshUntil = new Map<number, number>()
  const timers = new Map<number, NodeJS.Timeout>()
  const tails = new Map<number, Promise<unknown>>()
  let awayUntil = 0
  const shared = isLimited ? minutes : undefined

  function waitUntil(installation: number): number {
    return Math.max(ownWait.get(installation) ?? 0, othersWait.get(installation) ?? 0)
  }

  function roomFrom(installation: number, share: Share, method: Method): number {
    return isLimited ? counted.roomFrom(installation, share, method, now()) : 0
  }

  async function exchanged(from: Minutes, installation: number, turn: Saying['turn']): Promise<Hearing> {
    return from.change(installation, (told, at) => {
      const here = now()
      const ofOwn = ownWait.get(installation) ?? 0
      const sent = moved(counted.own(installation, here), at - here)
      const said = exchange(told, { process, sent, waitUntil: ofOwn > here ? ofOwn + at - here : 0, turn }, at)
      const heard = said.answer
      return { told: said.told, answer: { ...heard, sent: moved(heard.sent, here - at), waitUntil: heard.waitUntil + here - at } }
    })
  }

  /** One after the other, so that nothing older is heard later. @returns null: nobody can be asked */
  function tell(installation: number, turn: Saying['turn']): Promise<Hearing | null> {
    if (shared === undefined) return Promise.resolve(null)
    const work = async (): Promise<Hearing | null> => {
      if (awayUntil > now()) return null
      try {
        const heard = await within(ANSWER_MS, exchanged(shared, installation, turn))
        counted.heard(installation, heard.sent)
        othersWait.set(installation, heard.waitUntil)
        freshUntil.set(installation, now() + FRESH_MS)
        return heard
      } catch {
        awayUntil = now() + AWAY_MS
        return null
      }
    }
    const said = (tails.get(installation) ?? Promise.resolve()).then(work)
    tails.set(installation, said)
    return said
  }

  function tellSoon(installation: number): void {
    if (shared === undefined || timers.has(installation)) return
    const timer = setTimeout(() => {
      timers.delete(installation)
      void tell(installation, 'nothing')
    }, TELL_MS).unref()
    timers.set(installation, timer)
  }

  /** @returns whether it is this process's turn; null: nobody can say */
  async function turn(installation: number, longestMs: number): Promise<boolean | null> {
    for (let asked = 1; ; asked += 1) {
      const heard = await tell(installation, longestMs)
      if (heard === null || heard.hasTurn || asked >= ASKED) return heard?.hasTurn ?? null
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
    }
  }

  return {
    isFull: (installation, share) => Math.max(roomFrom(installation, share, 'PATCH'), waitUntil(installation)) > now(),

    async admit(installation, { method, share }) {
      if (shared !== undefined && (freshUntil.get(installation) ?? 0) <= now()) await tell(installation, 'nothing')
      const until = waitUntil(installation)
      if (until > now())
        throw new GitHubError('limited', `GitHub asked to wait until ${new Date(until).toISOString()}; nothing was sent.`, { retryAt: until })
      const from = share === undefined ? 0 : roomFrom(installation, share, method)
      if (from > now())
        throw new GitHubError('limited', `The rest of GitHub's limit of a minute is kept for what matters until ${new Date(from).toISOString()}.`, {
          retryAt: from,
        })
    },

    sent(installation, method) {
      counted.sent(installation, method, now())
      tellSoon(installation)
    },

    async refused(installation, until) {
      ownWait.set(installation, until)
      await tell(installation, 'nothing')
    },

    async inTurn(installation, share, longestMs, write) {
      if (shared === undefined) return write()
      const isOurs = await turn(installation, longestMs)
      if (isOurs === false && share !== undefined)
        throw new GitHubError('limited', 'Another process writes to GitHub for this installation; nothing was sent.', {
          retryAt: now() + ASKED * BETWEEN_MS,
        })
      try {
        return await write()
      } finally {
        if (isOurs === true) await tell(installation, 'leave')
      }
    },
  }
}

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('no answer in time')), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** To another clock. */
function moved(sent: readonly Sent[], by: number): readonly Sent[] {
  return sent.map((one) => ({ ...one, at: one.at + by }))
}
