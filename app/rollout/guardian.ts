/**
 * Nothing vetoes a rollback, not even the store. The guardian keeps in memory what the store last said of each running rollout. When a timed look is
 * overdue (the store fails, hangs, has no space; or the look waits for something else) it looks at the traffic itself and judges with the same pure
 * code. On a breach or a deadline it writes the rollback to a local file, sets the weight to 0, and has the store told when it answers again. Healthy
 * metrics hold: it never advances anything.
 */
import type { Settings } from '../release/facts.ts'
import type { Clock, Effect, Log, MetricsPort, OutboxRow, ReleaseRecord, Sample, StorePort } from '../release/ports.ts'
import { FINAL } from '../release/state.ts'
import { decideAlone, running, weightNow } from './alone.ts'
import type { weightEffects, WeightEffect } from './effects.ts'
import { enterRollback } from './enter.ts'
import { limitedMetrics } from './metrics/limited.ts'
import type { LateRollback, RollbackFile } from './rollback-file.ts'

export interface GuardianOptions {
  readonly metrics: MetricsPort
  readonly traffic: Pick<ReturnType<typeof weightEffects>, 'perform' | 'find'>
  readonly file: Pick<RollbackFile, 'pending' | 'add' | 'entered'>
  readonly clock: Clock
  readonly settings: Settings
  /** This process, in leases. */
  readonly owner: string
  /** With the release's words. */
  readonly logOf: (record: ReleaseRecord | null, version: string) => Log
  /** The canary of this release has no traffic any more. */
  readonly onHome?: (record: ReleaseRecord) => void
}

export interface Guardian {
  /** What the store says, as it says it: see app/store/observed.ts. */
  seen(record: ReleaseRecord): void
  outbox(releaseKey: string, rows: readonly OutboxRow[]): void
  samples(releaseKey: string, series: string, samples: readonly Sample[]): void
  unkept(releaseKey: string, series: string): readonly Sample[]
  /** Would this give traffic back to a rollout that was taken back? */
  forbids(effect: Effect): boolean
  /** Weight 0 for all that was decided and not yet done; at the start before the store is opened, too. Never throws. */
  sendHome(): Promise<void>
  /** One look at everything that is overdue, and an attempt to enter what waits. Never throws. @param store null: it is not open */
  round(store: StorePort): Promise<void>
  /** Decided and not yet in the store. */
  pending(): readonly LateRollback[]
}

interface Watched {
  record: ReleaseRecord
  outbox: readonly OutboxRow[]
  kept: readonly Sample[]
  own: Sample[]
}

interface Late {
  readonly rollback: LateRollback
  home: boolean
  /** The store has it; only the file does not say so yet. */
  entered: boolean
  told: boolean
}

/** Own looks kept in memory: hours of an outage. */
const MAX_OWN = 20_000
const FILE_MS = 2_000

