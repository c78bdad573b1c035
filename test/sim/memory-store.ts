/** StorePort in memory, for the simulator: the same promises as the SQL store (both run test/app/store/contract.ts), at a thousandth of the cost. Values are shared, not copied: the types say readonly. */
import { sha256 } from '../../evidence/core/digest.ts'
import { link, type LedgerEntry } from '../../evidence/ledger/chain.ts'
import { Frontier } from '../../evidence/core/merkle.ts'
import { leafOf } from '../../evidence/ledger/checkpoint.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { FINAL } from '../../app/release/state.ts'
import { StoreError } from '../../app/store/error.ts'
import { MOST_ORDERS } from '../../app/store/page-orders.ts'
import type {
  Change,
  Clock,
  Effect,
  EnvironmentLock,
  EvidenceRow,
  Lease,
  LedgerEvent,
  LedgerPart,
  OutboxRow,
  PageOrder,
  Position,
  Rejection,
  ReleaseRecord,
  Sample,
  StorePort,
} from '../../app/release/ports.ts'

type Verdicts = Awaited<ReturnType<StorePort['verdicts']>>

export class MemoryStore implements StorePort {
  private readonly clock: Clock
  private readonly releases = new Map<string, ReleaseRecord>()
  private readonly rows = new Map<string, OutboxRow>()
  private readonly chains = new Map<string, LedgerEntry[]>()
  private readonly trees = new Map<string, Frontier>()
  private readonly rowsOfEvidence: { releaseKey: string; sha: string; row: EvidenceRow }[] = []
  private readonly rejected: { releaseKey: string; rejection: Rejection }[] = []
  private readonly seen = new Set<string>()
  private readonly bytes = new Map<string, Uint8Array>()
  private readonly series = new Map<string, Sample[]>()
  private readonly held = new Map<string, Lease & { expires: number }>()
  private readonly fences = new Map<string, number>()
  private readonly locked = new Map<string, { readonly repository: number; readonly fence: number; readonly lock: EnvironmentLock | null }>()
  private orders: readonly { readonly releaseKey: string; readonly order: PageOrder }[] = []
  private readonly decided = new Map<string, Map<string, Verdicts[number]>>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  async release(key: string): Promise<ReleaseRecord | null> {
    return this.releases.get(key) ?? null
  }

  async openReleases(): Promise<readonly ReleaseRecord[]> {
    return [...this.releases.values()].filter((release) => !FINAL.includes(release.state))
  }

  async recent(limit: number): Promise<readonly ReleaseRecord[]> {
    return [...this.releases.values()]
      .toSorted((a, b) => Number(FINAL.includes(a.state)) - Number(FINAL.includes(b.state)) || b.pull - a.pull || a.repository.id - b.repository.id)
      .slice(0, limit)
  }

  async releasesOf(repositoryId: number): Promise<readonly ReleaseRecord[]> {
    return [...this.releases.values()].filter((release) => release.repository.id === repositoryId)
  }

  async due(now: number): Promise<readonly ReleaseRecord[]> {
    return [...this.releases.values()].filter((release) => release.dueAt !== null && release.dueAt <= now)
  }

  async commit(change: Change): Promise<boolean> {
    const { key } = change.release
    const current = this.releases.get(key)
    if ((current?.revision ?? null) !== change.expected || !this.newest(change.lease)) return false
    if (change.also !== undefined && !this.newest(change.also)) return false
    if (!this.changeLock(change)) return false
    this.releases.set(key, { ...change.release, revision: (change.expected ?? 0) + 1 })
    this.link(key, change.events)
    this.record(key, change.intents)
    const verdicts = this.decided.get(key) ?? new Map<string, Verdicts[number]>()
    for (const verdict of change.verdicts) verdicts.set(`${verdict.verdict.sha}/${verdict.gate}/${verdict.verdict.env}`, verdict)
    this.decided.set(key, verdicts)
    this.orders = this.orders.filter(({ order }) => change.answered?.includes(order.id) !== true)
    return true
  }

  async intend({ key, lease, intents, events }: Parameters<StorePort['intend']>[0]): Promise<boolean> {
    if (!this.newest(lease)) return false
    this.link(key, events)
    this.record(key, intents)
    return true
  }

