/** Turns triggers, timers and the sweep into looks at releases. Each look is the same `reconcile`; this only decides when. */
import { setTimeout as sleep } from 'node:timers/promises'
import { NO_SPANS, type Spans } from '../agents/spans.ts'
import type { Log, ReleaseRecord, Repository, StorePort, Trigger } from './release/ports.ts'
import type { Keeping } from './release/keeping.ts'
import { cut } from './release/cutting.ts'
import { missed } from './release/missed.ts'
import { versionOf } from './release/open.ts'
import { refuseForeign } from './release/foreign.ts'
import { openOthers } from './release/others.ts'
import { isEnded, isLookedAt } from './release/resting.ts'
import { reconcile, type Context, type Look, type Result } from './release/reconcile.ts'
import { StoreError } from './store/error.ts'
import { NotNow, type Queue } from './store/queue.ts'
import { logOf, type Logger } from './telemetry/logger.ts'
import { attributesOf } from './telemetry/story.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { isUnreadable, unreadable } from './unreadable.ts'

export interface Worker {
  /** Begins nothing new; looks under way end at their next safe point. Resolves when they have, or after `graceMs`. */
  stop(graceMs?: number): Promise<void>
}

export interface WorkerOptions {
  readonly context: Context
  readonly queue: Queue
  readonly metrics: Metrics
  readonly log: Logger
  readonly sweepMs: number
  /** Of logs, where a release is in no environment. */
  readonly env: string | null
  readonly tenant: string | null
  /** Looks at traffic when the timed looks cannot; see app/rollout/guardian.ts. */
  readonly guardian: { round(store: StorePort): Promise<void> }
  /** Default: none are told. */
  readonly spans?: Spans
  /** Brings sealed packs into their stores, apart from the looks. */
  readonly keeping?: Keeping
  /** Asks for deliveries that never came. */
  readonly redelivery?: { round(signal: AbortSignal): Promise<void> }
  /** Forgets what is no longer needed. */
  readonly forget?: () => Promise<void>
  /** All repositories the App is installed on, for what no delivery told. */
  readonly installed: () => Promise<{ readonly repositories: readonly Repository[]; readonly failed: readonly unknown[] }>
  /** Every how many sweeps that list, and the deliveries, are asked for. Default 5. */
  readonly installedEvery?: number
}

/** Between two rounds over packs that wait for a store. */
const KEEPING_MS = 1_000

/** Of ended releases, how often they were swept; forgotten, they are looked at once more. */
const MOST_SWEPT = 10_000

