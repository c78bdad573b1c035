/**
 * The one loop: look at a release, decide, record, act; until nothing changes. Triggers, timers and the sweep all end here, and it may be called at any
 * time, any number of times, by any process: a lease keeps it one at a time, the revision keeps a late writer out.
 */
import type { Gate } from '../../gates/gate.ts'
import { notBefore, pauseAfter } from './again.ts'
import { carryOut, isCarriedHere, shareOf } from './outbox.ts'
import { gatherFull, gatherTick, NO_NEWS, type News } from './gather.ts'
import { presentName } from '../limits.ts'
import { next, type Step } from './next.ts'
import { open } from './open.ts'
import { MAX_ORDERS } from './order-facts.ts'
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { heartbeat } from './heartbeat.ts'
import { renewed } from './leave.ts'
import type { Facts, Settings } from './facts.ts'
import type { KnownRuns } from './known-runs.ts'
import type { Lease, Part, Ports, ReleaseRecord, Repository, WaitingJob, WrittenComment } from './ports.ts'

export interface Look {
  readonly repository: Repository
  readonly pull: number
  /** A tick looks only at traffic and the outbox; everything else reads GitHub again. */
  readonly mode: 'full' | 'tick'
  /** What alone can have changed since the last look; absent: anything. Commands are then not looked for, and runs are as this process last saw them. */
  readonly changed?: readonly Part[]
  /** Check runs a person asked to run again. */
  readonly rerequested?: readonly number[]
  /** Commits, all of whose check runs a person asked to run again. */
  readonly rerequestedAll?: readonly string[]
  /** Jobs that wait for our deployment protection rule. */
  readonly waiting?: readonly WaitingJob[]
  /** Comments as they were when they were made. */
  readonly written?: readonly WrittenComment[]
  /** Stop before the next pass: everything is recorded then, and the next process goes on from there. */
  readonly signal?: AbortSignal
}

export interface Context {
  readonly ports: Ports
  readonly gates: readonly Gate[]
  readonly settings: Settings
  /** Absent: each look asks about all of them. */
  readonly runs?: KnownRuns
  /** This process, in leases. */
  readonly owner: string
}

export type Result = 'settled' | 'busy' | 'lost' | 'stopped' | 'not-a-release'

const MAX_PASSES = 40

/** @returns `busy` when another process holds the release, `lost` when it took it over, `stopped` when asked to stop: ask again soon. */
export async function reconcile(context: Context, look: Look): Promise<Result> {
  const { store, clock } = context.ports
  const key = `${look.repository.id}#${look.pull}`
  // One holder per call: two looks of one process must not share a lease.
  const owner = `${context.owner}/${context.ports.random.hex(8)}`
  const lease = await store.lease(`release/${key}`, owner, clock.now(), context.settings.leaseMs)
  if (lease === null) return 'busy'
  const held: [Lease, ...Lease[]] = [lease]
  try {
    return await passes(context, look, key, held)
  } finally {
    for (const one of held.toReversed()) await store.free(one)
  }
}

