/** Reads the world into facts; decides nothing. A tick reads traffic only, a full look reads GitHub and the evidence as well. */
import { pullRequestDigest } from '../../agents/collect/inputs.ts'
import { originOf } from '../../evidence/ledger/checkpoint.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import { mayUse } from '../limits.ts'
import { noProbe } from '../outgoing/probe.ts'
import { urlsToLookAt } from '../rollout/golden-paths.ts'
import { hookRuns } from '../rollout/hooks.ts'
import type { Rehearsed } from '../rollout/rehearsal.ts'
import { servedAfter } from '../rollout/wanted.ts'
import { basisOf } from '../commands/plan.ts'
import { admitRuns } from './admit.ts'
import { configAt } from './config-at.ts'
import { ReleaseError } from './error.ts'
import type { ConfigFacts, Facts, FullFacts } from './facts.ts'
import { guardedOf, toCome } from './guarded.ts'
import { landedOf } from './landed.ts'
import { configOfBase, type BaseConfig } from './named-base.ts'
import { readOrders } from './order-facts.ts'
import { hotfixOf, NO_HOTFIX, waiversNow } from './hotfix.ts'
import { laterOf, provenIn } from './later.ts'
import { liveSchemas, readSchemas } from './schemas.ts'
import type { EnvironmentLock, OutboxRow, Ports, PullFacts, ReleaseRecord, Repository, SignedPosition, WaitingJob, WrittenComment } from './ports.ts'
import type { Context } from './reconcile.ts'
import { provenAt } from './promotion.ts'
import { stopsOf } from './stops.ts'
import { renewalOf } from './renewal.ts'
import { sampled } from './sampling.ts'
import { slosAt } from './slos.ts'
import { deployedNow } from './serving.ts'
import { dataOf, SERVED, type ReleaseData } from './state.ts'
import { openGlass } from './glass.ts'
import { evaluateAll } from './verdicts.ts'
import { grantedInQuarter, waiversOf } from './waivers.ts'

export async function gatherTick(context: Context, record: ReleaseRecord): Promise<Facts> {
  const { ports, settings } = context
  const samples = await sampled(context, record)
  const [outbox, locks] = await Promise.all([
    ports.store.outbox(record.key),
    record.data['rollout'] == null ? [] : ports.store.locks(record.repository.id),
  ])
  return { now: ports.clock.now(), full: null, outbox: byKey(outbox), samples, settings, locks, probed: await probedOf(context, record) }
}

/** What triggers told beside "look again". */
export interface News {
  /** Somebody may have commented. */
  readonly comments: boolean
  /** Runs may have gone on. */
  readonly runs: boolean
  /** Check runs, and commits with all their check runs, that a person asked to run again. */
  readonly rerequested: readonly number[]
  readonly rerequestedAll: readonly string[]
  readonly waiting: readonly WaitingJob[]
  readonly written: readonly WrittenComment[]
}

export const NO_NEWS: News = { comments: false, runs: false, rerequested: [], rerequestedAll: [], waiting: [], written: [] }

/** Nothing was told, so anything may be. */
export const ANY_NEWS: News = { ...NO_NEWS, comments: true, runs: true }