  private record(key: string, intents: readonly Effect[]): void {
    for (const effect of intents) {
      if (this.rows.has(effect.key)) continue
      this.rows.set(effect.key, { key: effect.key, releaseKey: key, effect: effect, state: 'intended', outcome: null, error: null, attempts: 0 })
      this.link(key, [{ type: 'effect.intended', data: small(effect) }])
    }
  }

  async locks(repositoryId: number): Promise<readonly EnvironmentLock[]> {
    return [...this.locked.values()].filter((one) => one.repository === repositoryId && one.lock !== null).flatMap((one) => one.lock ?? [])
  }

  private changeLock({ release, lock }: Change): boolean {
    if (lock === undefined || lock === null) return true
    const place = `${release.repository.id} ${lock.environment}`
    const { fence, lock: held } = this.locked.get(place) ?? { fence: 0, lock: null }
    const ours = held?.release === release.key
    const set = (next: EnvironmentLock | null): true => {
      this.locked.set(place, { repository: release.repository.id, fence: next?.fence ?? fence, lock: next })
      return true
    }
    if ('fence' in lock) {
      const same = ours && held.fence === lock.fence
      return lock.kind === 'keep' ? same : same ? set(null) : true
    }
    if (lock.kind === 'take' && held !== null && !ours) return false
    const { environment, rollout, since } = lock
    return set({ environment, release: release.key, version: release.version, rollout, since, fence: fence + 1 })
  }

  async outbox(releaseKey: string): Promise<readonly OutboxRow[]> {
    return [...this.rows.values()].filter((row) => row.releaseKey === releaseKey)
  }

  async waiting(kind: Effect['kind']): Promise<readonly OutboxRow[]> {
    return [...this.rows.values()].filter((row) => row.effect.kind === kind && (row.state === 'intended' || row.state === 'started'))
  }

  async unfinished(): Promise<ReadonlySet<string>> {
    return new Set([...this.rows.values()].filter(({ state }) => state === 'intended' || state === 'started').map(({ releaseKey }) => releaseKey))
  }

  async start(key: string, lease: Lease): Promise<boolean> {
    const row = this.row(key)
    if (row.state === 'done' || row.state === 'failed' || !this.newest(lease)) return false
    this.rows.set(key, { ...row, state: 'started', attempts: row.attempts + 1 })
    return true
  }

  async settle(key: string, result: Parameters<StorePort['settle']>[1], events: readonly LedgerEvent[]): Promise<void> {
    const row = this.row(key)
    if (row.state === 'done') return
    const { kind } = row.effect
    this.rows.set(
      key,
      'outcome' in result
        ? { ...row, state: 'done', outcome: result.outcome, error: null }
        : { ...row, state: result.final ? 'failed' : 'started', error: result.error },
    )
    const entry =
      'outcome' in result
        ? { type: 'effect.done', data: { key, kind, outcome: result.outcome } }
        : { type: 'effect.failed', data: { key, kind, error: result.error, final: result.final, attempt: row.attempts } }
    this.link(row.releaseKey, [entry, ...events])
  }

  async append(releaseKey: string, events: readonly LedgerEvent[]): Promise<void> {
    this.link(releaseKey, events)
  }

  async verdicts(releaseKey: string, sha: string): Promise<Verdicts> {
    return [...(this.decided.get(releaseKey)?.values() ?? [])].filter(({ verdict }) => verdict.sha === sha)
  }

  async keepEvidence(of: Parameters<StorePort['keepEvidence']>[0]): Promise<void> {
    const source = `${of.releaseKey} ${of.source}`
    if (this.seen.has(source)) return
    this.seen.add(source)
    for (const row of of.rows) this.rowsOfEvidence.push({ releaseKey: of.releaseKey, sha: of.sha, row: row })
    for (const rejection of of.rejections) this.rejected.push({ releaseKey: of.releaseKey, rejection })
    this.link(of.releaseKey, of.events)
  }

  async evidence(releaseKey: string, sha: string): Promise<readonly EvidenceRow[]> {
    return this.rowsOfEvidence.filter((kept) => kept.releaseKey === releaseKey && kept.sha === sha).map((kept) => kept.row)
  }

  async rejections(releaseKey: string): Promise<readonly Rejection[]> {
    return this.rejected.filter((kept) => kept.releaseKey === releaseKey).map((kept) => kept.rejection)
  }