export function guardian(options: GuardianOptions): Guardian {
  const { metrics, traffic, file, clock, settings, owner, logOf, onHome } = options
  const watched = new Map<string, Watched>()
  const late = new Map<string, Late>(file.pending.map((rollback) => [rollback.id, { rollback, home: false, entered: false, told: false }]))
  const answerMs = Math.min(1_000, settings.sampleMs)
  const logFor = (rollback: LateRollback): Log => logOf(watched.get(rollback.release)?.record ?? null, rollback.version)

  function seen(record: ReleaseRecord): void {
    const known = watched.get(record.key)
    const rollout = ended(record) ? null : running(record)
    if (rollout === null) watched.delete(record.key)
    else if (known === undefined) watched.set(record.key, { record, outbox: [], kept: [], own: [] })
    else if (record.revision >= known.record.revision) {
      if (running(known.record)?.number !== rollout.number || running(known.record)?.environment !== rollout.environment) {
        known.kept = []
        known.own = []
      }
      known.record = record
    }
  }

  function ofSeries(releaseKey: string, series: string): Watched | undefined {
    const known = watched.get(releaseKey)
    const rollout = known === undefined ? null : running(known.record)
    return rollout !== null && series === `${rollout.number}/${rollout.environment}` ? known : undefined
  }

  function overdue({ record }: Watched): boolean {
    return clock.now() >= (record.dueAt ?? 0) + settings.sampleMs
  }

  async function alone(store: StorePort, key: string): Promise<void> {
    const source = watched.get(key)
    if (source === undefined) return
    // Somebody else may have looked: the store is asked, and not waited for. Its answer comes in through `seen`.
    const [, sample] = await Promise.all([
      within(answerMs, store.release(key)).catch(() => null),
      limitedMetrics({ metrics, clock }, settings.limits, source.record.repository).sample(running(source.record)?.policy.metrics ?? ''),
    ])
    const known = watched.get(key)
    const rollout = known === undefined ? null : running(known.record)
    if (known === undefined || rollout === null || !overdue(known) || late.has(idOf(known.record.key, rollout.number))) return
    known.own = [...known.own.slice(-MAX_OWN), sample]
    const samples = [...known.kept, ...known.own].toSorted((a, b) => a.at - b.at)
    const why = decideAlone({ record: known.record, outbox: known.outbox, samples }, clock.now(), settings)
    if (why === null) return
    const certain = why.code === 'slo_breach' || rollout.stage === 'withdrawing' || rollout.stage === 'shifting'
    if (!certain && (await movedByAnother(known.record.key))) return
    await decide(known.record, why, sample)
  }

  /** A deadline is only as good as the record: when the router has another weight, another process went on, and this record is old. */
  async function movedByAnother(key: string): Promise<boolean> {
    const record = watched.get(key)?.record
    const rollout = record === undefined ? null : running(record)
    if (rollout === null) return true
    const effect = weightOf(
      { release: key, rollout: rollout.number, environment: rollout.environment, router: rollout.policy.router },
      weightNow(rollout),
    )
    return await traffic.find(effect).then(
      (found) => found === null,
      () => false,
    )
  }

  async function decide(record: ReleaseRecord, why: { code: string; sentence: string }, sample: Sample): Promise<void> {
    const rollout = running(record)
    if (rollout === null) return
    const rollback: LateRollback = {
      id: idOf(record.key, rollout.number),
      release: record.key,
      version: record.version,
      rollout: rollout.number,
      environment: rollout.environment,
      step: rollout.step,
      router: rollout.policy.router,
      why: { code: why.code.slice(0, 100), sentence: why.sentence.slice(0, 2000) },
      at: clock.now(),
      sample: { ...sample, note: sample.note.slice(0, 500) },
    }
    const one: Late = { rollback, home: false, entered: false, told: false }
    late.set(rollback.id, one)
    const log = logFor(rollback)
    log.warn(
      { code: why.code, reason: why.sentence, step: rollout.step },
      'The look is overdue and the traffic says: roll back. It is done now, and entered later.',
    )
    try {
      await within(FILE_MS, file.add(rollback))
    } catch (error) {
      log.error({ error: String(error) }, 'The rollback could not be written to the local file; it goes on all the same.')
    }
    await home(one)
  }

  async function home(one: Late): Promise<void> {
    if (one.home) return
    try {
      await traffic.perform(weightOf(one.rollback, 0))
      one.home = true
      const record = watched.get(one.rollback.release)?.record
      if (record !== undefined) onHome?.(record)
      logFor(one.rollback).warn({ step: one.rollback.step }, 'All traffic is back at the version before.')
    } catch (error) {
      logFor(one.rollback).error({ error: String(error) }, 'The router did not take weight 0; it is tried again at the next look.')
    }
  }

  async function enter(store: StorePort, one: Late): Promise<void> {
    const { rollback } = one
    try {
      if (!one.entered) {
        const entry = await enterRollback({ store, clock }, rollback, `${owner}/guardian`, settings.leaseMs)
        if (entry === 'busy') return
        one.entered = true
        logFor(rollback).info({ entry }, 'The rollback is in the store.')
      }
      await within(FILE_MS, file.entered(rollback.id, clock.now()))
      late.delete(rollback.id)
    } catch (error) {
      if (!one.told) logFor(rollback).warn({ error: String(error) }, 'The rollback waits to be entered; it is tried until it is.')
      one.told = true
    }
  }

  async function enterAll(store: StorePort): Promise<void> {
    await Promise.all([...late.values()].map((one) => enter(store, one)))
    entering = null
  }

  const sendHome = async (): Promise<void> => void (await Promise.all([...late.values()].map(home)))

  /** Entering waits for a store that may hang: it must not hold up the looks. */
  let entering: Promise<void> | null = null

  return {
    seen,
    outbox(releaseKey, rows) {
      const known = watched.get(releaseKey)
      if (known !== undefined) known.outbox = rows
    },
    samples(releaseKey, series, samples) {
      const known = ofSeries(releaseKey, series)
      if (known === undefined) return
      const newest = samples.at(-1)?.at ?? 0
      known.kept = samples
      // An older one of its own was no reason for anything that was said since, and must not come between.
      known.own = known.own.filter((sample) => sample.at > newest)
    },
    unkept: (releaseKey, series) => ofSeries(releaseKey, series)?.own ?? [],
    forbids: (effect) =>
      effect.kind === 'weight.set' && effect.percent > 0 && [...late.values()].some(({ rollback }) => effect.key.startsWith(`${rollback.id}/`)),
    sendHome,
    async round(store) {
      await sendHome()
      const due = [...watched].filter(([, known]) => overdue(known)).map(([key]) => key)
      await Promise.all(due.map((key) => alone(store, key).catch((error: unknown) => tell(key, error))))
      entering ??= enterAll(store)
      await within(answerMs, entering).catch(() => {})
    },
    pending: () => [...late.values()].map(({ rollback }) => rollback),
  }

  function tell(key: string, error: unknown): void {
    const record = watched.get(key)?.record ?? null
    logOf(record, record?.version ?? key).error({ error: String(error) }, 'A look without the store failed; the next one comes.')
  }
}

function ended(record: ReleaseRecord): boolean {
  return FINAL.includes(record.state) || record.data['rollout'] == null
}

function idOf(release: string, rollout: number): string {
  return `${release}/rollout/${rollout}`
}

function weightOf(of: Pick<LateRollback, 'release' | 'rollout' | 'environment' | 'router'>, percent: number): WeightEffect {
  const key = `${idOf(of.release, of.rollout)}/${of.environment}/${percent === 0 ? 'withdraw' : 'guard'}`
  return { kind: 'weight.set', key, environment: of.environment, router: of.router, percent }
}

/** @throws Error when it takes longer; what it was goes on and its end is ignored */
async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
