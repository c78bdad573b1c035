/**
 * The store of `app/release/ports.ts` over SQL. Every write is one transaction, durable when it resolves. Rows are locked in one order (lease, release,
 * environment, effect or source, chain), so writers wait for each other and never deadlock.
 */
import type { Clock, StorePort } from '../release/ports.ts'
import { intend, readOutbox, readUnfinished, readWaiting, settleEffect, startEffect } from './effects.ts'
import { readLocks } from './environments.ts'
import { keepEvidence, putBlob, readBlob, readEvidence, readRejections, readSources, readVerdicts } from './evidence.ts'
import { freeLease, takeLease } from './leases.ts'
import { appendEntries, readLedger, readPosition } from './ledger.ts'
import { migrate } from './migrate.ts'
import { keepOrder, readOrders } from './page-orders.ts'
import { commitChange, readDue, readOfRepository, readOpen, readRecent, readRelease } from './releases.ts'
import { samplesIn } from './samples.ts'
import type { Sql } from './sql.ts'

/** Migrates, then answers the store. @throws StoreError */
export async function openStore(sql: Sql, clock: Clock): Promise<StorePort> {
  await migrate(sql)
  const samples = samplesIn(sql)
  return {
    release: (key) => readRelease(sql, key),
    openReleases: () => readOpen(sql),
    recent: (limit) => readRecent(sql, limit),
    releasesOf: (repositoryId) => readOfRepository(sql, repositoryId),
    due: (now) => readDue(sql, now),
    locks: (repositoryId) => readLocks(sql, repositoryId),
    commit: (change) => commitChange(sql, clock, change),
    outbox: (releaseKey) => readOutbox(sql, releaseKey),
    waiting: (kind) => readWaiting(sql, kind),
    unfinished: () => readUnfinished(sql),
    intend: (of) => intend(sql, clock, of),
    start: (key, lease) => startEffect(sql, key, lease),
    settle: (key, result, events) => settleEffect(sql, clock, key, result, events),
    append: (releaseKey, events) => sql.transaction((query) => appendEntries(query, clock, releaseKey, events)),
    verdicts: (releaseKey, sha) => readVerdicts(sql, releaseKey, sha),
    keepEvidence: (of) => keepEvidence(sql, clock, of),
    evidence: (releaseKey, sha) => readEvidence(sql, releaseKey, sha),
    rejections: (releaseKey) => readRejections(sql, releaseKey),
    sources: (releaseKey) => readSources(sql, releaseKey),
    putBlob: (bytes) => putBlob(sql, bytes),
    blob: (digest) => readBlob(sql, digest),
    ledger: (releaseKey, part) => readLedger(sql, releaseKey, part),
    position: (releaseKey) => readPosition(sql, releaseKey),
    keepSample: (releaseKey, step, sample) => samples.keep(releaseKey, step, sample),
    samples: (releaseKey, step) => samples.read(releaseKey, step),
    dropSamples: (release, step, at) => samples.drop(release, step, at),
    order: (releaseKey, order) => keepOrder(sql, releaseKey, order),
    pageOrders: (releaseKey) => readOrders(sql, releaseKey),
    lease: (key, owner, now, ttlMs) => takeLease(sql, key, owner, now, ttlMs),
    free: (lease) => freeLease(sql, lease),
  }
}