  async sources(releaseKey: string): Promise<ReadonlySet<string>> {
    return new Set([...this.seen].filter((source) => source.startsWith(`${releaseKey} `)).map((source) => source.slice(releaseKey.length + 1)))
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const digest = sha256(bytes)
    this.bytes.set(digest, bytes)
    return digest
  }

  async blob(digest: string): Promise<Uint8Array | null> {
    return this.bytes.get(digest) ?? null
  }

  async ledger(releaseKey: string, part?: LedgerPart): Promise<readonly LedgerEntry[]> {
    const chain = this.chains.get(releaseKey) ?? []
    return part === undefined ? chain : chain.slice(part.from, part.from + part.count)
  }

  /** Kept as far as it was asked for: most releases of the simulator are never asked. */
  async position(releaseKey: string): Promise<Position | null> {
    const chain = this.chains.get(releaseKey) ?? []
    const tree = this.trees.get(releaseKey) ?? new Frontier()
    this.trees.set(releaseKey, tree)
    for (const entry of chain.slice(tree.size)) tree.append(leafOf(entry))
    return tree.size === 0 ? null : { size: tree.size, root: Buffer.from(tree.root()).toString('hex') }
  }

  async order(releaseKey: string, order: PageOrder): Promise<boolean> {
    if (this.orders.some((kept) => kept.order.id === order.id)) return true
    if ((await this.pageOrders(releaseKey)).length >= MOST_ORDERS) return false
    this.orders = [...this.orders, { releaseKey, order }]
    return true
  }

  async pageOrders(releaseKey: string): Promise<readonly PageOrder[]> {
    return this.orders.filter((kept) => kept.releaseKey === releaseKey).map(({ order }) => order)
  }

  async keepSample(releaseKey: string, step: string, sample: Sample): Promise<void> {
    const key = `${releaseKey} ${step}`
    const kept = this.series.get(key) ?? []
    if (kept.some((one) => one.at === sample.at)) return
    this.series.set(
      key,
      [...kept, sample].toSorted((a, b) => a.at - b.at),
    )
  }

  async dropSamples({ key, revision }: Pick<ReleaseRecord, 'key' | 'revision'>, step: string, at: readonly number[]): Promise<void> {
    if (this.releases.get(key)?.revision !== revision) return
    const name = `${key} ${step}`
    this.series.set(
      name,
      (this.series.get(name) ?? []).filter((one) => !at.includes(one.at)),
    )
  }

  async samples(releaseKey: string, step: string): Promise<readonly Sample[]> {
    return this.series.get(`${releaseKey} ${step}`) ?? []
  }

  async lease(key: string, owner: string, now: number, ttlMs: number): Promise<Lease | null> {
    const current = this.held.get(key)
    if (current !== undefined && current.expires > now && current.owner !== owner) return null
    const fence = current !== undefined && current.owner === owner && current.expires > now ? current.fence : (this.fences.get(key) ?? 0) + 1
    this.fences.set(key, fence)
    this.held.set(key, { key, owner, fence, expires: now + ttlMs })
    return { key, owner, fence }
  }

  async free(lease: Lease): Promise<void> {
    if (this.held.get(lease.key)?.fence === lease.fence) this.held.delete(lease.key)
  }

  /** Everybody's lease is the newest: for the simulator's switch. */
  level(key: string, owner: string): Lease {
    const lease = { key, owner, fence: 0 }
    this.held.set(key, { ...lease, expires: Number.POSITIVE_INFINITY })
    return lease
  }

  private newest(lease: Lease): boolean {
    return this.held.get(lease.key)?.fence === lease.fence
  }

  private row(key: string): OutboxRow {
    const row = this.rows.get(key)
    if (row === undefined) throw new StoreError('unknown-effect', `No intent ${key} was recorded.`)
    return row
  }

  private link(releaseKey: string, events: readonly LedgerEvent[]): void {
    const chain = this.chains.get(releaseKey) ?? []
    for (const event of events)
      chain.push(link(chain.at(-1) ?? null, { release: releaseKey, at: timestamp(this.clock.now()), type: event.type, data: event.data }))
    this.chains.set(releaseKey, chain)
  }
}

/** What of an effect stands in the ledger: its plain values. */
function small(effect: Effect): LedgerEvent['data'] {
  return Object.fromEntries(
    Object.entries(effect).filter(([, value]) => value === null || (typeof value !== 'object' && String(value).length <= 200)),
  )
}
