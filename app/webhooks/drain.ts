/**
 * Moves deliveries on: journal -> inbox table -> router. Both loops run while there is work and sleep until they are woken; a timer looks again, so a
 * missed wake costs time and nothing else. A database that does not answer leaves deliveries in the journal.
 */
import type { Clock, Log } from '../release/ports.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Inbox, InboxRow } from './inbox.ts'
import type { Journal } from './journal.ts'
import { UnreadableDelivery, type Router } from './router.ts'

export interface Drain {
  /** There may be work. */
  wake(): void
  /** Resolves when the journal is empty and every delivery that can be handled now is. */
  idle(): Promise<void>
  /** Finishes what is being handled and stops. */
  stop(): Promise<void>
}

export interface DrainOptions {
  readonly journal: Journal
  readonly inbox: Inbox
  readonly router: Router
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  /** Looks again at least this often. Milliseconds. */
  readonly everyMs?: number
  /** Deliveries handled at a time. */
  readonly width?: number
}

export function startDrain({ journal, inbox, router, metrics, clock, log, everyMs = 1000, width = 8 }: DrainOptions): Drain {
  const stopping = new AbortController()
  let again = false
  let wakeUp: (() => void) | null = null
  let waiters: (() => void)[] = []

  async function toInbox(): Promise<void> {
    while (journal.pending()) {
      const deliveries = await journal.peek()
      if (deliveries.length === 0) continue
      for (const [index, result] of (await inbox.receive(deliveries)).entries()) {
        metrics.deliveries.inc({ result })
        const head = deliveries[index]?.head
        if (result === 'conflict')
          log.warn({ guid: head?.guid, event: head?.event }, 'A delivery id came again with another body or event. It is kept and not handled.')
      }
      await journal.taken()
    }
  }

  async function toRouter(): Promise<void> {
    while (!stopping.signal.aborted) {
      const rows = await inbox.claim(width)
      if (rows.length === 0) return
      await Promise.all(rows.map(handle))
    }
  }

  async function handle(row: InboxRow): Promise<void> {
    try {
      await router.receive({ id: row.guid, name: row.event, body: row.body })
      await inbox.handled(row)
      metrics.deliveries.inc({ result: 'handled' })
    } catch (error) {
      const next = await inbox.failed(row, String(error), error instanceof UnreadableDelivery)
      metrics.deliveries.inc({ result: 'gone' in next ? 'failed' : 'retried' })
      const fields = { guid: row.guid, event: row.event, attempt: row.attempts, error: String(error) }
      if ('gone' in next) log.error(fields, 'A delivery could not be handled and is given up. The sweep still looks at every open release.')
      else log.warn(fields, 'A delivery could not be handled and is tried again.')
    }
  }

  async function round(): Promise<void> {
    try {
      await toInbox()
      await toRouter()
      metrics.inboxDepth.set(await inbox.depth())
    } catch (error) {
      log.error({ error: String(error) }, 'Deliveries cannot be moved on. They stay where they are and are tried again.')
    }
  }

  async function nap(): Promise<void> {
    const due = await inbox.nextDue().catch(() => null)
    if (again || stopping.signal.aborted) return
    const wait = due === null ? everyMs : Math.max(10, Math.min(everyMs, due - clock.now()))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, wait)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waited = waiters
      waiters = []
      again = false
      await round()
      for (const resolve of waited) resolve()
      if (!again) await nap()
    }
    // What came in while the last round ended goes to the database too, so that a clean stop leaves an empty journal.
    await toInbox().catch((error: unknown) => log.warn({ error: String(error) }, 'The journal keeps deliveries for the next start.'))
    for (const resolve of waiters) resolve()
  }

  function wake(): void {
    again = true
    wakeUp?.()
  }

  const running = run()
  return {
    wake,
    async idle() {
      const done = new Promise<void>((resolve) => {
        waiters.push(resolve)
      })
      wake()
      await done
    },
    async stop() {
      stopping.abort()
      wake()
      await running
    },
  }
}
