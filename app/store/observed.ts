/** The store, with somebody who listens: what the rest of the App keeps in memory (the guardian, the counts) comes from here, at no query of its own. */
import type { Change, OutboxRow, ReleaseRecord, Sample, StorePort } from '../release/ports.ts'

export interface StoreObserver {
  /** A release as the store has it now: read, or just written. */
  seen?(record: ReleaseRecord): void
  /** A change that the store took. */
  committed?(change: Change): void
  outbox?(releaseKey: string, rows: readonly OutboxRow[]): void
  samples?(releaseKey: string, series: string, samples: readonly Sample[]): void
  /** Looks that were taken while the store could not keep them; they are kept before the next one, and told back by `samples`. */
  unkept?(releaseKey: string, series: string): readonly Sample[]
}

/** The same store; every answer of it is told to the observers before the caller has it. An observer must not throw. */
export function observed(store: StorePort, observers: readonly StoreObserver[]): StorePort {
  const seen = (records: readonly (ReleaseRecord | null)[]): void => {
    for (const record of records) if (record !== null) for (const observer of observers) observer.seen?.(record)
  }
  const all = async (asked: Promise<readonly ReleaseRecord[]>): Promise<readonly ReleaseRecord[]> => {
    const records = await asked
    seen(records)
    return records
  }
  const heard: Partial<StorePort> = {
    async release(key) {
      const record = await store.release(key)
      seen([record])
      return record
    },
    openReleases: () => all(store.openReleases()),
    recent: (limit) => store.recent(limit),
    releasesOf: (repositoryId) => all(store.releasesOf(repositoryId)),
    due: (now) => all(store.due(now)),
    async commit(change) {
      const taken = await store.commit(change)
      if (taken) {
        seen([change.release])
        for (const observer of observers) observer.committed?.(change)
      }
      return taken
    },
    async outbox(releaseKey) {
      const rows = await store.outbox(releaseKey)
      for (const observer of observers) observer.outbox?.(releaseKey, rows)
      return rows
    },
    async keepSample(releaseKey, series, sample) {
      for (const observer of observers)
        for (const earlier of observer.unkept?.(releaseKey, series) ?? []) await store.keepSample(releaseKey, series, earlier)
      await store.keepSample(releaseKey, series, sample)
    },
    async samples(releaseKey, series) {
      const samples = await store.samples(releaseKey, series)
      for (const observer of observers) observer.samples?.(releaseKey, series, samples)
      return samples
    },
  }
  return new Proxy(store, {
    get(target, property) {
      const own: unknown = Reflect.get(heard, property)
      if (own !== undefined) return own
      const member: unknown = Reflect.get(target, property, target)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}
