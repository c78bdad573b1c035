/**
 * GitHub sends nothing a second time by itself, so what was lost is asked for again. What a release needs it reads anew at each sweep anyway; this brings what
 * no fact tells: that somebody pressed *Re-run*. One process at a time asks. Nothing is kept: GitHub's log says what was asked for, the inbox what came.
 */
import type { DeliveryLog } from '../github/deliveries.ts'
import type { Clock, Log, StorePort } from '../release/ports.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Inbox } from './inbox.ts'
import { missed } from './missed.ts'

const LEASE_MS = 60_000
/** Longer than all attempts at one delivery take. */
const OVERLAP_MS = 2 * 3_600_000
/** GitHub forgets then; Enterprise Server later. */
const REMEMBERED_MS = 3 * 24 * 3_600_000
/** Of a hundred attempts. */
const MOST_PAGES = 50
/** In one round; GitHub counts each as a write. */
const MOST_AGAIN = 100

export interface Redelivery {
  round(signal?: AbortSignal): Promise<void>
}

export interface RedeliveryParts {
  readonly appId: number
  readonly deliveries: DeliveryLog
  readonly inbox: Pick<Inbox, 'known' | 'latest'>
  readonly store: Pick<StorePort, 'lease' | 'free'>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Log
  /** This process, in leases. */
  readonly owner: string
}

export function redelivery({ appId, deliveries, inbox, store, clock, metrics, log, owner }: RedeliveryParts): Redelivery {
  let before: number | null = null
  const told = new Set<string>()

  async function look(signal: AbortSignal | undefined): Promise<void> {
    const now = clock.now()
    const last = before ?? (await inbox.latest()) ?? 0
    const attempts = await deliveries.since(Math.max(last - OVERLAP_MS, now - REMEMBERED_MS), MOST_PAGES)
    const known = await inbox.known(String(appId), [...new Set(attempts.map(({ guid }) => guid))])
    const { again, lost, missing } = missed(attempts, known, now)
    metrics.missing.set(missing)
    for (const { guid, event, at } of lost) {
      if (told.has(guid)) continue
      told.add(guid)
      metrics.redeliveries.inc({ result: 'given_up' })
      log.warn(
        { delivery: guid, event, at: new Date(at).toISOString() },
        'A delivery never came, although it was asked for again. The sweep reads what it told of.',
      )
    }
    for (const id of again.slice(0, MOST_AGAIN)) {
      if (signal?.aborted === true) return
      await deliveries.again(id)
      metrics.redeliveries.inc({ result: 'asked' })
    }
    if (again.length > 0) log.info({ asked: Math.min(again.length, MOST_AGAIN), missing }, 'Deliveries that did not come were asked for again.')
    // What is left for the next round is looked at from the same moment again.
    before = again.length <= MOST_AGAIN ? now : last
  }

  return {
    async round(signal) {
      const lease = await store.lease('deliveries', owner, clock.now(), LEASE_MS)
      if (lease === null) return
      try {
        await look(signal)
      } catch (error) {
        metrics.redeliveries.inc({ result: 'failed' })
        log.warn(
          { error: String(error) },
          'The log of deliveries at GitHub could not be read, or nothing could be asked for again; a later round tries.',
        )
      } finally {
        await store.free(lease)
      }
    },
  }
}