export async function gatherFull(context: Context, record: ReleaseRecord, news: News = ANY_NEWS): Promise<Facts> {
  const { ports, settings } = context
  const { repository } = record
  const data = dataOf(record)
  const pull = await ports.read.pull(repository, record.pull)
  if (pull === null) throw new ReleaseError('pull-gone', `pull request #${record.pull} cannot be read any more`)
  // What still has to be proven after the merge is proven as it was before it: by the rules and the inputs of now.
  const isFrozen = pull.merged && openGlass(data).length === 0
  const at = isFrozen && data.policy !== null ? data.policy.commit : pull.base.ref
  const { config: newest, instead }: BaseConfig =
    data.rollout === null ? await configOfBase(ports, repository, { pull, at }) : { config: await configAt(ports, repository, at) }
  const config = asFirstRead(newest, data.policy)
  const window = instead === undefined ? await windowOf(ports, repository, pull, config) : null
  const inputs = isFrozen && Object.keys(data.inputs).length > 0 ? data.inputs : inputsOf(pull, config)
  const outbox = await ports.store.outbox(record.key)
  const known = news.runs ? undefined : context.runs?.of(record)
  const runs = new Map(await admitRuns(ports, record, { outbox, config, ...(known && { known }) }))
  for (const id of hookRuns(outbox, data.rollout)) {
    const run = known === undefined ? await ports.read.run(repository, id) : (known.get(id) ?? null)
    if (run !== null) runs.set(id, run)
  }
  // What ended under a config that cannot be read has its evidence still to be looked at.
  if (config.ok) context.runs?.keep(record, runs)
  const head = data.rollout === null && !pull.merged ? pull.head.sha : record.head
  if (config.ok) await ports.store.putBlob(Buffer.from(config.text))
  const [evidence, rejections, samples, decided, others, anchor, locks] = await Promise.all([
    ports.store.evidence(record.key, head),
    ports.store.rejections(record.key),
    sampled(context, record),
    ports.store.verdicts(record.key, head),
    ports.store.releasesOf(repository.id),
    anchorOf(ports, record),
    ports.store.locks(repository.id),
  ])
  const slos = newest.ok && pull.merged ? await slosAt(ports.read, repository, newest.config, newest.commit) : undefined
  const deployed = deployedNow(others)
  const soon = config.ok ? toCome(record, pull, config.config) : []
  const schemas = config.ok ? await readSchemas(ports, { repository, head, deployed, config: config.config }, soon) : {}
  const renewal = await renewalOf(ports, { record, pull, config: newest, outbox })
  const now = ports.clock.now()
  const hotfix = hotfixOf(record.version, pull, config)
  const standing = { ...record, data: { ...data, waivers: waiversNow(record, head, hotfix) } }
  const waivers = waiversOf(standing, head, (key) => outbox.find((row) => row.key === key)?.outcome ?? null, pull.base.ref)
  const judged = evaluateAll(context.gates, {
    record: { ...record, head },
    data,
    config,
    inputs,
    evidence,
    waivers,
    rejections,
    now,
    settings,
    before: decided,
  })
  const verdicts = judged.map(({ verdict }) => verdict)
  const basis = basisOf(provenAt({ record, head, base: pull.base.ref, config, evidence, waivers, verdicts }))
  const granted = grantedInQuarter(others, now)
  const stopOf = stopsOf({ ...record, head }, byKey(outbox), {
    pull,
    config,
    schemas,
    live: liveSchemas(others),
    evidence,
    waivers,
    verdicts,
    deployed,
  })
  const heard = config.ok ? config.config : instead
  const lane = hotfix ?? NO_HOTFIX
  const orders =
    heard === undefined
      ? []
      : await readOrders(
          ports,
          {
            record,
            pull,
            config: heard,
            ...(!config.ok && { unnamed: true }),
            outbox,
            head,
            basis,
            verdicts,
            now,
            granted,
            hotfix: lane,
            stopOf,
            written: news.written,
          },
          news.comments,
        )
  return {
    now,
    outbox: byKey(outbox),
    samples,
    settings,
    probed: await probedOf(context, record),
    locks: locks.map((lock) => ({ ...lock, doing: doingOf(lock, others) })),
    full: {
      pull,
      config,
      landed: await landedOf(ports.read, record, pull),
      window,
      ...(slos === undefined ? {} : { slos }),
      ...(renewal === undefined ? {} : { renewal }),
      inputs,
      evidence,
      waivers,
      rejections,
      runs,
      orders,
      granted,
      verdicts,
      contexts: new Map(judged.map(({ gate, context }) => [gate, context])),
      fresh: judged.flatMap((one) => (one.fresh ? one.gate : [])),
      anchor,
      last: await lastReleased(ports, record, others),
      deployed,
      schemas,
      live: liveSchemas(others),
      rehearsed: lastRehearsal(others),
      provenIn: await provenIn(ports, record, others),
      ...(await laterOf(ports, record, others)),
      servedAfter: servedAfter(record, others),
      rerequested: gatesOf(news.rerequested, news.rerequestedAll.includes(head) ? head : null, outbox),
      waiting: news.waiting,
      // A rollout begins when somebody says something, and in no other look.
      guarded: await guardedOf(ports.read, record, orders.length === 0 ? [] : soon),
    },
  }
}

