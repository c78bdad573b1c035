/** Wiring: the operator's file -> the running App. Everything that has a state or an edge is made here once and given to the parts as a port. */
import { createPublicKey, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { localKeySigner } from '../evidence/sign/local-key.ts'
import { GATES } from '../gates/index.ts'
import { facts } from './github/facts.ts'
import { githubEffects, isGitHubEffect } from './github/apply/index.ts'
import { client as openClient } from './github/octokit.ts'
import { loadOperator, secretsOf, type Operator } from './operator.ts'
import type { Clock, EffectPort, Ports, StorePort } from './release/ports.ts'
import type { Context } from './release/reconcile.ts'
import { sealEffects } from './release/seal-effect.ts'
import { weightEffects } from './rollout/effects.ts'
import { scrape } from './rollout/metrics/scrape.ts'
import { weightedProxy } from './rollout/routers/weighted-proxy.ts'
import { startIngress } from './server.ts'
import { packFiles } from './store/pack-files.ts'
import { openPglite } from './store/pglite.ts'
import { openPostgres } from './store/postgres.ts'
import { openQueue } from './store/queue.ts'
import { openStore } from './store/store.ts'
import { createLogger } from './telemetry/logger.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { startWorker } from './worker.ts'

export interface App {
  readonly url: string
  close(): Promise<void>
}

const LEASE_MS = 15_000

/** @param operatorFile path of the operator's YAML @throws OperatorError, StoreError, WebhookError: nothing was started */
export async function serve(operatorFile: string, environment: Readonly<Record<string, string | undefined>> = process.env): Promise<App> {
  const operator = loadOperator(operatorFile, environment)
  const log = createLogger({ secrets: secretsOf(operator) })
  const metrics = createMetrics(true)
  const clock: Clock = { now: () => Date.now() }
  const sql = operator.databaseUrl === null ? await openPglite(join(operator.dataDir, 'db')) : await openPostgres(operator.databaseUrl)
  const store = await openStore(sql, clock)
  // The embedded database has one process: whoever held a lease in it is gone.
  if (sql.engine === 'pglite') await sql.rows('update conductor.leases set owner = null, expires_at = 0')
  const queue = await openQueue({ sql, databaseUrl: operator.databaseUrl, clock, log, metrics })
  const github = openClient({ appId: operator.github.appId, privateKey: operator.github.privateKey, baseUrl: operator.github.apiUrl })
  const ports: Ports = {
    read: facts(github),
    effects: effectsOf(operator, store, clock, github, metrics),
    store,
    clock,
    log,
    metrics: scrape(new Map(Object.entries(operator.metrics).map(([name, { source }]) => [name, source])), clock),
    random: {
      hex: (digits) =>
        randomBytes(Math.ceil(digits / 2))
          .toString('hex')
          .slice(0, digits),
    },
  }
  const context: Context = {
    ports,
    gates: GATES,
    owner: `${hostname()}:${process.pid}`,
    settings: { evidenceDeadlineMs: operator.evidenceDeadlineMs, sampleMs: operator.lookMs, leaseMs: LEASE_MS, publicUrl: '' },
  }
  const worker = await startWorker({ context, queue, metrics, log, sweepMs: operator.sweepMs, tenant: operator.tenant })
  const ingress = await startIngress({ operator, sql, onTrigger: (trigger) => queue.enqueue(trigger), log, metrics, clock })
  log.info({ url: ingress.url, database: sql.engine }, 'The App listens.')
  return {
    url: ingress.url,
    async close() {
      await ingress.close()
      await worker.stop()
      await queue.stop()
      await sql.close()
    },
  }
}

function effectsOf(operator: Operator, store: StorePort, clock: Clock, github: ReturnType<typeof openClient>, metrics: Metrics): EffectPort {
  const onGitHub = githubEffects(github)
  const routers = Object.entries(operator.routers).map(
    ([name, { admin, token }]) => [name, weightedProxy({ admin, ...(token !== null && { token }) })] as const,
  )
  const traffic = weightEffects(new Map(routers))
  const publicKeyPem = createPublicKey(operator.signing.key).export({ type: 'spki', format: 'pem' }).toString()
  const packs = sealEffects({
    store,
    clock,
    signer: localKeySigner({ id: operator.signing.id, privateKeyPem: operator.signing.key }),
    key: { id: operator.signing.id, publicKeyPem },
    files: packFiles(operator.artifactsDir),
  })
  return {
    async perform(repository, effect) {
      try {
        const outcome = isGitHubEffect(effect)
          ? await onGitHub.perform(repository, effect)
          : effect.kind === 'weight.set'
            ? await traffic.perform(effect)
            : await packs.perform(effect)
        metrics.effects.inc({ kind: effect.kind, result: 'done' })
        return outcome
      } catch (error) {
        metrics.effects.inc({ kind: effect.kind, result: 'failed' })
        throw error
      }
    },
    find: (repository, effect) =>
      isGitHubEffect(effect) ? onGitHub.find(repository, effect) : effect.kind === 'weight.set' ? traffic.find(effect) : packs.find(effect),
  }
}
