/** Turns triggers, timers and the sweep into looks at releases. Each look is the same `reconcile`; this only decides when. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReleaseRecord, Trigger } from './release/ports.ts'
import { reconcile, type Context, type Look } from './release/reconcile.ts'
import { dataOf } from './release/state.ts'
import type { Queue } from './store/queue.ts'
import type { Logger } from './telemetry/logger.ts'
import type { Metrics } from './telemetry/metrics.ts'

export interface Worker {
  /** Waits for looks under way. */
  stop(): Promise<void>
}

export interface WorkerOptions {
  readonly context: Context
  readonly queue: Queue
  readonly metrics: Metrics
  readonly log: Logger
  readonly sweepMs: number
  readonly tenant: string | null
}

const BUSY_MS = 300

export async function startWorker({ context, queue, metrics, log, sweepMs, tenant }: WorkerOptions): Promise<Worker> {
  const { store, clock } = context.ports
  const looking = new Set<string>()
  let stopping = false

  async function look(of: Look): Promise<void> {
    const ended = metrics.reconcile.startTimer()
    const result = await reconcile(context, of)
    ended({ result })
    const record = await store.release(`${of.repository.id}#${of.pull}`)
    if (record !== null) show(metrics, record, tenant)
    if ((result === 'busy' || result === 'lost') && of.mode === 'full') {
      await sleep(BUSY_MS)
      if (!stopping) await queue.enqueue({ repository: of.repository, pull: of.pull, why: `it was ${result}`, rerequested: of.rerequested ?? [] })
    }
  }

  async function handle(trigger: Trigger): Promise<void> {
    const rerequested = trigger.rerequested ?? []
    if (trigger.pull !== null) return await look({ repository: trigger.repository, pull: trigger.pull, mode: 'full', rerequested })
    const known = new Set(
      (await store.releasesOf(trigger.repository.id))
        .filter((release) => !['closed', 'abandoned'].includes(release.state))
        .map((release) => release.pull),
    )
    for (const pull of known) await look({ repository: trigger.repository, pull, mode: 'full', rerequested })
    for (const pull of await context.ports.read.openReleasePulls(trigger.repository))
      if (!known.has(pull)) await look({ repository: trigger.repository, pull, mode: 'full', rerequested })
  }

  await queue.work(async ({ triggers }) => {
    // Many triggers of one release are one look; what was asked to run again is kept.
    const last = triggers.at(-1)
    if (last === undefined) return
    try {
      await handle({ ...last, rerequested: triggers.flatMap((trigger) => trigger.rerequested ?? []) })
    } catch (error) {
      log.warn(
        { repository: `${last.repository.owner}/${last.repository.name}`, pull: last.pull, why: last.why, error: String(error) },
        'A look failed; it is tried again.',
      )
      throw error
    }
  })

  /** Due times live in the store, so a timer that was lost with a process is found by the next. */
  async function ticks(): Promise<void> {
    while (!stopping) {
      await sleep(Math.min(250, context.settings.sampleMs / 2))
      try {
        for (const release of await store.due(clock.now())) {
          if (looking.has(release.key)) continue
          looking.add(release.key)
          look({ repository: release.repository, pull: release.pull, mode: release.state === 'proving' ? 'full' : 'tick' })
            .catch((error: unknown) => log.error({ release: release.version, error: String(error) }, 'A timed look failed; it is tried again.'))
            .finally(() => looking.delete(release.key))
        }
      } catch (error) {
        log.error({ error: String(error) }, 'The store does not answer; timed looks wait.')
        await sleep(1_000)
      }
    }
  }

  async function sweeps(): Promise<void> {
    for (let next = clock.now() + sweepMs; !stopping;) {
      await sleep(200)
      if (clock.now() < next) continue
      next = clock.now() + sweepMs
      try {
        const repositories = new Map((await store.openReleases()).map((release) => [release.repository.id, release.repository]))
        for (const repository of repositories.values()) await queue.enqueue({ repository, pull: null, why: 'sweep' })
      } catch (error) {
        log.error({ error: String(error) }, 'The sweep failed; the next one comes.')
      }
    }
  }

  for (const release of await store.openReleases())
    await queue.enqueue({ repository: release.repository, pull: release.pull, why: 'the App started' })
  const loops = [ticks(), sweeps()]
  return {
    async stop() {
      stopping = true
      await Promise.all(loops)
      while (looking.size > 0) await sleep(20)
    },
  }
}

function show(metrics: Metrics, record: ReleaseRecord, tenant: string | null): void {
  const { rollout } = dataOf(record)
  const labels = { release: record.version, env: rollout?.environment ?? '', tenant: tenant ?? '' }
  metrics.releaseInfo.set({ ...labels, trace_id: record.traceId, sha: record.head }, 1)
  if (rollout !== null) metrics.weight.set(labels, rollout.stage === 'withdrawn' ? 0 : rollout.shiftedAt === null ? 0 : rollout.step)
}