/** @param held the release's lease first; those that are taken on the way are put to it */
async function passes(context: Context, look: Look, key: string, held: [Lease, ...Lease[]]): Promise<Result> {
  const { ports } = context
  const [lease] = held
  let { mode } = look
  /** A look in full was stopped for the traffic, and is still to come. */
  let owed = false
  let news: News = {
    comments: look.changed?.includes('comments') ?? true,
    runs: look.changed?.includes('runs') ?? true,
    rerequested: look.rerequested ?? [],
    rerequestedAll: look.rerequestedAll ?? [],
    waiting: look.waiting ?? [],
    written: look.written ?? [],
  }
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    if (look.signal?.aborted === true) return 'stopped'
    if (!(await renewed(ports.store, lease, ports.clock.now(), context.settings.leaseMs))) return 'lost'
    const record = await ports.store.release(key)
    if (record === null) {
      const opened = await open(context, look)
      if (opened === null) return 'not-a-release'
      if (
        !(await ports.store.commit({
          release: opened,
          expected: null,
          lease,
          intents: [],
          events: [{ type: 'opened', data: { version: opened.version, head: opened.head, base: opened.base, pull: opened.pull } }],
          verdicts: [],
        }))
      )
        return 'lost'
      mode = 'full'
      news = { ...news, comments: true, runs: true }
      continue
    }
    if (hasMoved(record.repository, look.repository)) {
      if (!(await follow(ports, record, look.repository, lease))) return 'lost'
      continue
    }
    const facts = mode === 'full' ? await gathered(context, record, news, held) : await gatherTick(context, record)
    if (facts === 'lost') return 'lost'
    if (facts === 'traffic') {
      mode = 'tick'
      owed = true
      continue
    }
    if (mode === 'full') owed = false
    const step = next(record, facts)
    if (step.wantsFull && mode === 'tick') {
      mode = 'full'
      continue
    }
    if (spends(step) && held[1] === undefined) {
      const purse = await ports.store.lease(`waivers/${record.repository.id}`, lease.owner, ports.clock.now(), context.settings.leaseMs)
      if (purse === null) return 'busy'
      held.push(purse)
      // What others granted until now is counted; from here on nobody else grants.
      continue
    }
    if (!owed) news = facts.full !== null && facts.full.orders.length >= MAX_ORDERS ? { ...NO_NEWS, comments: true } : NO_NEWS
    const committed = step.changed
    if (
      committed &&
      !(await ports.store.commit({
        release: { ...step.record, revision: record.revision + 1 },
        expected: record.revision,
        lease,
        ...(held[1] !== undefined && { also: held[1] }),
        intents: step.intents,
        events: step.events,
        verdicts: step.verdicts,
        lock: step.lock,
        answered: step.answered,
      }))
    )
      return 'lost'
    if (committed) context.runs?.moved(record)
    const carried = await carryOut(ports, lease, step.record, context.settings.leaseMs)
    if (carried.lost) return 'lost'
    if (step.unseen || (owed && !carried.progress)) {
      // Traffic has been seen to; only now is GitHub asked, which may fail.
      mode = 'full'
      continue
    }
    if (carried.pending > 0 && !carried.progress) {
      await postpone(context, key, lease, carried.pending)
      return 'settled'
    }
    if (!carried.progress && step.intents.length === 0 && (!committed || onlyTiming(record, step.record))) return 'settled'
  }
  ports.log.error({}, 'a release did not settle; it will be looked at again')
  return 'settled'
}

async function gathered(context: Context, record: ReleaseRecord, news: News, held: readonly Lease[]): Promise<Facts | 'lost' | 'traffic'> {
  const beat = heartbeat(context, record, held)
  try {
    const facts = await gatherFull(beat.context, record, news)
    return beat.stopped() ?? facts
  } catch (error) {
    const stopped = beat.stopped()
    if (stopped === null) throw error
    return stopped
  }
}

function hasMoved(known: Repository, seen: Repository): boolean {
  return known.installationId !== seen.installationId || presentName(known) !== presentName(seen)
}

/**
 * A repository that was transferred is written to through another installation. The name it is asked by stays the one the release began with: packs lie
 * under it, and GitHub redirects. What the operator gave to repositories goes by the present one.
 */
async function follow({ store }: Ports, record: ReleaseRecord, seen: Repository, lease: Lease): Promise<boolean> {
  const { installationId } = seen
  const fullName = presentName(seen)
  return await store.commit({
    release: { ...record, repository: { ...record.repository, installationId, fullName }, revision: record.revision + 1 },
    expected: record.revision,
    lease,
    intents: [],
    events: [{ type: 'transferred', data: { to: fullName, installation: installationId } }],
    verdicts: [],
  })
}

/** It grants a waiver, of which a quarter has only so many; broken glass is not counted. */
function spends({ events }: Step): boolean {
  return events.some(({ type, data }) => type === 'waiver' && data['gate'] !== GLASS)
}

/** GitHub's minute has no room for what only shows what is known. */
const NO_ROOM_MS = 8_000
const LONGEST_MS = 60_000

/** Effects that could not be done are tried again later; soon while traffic is involved. */
async function postpone(context: Context, key: string, lease: Lease, pending: number): Promise<void> {
  const { store, clock, log, effects } = context.ports
  const record = await store.release(key)
  if (record === null) return
  const now = clock.now()
  const open = (await store.outbox(key)).filter((row) => isCarriedHere(row.effect) && row.outcome === null && row.state !== 'failed')
  const times = open.map((row) => {
    if (shareOf(row.effect) !== null && effects.waits?.(row.effect, record.repository) === true) return now + NO_ROOM_MS
    const own = notBefore(row)
    return own > now ? own : now + pauseAfter(Math.max(1, row.attempts))
  })
  const wait = record.state === 'rolling_back' ? context.settings.sampleMs : Math.min(...times, now + LONGEST_MS) - now
  const at = now + wait
  if (record.dueAt !== null && record.dueAt <= at) return
  log.info({ pending, again_in_ms: wait }, 'effects are pending')
  const committed = await store.commit({
    release: { ...record, dueAt: at, revision: record.revision + 1 },
    expected: record.revision,
    lease,
    intents: [],
    events: [],
    verdicts: [],
  })
  if (committed) context.runs?.moved(record)
}

function onlyTiming(before: ReleaseRecord, after: ReleaseRecord): boolean {
  return before.state === after.state && before.head === after.head
}
