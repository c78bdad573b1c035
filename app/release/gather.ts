/** Reads the world into facts; decides nothing. A tick reads traffic only, a full look reads GitHub and the evidence as well. */
import { sha256 } from '../../evidence/core/digest.ts'
import { pullRequestDigest } from '../../agents/collect/inputs.ts'
import { describeProblem, parseConfig, type ParsedConfig } from '../../evidence/config/parse.ts'
import { originOf } from '../../evidence/ledger/checkpoint.ts'
import { CONFIG_MAX_BYTES, CONFIG_PATH } from '../../evidence/model/config.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import { urlsToLookAt } from '../rollout/golden-paths.ts'
import { hookRuns } from '../rollout/hooks.ts'
import type { Rehearsed } from '../rollout/rehearsal.ts'
import { basisOf } from '../commands/plan.ts'
import { admitRuns } from './admit.ts'
import { ReleaseError } from './error.ts'
import type { ConfigFacts, Facts, FullFacts } from './facts.ts'
import { guardedOf, toCome } from './guarded.ts'
import { readOrders } from './order-facts.ts'
import { liveSchemas, readSchemas } from './schemas.ts'
import type { EnvironmentLock, OutboxRow, Ports, PullFacts, ReleaseRecord, Repository, SignedPosition, WaitingJob } from './ports.ts'
import type { Context } from './reconcile.ts'
import { provenAt } from './promotion.ts'
import { renewalOf } from './renewal.ts'
import { sampled } from './sampling.ts'
import { slosAt } from './slos.ts'
import type { Serving } from './before.ts'
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
}

export const NO_NEWS: News = { comments: false, runs: false, rerequested: [], rerequestedAll: [], waiting: [] }

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
  const newest = await configAt(ports, repository, isFrozen && data.policy !== null ? data.policy.commit : pull.base.ref)
  const config = asFirstRead(newest, data.policy)
  const window = await windowOf(ports, repository, pull, config)
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
  const waivers = waiversOf(record, head, (key) => outbox.find((row) => row.key === key)?.outcome ?? null)
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
  const orders = config.ok
    ? await readOrders(ports, { record, pull, config: config.config, outbox, head, basis, verdicts, now, granted }, news.comments)
    : []
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
      window,
      ...(slos === undefined ? {} : { slos }),
      ...(renewal === undefined ? {} : { renewal }),
      inputs,
      evidence,
      waivers,
      rejections,
      runs,
      orders,
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

/** The config at a branch or commit of the base, never of the head. */
export async function configAt(ports: Ports, repository: Repository, ref: string): Promise<ConfigFacts> {
  const file = await ports.read.file(repository, CONFIG_PATH, ref, CONFIG_MAX_BYTES)
  if (file === null) return { ok: false, code: 'config.absent', message: `there is no ${CONFIG_PATH} on ${ref}` }
  return configOfText(file.text, file.commit)
}

/** @param commit where it was read */
export function configOfText(text: string, commit: string): ConfigFacts {
  const parsed = parseOnce(text)
  if (!parsed.ok)
    return {
      ok: false,
      code: 'config.invalid',
      message: parsed.errors
        .map((problem) => describeProblem(problem, CONFIG_PATH))
        .join('; ')
        .slice(0, 1500),
    }
  return { ok: true, config: parsed.config, commit, digest: sha256(text), text }
}

const parsedTexts = new Map<string, ParsedConfig>()

/** Parsing is pure and configs rarely change: the last few are kept. */
function parseOnce(text: string): ParsedConfig {
  const known = parsedTexts.get(text)
  if (known !== undefined) return known
  const parsed = parseConfig(text)
  if (parsedTexts.size >= 32) parsedTexts.clear()
  parsedTexts.set(text, parsed)
  return parsed
}

/** What agents read beside the commit itself: a change here makes their evidence stale. */
function inputsOf(pull: PullFacts, config: ConfigFacts): Record<string, string> {
  const pullRequest = pullRequestDigest(pull)
  return config.ok ? { pullRequest, policy: config.digest } : { pullRequest }
}

/** Of the way home only: otherwise nothing asks. */
async function probedOf({ ports }: Context, record: ReleaseRecord): Promise<NonNullable<Facts['probed']>> {
  const { probes } = ports
  if (probes === undefined || (record.state !== 'rolling_back' && record.state !== 'stage')) return new Map()
  const names = urlsToLookAt(dataOf(record).rollout)
  return new Map(await Promise.all(names.map(async (name) => [name, await probes.look(name)] as const)))
}

/** `canary 10 %` */
function doingOf({ release, rollout: number }: EnvironmentLock, releases: readonly ReleaseRecord[]): string {
  const record = releases.find(({ key }) => key === release)
  if (record === undefined) return 'not known here'
  const { rollout } = dataOf(record)
  return rollout?.number === number ? `${record.state.replaceAll('_', ' ')} ${rollout.step} %` : record.state.replaceAll('_', ' ')
}

/** The newest release that reached everyone, by environment. */
function deployedNow(releases: readonly ReleaseRecord[]): Record<string, Serving> {
  const deployed: Record<string, Serving> = {}
  const served = releases.flatMap((release) => {
    const { ended, rollout } = dataOf(release)
    return SERVES.has(release.state) && rollout !== null ? [...ended, rollout].map((one) => ({ release, rollout: one })) : []
  })
  for (const { release, rollout } of served.toSorted((a, b) => a.rollout.since - b.rollout.since))
    if (rollout.digests !== null && rollout.stage === 'done')
      deployed[rollout.environment] = { version: release.version, sha: release.head, digests: rollout.digests }
  return deployed
}

/** The newest of the repository, whichever release made it. */
function lastRehearsal(releases: readonly ReleaseRecord[]): Rehearsed | null {
  const all = releases.flatMap((release) => dataOf(release).rehearsals.map((one) => ({ ...one, sha: release.head })))
  return all.toSorted((a, b) => a.at - b.at).at(-1) ?? null
}

const SERVES: ReadonlySet<ReleaseRecord['state']> = new Set(SERVED)

/** Asked for a release that owes its proof: of the newest later one. */
async function provenIn({ read }: Ports, record: ReleaseRecord, others: readonly ReleaseRecord[]): Promise<string | null> {
  if (openGlass(dataOf(record)).length === 0) return null
  const later = others.filter(({ state, pull }) => state === 'ga' && pull > record.pull).toSorted((a, b) => b.pull - a.pull)[0]
  return later !== undefined && (await read.contains(record.repository, record.head, later.head)) ? later.version : null
}

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