const SWEEP = 'sweep'
/** The first after a start, also for what only a list of all comments tells; later GitHub itself says what it could not deliver. */
const WIDE_SWEEP = 'wide sweep'

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const {
    context,
    queue,
    metrics,
    log,
    sweepMs,
    env,
    tenant,
    guardian,
    spans = NO_SPANS,
    keeping,
    redelivery,
    forget,
    installed,
    installedEvery = 5,
  } = options
  const { store, clock } = context.ports
  const looking = new Set<string>()
  const swept = new Map<string, number>()
  const away = unreadable()
  const others = openOthers(context.ports)
  const stopping = new AbortController()
  const { signal } = stopping
  const between = Math.min(250, context.settings.sampleMs / 2)
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {})

  async function look(of: Look, record: ReleaseRecord | null): Promise<Result> {
    const ended = metrics.reconcile.startTimer()
    const words: Log =
      record === null
        ? log.child({ release: null, env, tenant, trace_id: null, sha: null, repository: nameOf(of.repository), pull: of.pull })
        : logOf(log, record, { env, tenant })
    let result: Result | 'failed' = 'failed'
    const whole = { ...context, ports: { ...context.ports, log: words } }
    try {
      if (record === null) return (result = await reconcile(whole, { ...of, signal }))
      const about = { release: record.version, env, tenant, sha: record.head, mode: of.mode }
      return (result = await spans.within(record.traceId, 'look', attributesOf(about), () => reconcile(whole, { ...of, signal }), 'busy'))
    } finally {
      ended({ result })
    }
  }

  /** A look that a trigger wants. @returns whether it must be asked for again */
  async function wanted(trigger: Trigger, pull: number): Promise<boolean> {
    if (signal.aborted) return true
    const { repository, changed, rerequested = [], rerequestedAll = [], asked = [], waiting = [], written = [] } = trigger
    const record = await store.release(`${repository.id}#${pull}`)
    const result = await look({ repository, pull, mode: 'full', ...(changed && { changed }), rerequested, rerequestedAll, waiting, written }, record)
    if (result === 'not-a-release') {
      await others.pull(repository, pull)
      let busy = false
      for (const comment of new Set(asked)) if ((await cut(context, { repository, issue: pull, comment })) === 'busy') busy = true
      return busy
    }
    return result === 'busy' || result === 'lost' || result === 'stopped'
  }

  async function handle(trigger: Trigger): Promise<void> {
    const { repository, pull, why } = trigger
    if (pull !== null) {
      // The queue keeps the triggers: nothing that was asked for is lost, whatever happens now.
      if (await wanted(trigger, pull)) throw new StoreError('again', 'somebody else looks at the release, or the App ends')
      return
    }
    const listed = await context.ports.read.openPulls(repository)
    await others.repository(repository, listed, { branches: trigger.queued ?? [], everything: why === SWEEP || why === WIDE_SWEEP })
    const named = await refuseForeign(context.ports, repository, trigger.waiting ?? [])
    if (why === WIDE_SWEEP) for (const asked of await missed(context.ports, repository)) await queue.enqueue(asked)
    const wants = await awake(trigger, named)
    const releases = listed.filter((pull) => versionOf(pull, repository.id) !== null)
    for (const each of new Set([...wants, ...releases.map(({ number }) => number)])) {
      const again = await wanted(trigger, each).catch((error: unknown) => failed({ ...trigger, pull: each }, error))
      // Of its own, so that one release does not hold up the others.
      if (again) await queue.enqueue({ ...trigger, pull: each, why: `${trigger.why}, again` })
    }
  }

  /** Pull requests of the releases that something without a name may concern. */
  async function awake({ repository, why, rerequested = [], rerequestedAll = [] }: Trigger, named: ReadonlySet<string>): Promise<readonly number[]> {
    const [known, unfinished] = await Promise.all([store.releasesOf(repository.id), store.unfinished()])
    const isSweep = why === SWEEP || why === WIDE_SWEEP
    const isForAll = isSweep ? 'sweep' : rerequested.length + rerequestedAll.length > 0 ? 'rerun' : null
    const now = clock.now()
    const looked = known.filter((release) => isLookedAt(release, { now, isForAll, unfinished, named, swept }))
    if (swept.size > MOST_SWEPT) swept.clear()
    for (const release of looked) if (isEnded(release)) swept.set(release.key, now)
    return looked.map(({ pull }) => pull)
  }

  function failed({ repository, pull, why }: Trigger, error: unknown): true {
    log.warn({ repository: nameOf(repository), pull, why, error: String(error) }, 'A look failed; it is tried again.')
    return true
  }

  await queue.work(async ({ key, triggers }) => {
    // Many triggers of one release are one look; what was asked to run again is kept.
    const last = triggers.at(-1)
    if (last === undefined) return
    try {
      const rerequested = triggers.flatMap((trigger) => trigger.rerequested ?? [])
      const rerequestedAll = triggers.flatMap((trigger) => trigger.rerequestedAll ?? [])
      const queued = triggers.flatMap((trigger) => trigger.queued ?? [])
      const asked = triggers.flatMap((trigger) => trigger.asked ?? [])
      const waiting = triggers.flatMap((trigger) => trigger.waiting ?? [])
      const written = triggers.flatMap((trigger) => trigger.written ?? [])
      const why = triggers.some((trigger) => trigger.why === WIDE_SWEEP) ? WIDE_SWEEP : last.why
      const { changed: _, ...rest } = last
      const changed = triggers.every((trigger) => trigger.changed !== undefined) && triggers.flatMap((trigger) => trigger.changed ?? [])
      await handle({ ...rest, why, ...(changed && { changed }), rerequested, rerequestedAll, queued, asked, waiting, written })
      away.heard(key)
    } catch (error) {
      if (isUnreadable(error)) {
        const ms = away.failed(key, clock.now())
        failed(last, error)
        // The sweep asks again by itself.
        if (triggers.every(({ why }) => why === SWEEP)) return
        throw new NotNow(ms, { cause: error })
      }
      if (!(error instanceof StoreError && error.code === 'again')) failed(last, error)
      throw error
    }
  })

  /** Due times live in the store, so a timer that was lost with a process is found by the next. */
  async function ticks(): Promise<void> {
    while (!signal.aborted) {
      await pause(between)
      try {
        for (const release of await store.due(clock.now())) if (!signal.aborted) timed(release)
      } catch (error) {
        log.error({ error: String(error) }, 'The store does not answer; timed looks wait, the guardian looks at traffic.')
        await pause(1_000)
      }
    }
  }

  function timed(release: ReleaseRecord): void {
    if (looking.has(release.key)) return
    looking.add(release.key)
    const mode = release.state === 'proving' ? 'full' : 'tick'
    look({ repository: release.repository, pull: release.pull, mode, changed: ['runs'] }, release)
      .catch((error: unknown) => logOf(log, release, { env, tenant }).error({ error: String(error) }, 'A timed look failed; it is tried again.'))
      .finally(() => looking.delete(release.key))
  }

  async function guards(): Promise<void> {
    while (!signal.aborted) {
      await pause(between)
      await guardian.round(store)
    }
  }

  /** Who looks at a release whose pack came into a store, or did not, sees it in the status comment. */
  async function keeps(): Promise<void> {
    if (keeping === undefined) return
    while (!signal.aborted) {
      await pause(KEEPING_MS)
      try {
        for (const key of await keeping.round(signal)) {
          const release = await store.release(key)
          if (release !== null) await queue.enqueue({ repository: release.repository, pull: release.pull, why: 'a pack is kept', changed: ['pull'] })
        }
      } catch (error) {
        log.error({ error: String(error) }, 'Packs could not be brought into their stores; they wait.')
      }
    }
  }

  /** The first at once: what was lost while the App was away is the likeliest. */
  async function sweeps(): Promise<void> {
    for (let count = 0; !signal.aborted; count += 1) {
      try {
        const repositories = new Map((await store.openReleases()).map((release) => [release.repository.id, release.repository]))
        if (count % installedEvery === 0) for (const repository of await listed()) repositories.set(repository.id, repository)
        for (const repository of repositories.values())
          if (!signal.aborted && !away.rests(String(repository.id), clock.now()))
            await queue.enqueue({ repository, pull: null, why: count === 0 ? WIDE_SWEEP : SWEEP })
        if (count % installedEvery === 0) {
          await redelivery?.round(signal)
          await forget?.()
        }
      } catch (error) {
        log.error({ error: String(error) }, 'The sweep failed; the next one comes.')
      }
      await pause(sweepMs)
    }
  }

  async function listed(): Promise<readonly Repository[]> {
    try {
      const { repositories, failed } = await installed()
      if (failed.length > 0) log.warn({ failed }, 'Some installations did not list their repositories; they are asked again at a later sweep.')
      return repositories
    } catch (error) {
      log.warn({ error: String(error) }, 'The installations could not be listed; known releases are swept.')
      return []
    }
  }

  for (const release of await store.openReleases())
    await queue.enqueue({ repository: release.repository, pull: release.pull, why: 'the App started' })
  const loops = [ticks(), sweeps(), guards(), keeps()]
  return {
    async stop(graceMs = 5_000) {
      stopping.abort()
      const until = Date.now() + graceMs
      await Promise.race([Promise.all(loops), sleep(graceMs, undefined, { ref: false })])
      while (looking.size > 0 && Date.now() < until) await sleep(20)
    },
  }
}

function nameOf(repository: Repository): string {
  return `${repository.owner}/${repository.name}`
}
