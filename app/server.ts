/**
 * The way in as one thing: front door -> journal -> inbox -> router -> triggers. What happens with a trigger is the caller's; `app/index.ts` gives it to
 * the queue. Closing stops the intake first, then moves everything that was answered 202 into the database.
 */
import { join } from 'node:path'
import type { Operator } from './operator.ts'
import type { Clock, Trigger } from './release/ports.ts'
import type { Sql } from './store/sql.ts'
import type { Logger } from './telemetry/logger.ts'
import type { Metrics } from './telemetry/metrics.ts'
import type { Web } from './web/web.ts'
import { startDrain } from './webhooks/drain.ts'
import type { JournalFiles } from './webhooks/files.ts'
import { openFrontDoor } from './webhooks/front-door.ts'
import { createInbox } from './webhooks/inbox.ts'
import { openJournal } from './webhooks/journal.ts'
import { openRouter } from './webhooks/router.ts'

export interface IngressOptions {
  readonly operator: Pick<Operator, 'github' | 'secrets' | 'listen' | 'dataDir'>
  /** Migrated: `openStore` does it. */
  readonly sql: Sql
  /** Resolves when the trigger is safe, for instance in the queue. A rejection has the delivery handled again later. */
  readonly onTrigger: (trigger: Trigger) => Promise<void>
  readonly log: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  /** Disk of the journal; tests give one without space. */
  readonly files?: JournalFiles
  /** What else is not ready, for /readyz. */
  readonly unready?: () => Promise<readonly string[]>
  /** What is shown in a browser; closed with the intake. */
  readonly web?: Web
}

export interface Ingress {
  readonly url: string
  readonly port: number
  /** Resolves when everything received so far was handed on as triggers (or failed and waits). */
  idle(): Promise<void>
  /** Forgets old deliveries. */
  sweep(): Promise<void>
  /** Stops the intake, drains, closes. The database stays open: it is the caller's. */
  close(): Promise<void>
}

const READY_MS = 2000

/** @throws StoreError, WebhookError, or the socket's error when the address is in use */
export async function startIngress({ operator, sql, onTrigger, log, metrics, clock, files, unready, web }: IngressOptions): Promise<Ingress> {
  const { appId, privateKey, apiUrl } = operator.github
  const journal = await openJournal({
    folder: join(operator.dataDir, 'journal'),
    log,
    onSync: () => metrics.journalSyncs.inc(),
    ...(files === undefined ? {} : { files }),
  })
  const inbox = createInbox(sql, clock)
  if (sql.engine === 'pglite') await inbox.reclaim()
  const router = await openRouter({ appId, privateKey, apiUrl, secret: operator.secrets.current, log, metrics, onTrigger })
  const drain = startDrain({ journal, inbox, router, metrics, clock, log })
  const door = await openFrontDoor({
    ...operator.listen,
    appId,
    secrets: operator.secrets,
    journal,
    metrics,
    clock,
    log,
    onKept: () => drain.wake(),
    ...(web === undefined ? {} : { web: (path, request, response) => web.answer(path, request, response) }),
    async unready() {
      const [database, space, rest] = await Promise.all([answers(sql), journal.probe(), unready?.() ?? []])
      return [
        ...(database ? [] : ['The database does not answer.']),
        ...(space ? [] : [journal.trouble()?.message ?? 'The journal cannot be written.']),
        ...rest,
      ]
    },
  }).catch(async (error: unknown) => {
    await drain.stop()
    await journal.close()
    throw error
  })
  return {
    url: door.url,
    port: door.port,
    idle: () => drain.idle(),
    sweep: () => inbox.sweep(),
    async close() {
      web?.close()
      await door.close()
      await drain.stop()
      await journal.close()
    },
  }
}

async function answers(sql: Sql): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_MS)
  })
  const asked = sql.rows('select 1').then(
    () => true,
    () => false,
  )
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}