/** The ledger's position, signed, for what is written outside the store anyway. */
async function anchorOf({ store, notary }: Ports, { key }: ReleaseRecord): Promise<SignedPosition | null> {
  const position = await store.position(key)
  return position === null ? null : { ...position, note: notary.sign({ origin: originOf(key), ...position }) }
}

/** A freeze that is declared today holds what was merged yesterday. A calendar that cannot be read leaves the one of the frozen config. */
async function windowOf(ports: Ports, repository: Repository, pull: PullFacts, frozen: ConfigFacts): Promise<FullFacts['window']> {
  const newest = pull.merged ? await configAt(ports, repository, pull.base.ref) : frozen
  if (newest.ok) return newest.config.release.window
  return frozen.ok ? frozen.config.release.window : null
}

/** The same bytes are the same rules: they are named by the commit this release first read them at, and a base that moves on is no news to its checks. */
function asFirstRead(newest: ConfigFacts, first: ReleaseData['policy']): ConfigFacts {
  return newest.ok && newest.digest === first?.digest ? { ...newest, commit: first.commit } : newest
}

/** What agents read beside the commit itself: a change here makes their evidence stale. */
function inputsOf(pull: PullFacts, config: ConfigFacts): Record<string, string> {
  const pullRequest = pullRequestDigest(pull)
  return config.ok ? { pullRequest, policy: config.digest } : { pullRequest }
}

/** Of the way home only: otherwise nothing asks. */
async function probedOf({ ports, settings }: Context, record: ReleaseRecord): Promise<NonNullable<Facts['probed']>> {
  const { probes } = ports
  if (probes === undefined || (record.state !== 'rolling_back' && record.state !== 'stage')) return new Map()
  const names = urlsToLookAt(dataOf(record).rollout)
  // What it began with stays its own on the way home, whatever the operator changed since.
  const isGoingHome = record.state === 'rolling_back'
  const look = (name: string) => (isGoingHome || mayUse(settings.limits, 'probes', name, record.repository) ? probes.look(name) : noProbe(name))
  return new Map(await Promise.all(names.map(async (name) => [name, await look(name)] as const)))
}

/** `canary 10 %` */
function doingOf({ release, rollout: number }: EnvironmentLock, releases: readonly ReleaseRecord[]): string {
  const record = releases.find(({ key }) => key === release)
  if (record === undefined) return 'not known here'
  const { rollout } = dataOf(record)
  return rollout?.number === number ? `${record.state.replaceAll('_', ' ')} ${rollout.step} %` : record.state.replaceAll('_', ' ')
}

/** The newest of the repository, whichever release made it. */
function lastRehearsal(releases: readonly ReleaseRecord[]): Rehearsed | null {
  const all = releases.flatMap((release) => dataOf(release).rehearsals.map((one) => ({ ...one, sha: release.head })))
  return all.toSorted((a, b) => a.at - b.at).at(-1) ?? null
}

const SERVES: ReadonlySet<ReleaseRecord['state']> = new Set(SERVED)

/** Its verdicts are what a trend is told against. */
async function lastReleased({ store }: Ports, record: ReleaseRecord, others: readonly ReleaseRecord[]): Promise<FullFacts['last']> {
  const served = others.filter(({ key, state }) => key !== record.key && SERVES.has(state))
  const last = served.toSorted((a, b) => (dataOf(b).rollout?.since ?? 0) - (dataOf(a).rollout?.since ?? 0))[0]
  return last === undefined ? null : { version: last.version, decided: await store.verdicts(last.key, last.head) }
}

/** Which gates the check runs a person re-requested belong to. */
function gatesOf(checkRuns: readonly number[], sha: string | null, outbox: readonly OutboxRow[]): GateId[] {
  const gates: GateId[] = []
  for (const row of outbox)
    if (row.effect.kind === 'check.create' && row.outcome?.id != null && (row.effect.sha === sha || checkRuns.includes(row.outcome.id))) {
      const gate = /^release-conductor\/([a-z_]+) \(/.exec(row.effect.name)?.[1]
      if (gate !== undefined) gates.push(gate as GateId)
    }
  return gates
}

function byKey(rows: readonly OutboxRow[]): ReadonlyMap<string, OutboxRow> {
  return new Map(rows.map((row) => [row.key, row]))
}
