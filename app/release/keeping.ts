/**
 * Carries out where packs go, `release.publish` and `pack.keep`, apart from the looks at releases: neither an upload nor a store that is away must ever
 * make a look wait, because a look may have to bring traffic back. Same outbox: the intent was recorded with the seal, each attempt is marked, the outcome recorded. It is never given up; the status shows
 * what is pending and why.
 */
import { isRefused } from './again.ts'
import { leaving } from './leave.ts'
import type { Lease, OutboxRow, Ports } from './ports.ts'

/** A third of it for each call to leave in, two thirds for the longest upload. */
const LEASE_MS = 15 * 60_000
const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 60 * 60_000

export interface Keeping {
  /** One round over everything that waits. Answers the releases whose people should see something new. */
  round(signal?: AbortSignal): Promise<readonly string[]>
}

/** @param owner this process, in leases @param firstWaitMs after the first failure; doubles up to an hour */
export function keeping(ports: Pick<Ports, 'store' | 'effects' | 'clock' | 'log'>, owner: string, firstWaitMs = FIRST_WAIT_MS): Keeping {
  const { store, effects, clock, log } = ports
  /** In memory only: a new process tries at once, which an operator who mended something wants. */
  const notBefore = new Map<string, { readonly at: number; readonly wait: number }>()

  async function attempt(row: OutboxRow): Promise<boolean> {
    const lease = await store.lease(`keep/${row.key}`, owner, clock.now(), LEASE_MS)
    if (lease === null) return false
    try {
      return await carry(row, lease)
    } finally {
      await store.free(lease)
    }
  }

  /** True when people should see it: done, or failed for the first time. */
  async function carry(row: OutboxRow, lease: Lease): Promise<boolean> {
    const release = await store.release(row.releaseKey)
    const leave = leaving({ store, clock }, lease, LEASE_MS)
    if (release === null || !(await store.start(row.key, lease))) return false
    try {
      const found = row.state === 'started' ? await effects.find(release.repository, row.effect) : null
      const outcome = found ?? (await effects.perform(release.repository, row.effect, leave))
      await store.settle(row.key, { outcome }, [])
      notBefore.delete(row.key)
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const wait = Math.min(LONGEST_WAIT_MS, (notBefore.get(row.key)?.wait ?? firstWaitMs / 2) * 2)
      notBefore.set(row.key, { at: clock.now() + wait, wait })
      log.warn({ effect: row.key, attempts: row.attempts + 1, again_in_ms: wait, error: message }, 'a pack is not where it is to be kept yet')
      await store.settle(row.key, { error: message, final: false, refused: isRefused(row.effect, error) }, [])
      return row.error !== message
    }
  }

  return {
    async round(signal) {
      const changed = new Set<string>()
      for (const row of [...(await store.waiting('release.publish')), ...(await store.waiting('pack.keep'))]) {
        if (signal?.aborted === true) break
        if ((notBefore.get(row.key)?.at ?? 0) > clock.now()) continue
        if (await attempt(row)) changed.add(row.releaseKey)
      }
      return [...changed]
    },
  }
}
