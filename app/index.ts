/** Wiring: the operator's file -> the running App. Everything that has a state or an edge is made here once and given to the parts as a port. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSpans, secretsOfSpans } from '../agents/spans.ts'
import { drawPng } from '../evidence/chart/png.ts'
import { notary } from '../evidence/ledger/checkpoint.ts'
import { trustOf } from '../evidence/verify/trust.ts'
import { GATES } from '../gates/index.ts'
import { readyPolicy } from '../gates/policy/decide.ts'
import { facts } from './github/facts.ts'
import { history } from './github/history.ts'
import { githubEffects, isGitHubEffect } from './github/apply/index.ts'
import { deliveryLog } from './github/deliveries.ts'
import { installed } from './github/installations.ts'
import { client as openClient } from './github/octokit.ts'
import { logOfPacks, signersOf } from './signing.ts'
import type { Archive } from './keep/archive.ts'
import { keepEffects } from './keep/keep-effect.ts'
import { openArchive } from './keep/open.ts'
import { limited } from './limited.ts'
import { loadOperator, secretsOf, type Operator } from './operator.ts'
import { policyServer } from './outgoing/opa.ts'
import { probes } from './outgoing/probe.ts'
import { webhookEffects } from './outgoing/webhooks.ts'
import { keeping } from './release/keeping.ts'
import { knownRuns } from './release/known-runs.ts'
import type { Clock, EffectPort, Log, Ports, StorePort } from './release/ports.ts'
import type { Context } from './release/reconcile.ts'
import { logEffects } from './release/log-effect.ts'
import { sealEffects } from './release/seal-effect.ts'
import { weightEffects } from './rollout/effects.ts'
import { RolloutError } from './rollout/error.ts'
import { guardian, type Guardian } from './rollout/guardian.ts'
import { measuredBy, metricsSources } from './rollout/metrics/sources.ts'
import { openRollbackFile } from './rollout/rollback-file.ts'
import { adapterOf } from './rollout/routers/adapter.ts'
import { startIngress } from './server.ts'
import { openJobGate } from './web/job-gate.ts'
import { openMembers } from './web/members.ts'
import { pageAddresses } from './web/page-address.ts'
import { pictureAddresses } from './web/picture-address.ts'
import type { PictureOf } from './release/facts.ts'
import { hostOfPeople } from './web/host.ts'
import { openWeb } from './web/web.ts'
import { openMinutes } from './store/minutes.ts'
import { observed } from './store/observed.ts'
import { packFiles } from './store/pack-files.ts'
import { openPglite } from './store/pglite.ts'
import { openPostgres } from './store/postgres.ts'
import { openQueue } from './store/queue.ts'
import { openStore } from './store/store.ts'
import { GITHUB_MS, LEASE_MS } from './takeover.ts'
import { counting } from './telemetry/counting.ts'
import { createLogger, logOf } from './telemetry/logger.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { telling, traced } from './telemetry/tracing.ts'
import { createInbox } from './webhooks/inbox.ts'
import { redelivery } from './webhooks/redelivery.ts'
import { warnOfOpenNames, warnOfStores } from './warnings.ts'
import { startWorker } from './worker.ts'

export interface App {
  readonly url: string
  close(): Promise<void>
}

/** A log that answers so soon costs no further look. */
const SOON_MS = 1_500
/** Of an end that was asked for: looks, queue and intake together. The process then ends whatever still runs. */
const GRACE_MS = 8_000

/** @param operatorFile path of the operator's YAML @throws OperatorError, StoreError, WebhookError, RolloutError: nothing was started */
export async function serve(operatorFile: string, environment: Readonly<Record<string, string | undefined>> = process.env): Promise<App> {
  const operator = loadOperator(operatorFile, environment)
  const policy = await readyPolicy()
  await using parts = new AsyncDisposableStack()
  const clock: Clock = { now: () => Date.now() }
  const archive = openArchive(operatorFile, clock, environment, () => Promise.resolve(github))
  const log = createLogger({ secrets: [...secretsOf(operator), ...archive.secrets, ...secretsOfSpans(environment)] })
  const spans = await openSpans({
    environment,
    service: 'release-conductor',
    onFailure: (error) => log.warn({ error }, 'Spans could not be sent; they are dropped.'),
  })
  parts.defer(() => spans.close())
  const metrics = createMetrics(true)
  const words = { env: operator.env, tenant: operator.tenant }
  const owner = `${hostname()}:${process.pid}`
  const addresses = { page: pageAddresses(operator.signing.key), picture: pictureAddresses(operator.signing.key) }
  const settings = {
    evidenceDeadlineMs: operator.evidenceDeadlineMs,
    sampleMs: operator.lookMs,
    sources: measuredBy(operator.metrics),
    routers: Object.keys(operator.routers),
    webhooks: Object.keys(operator.webhooks),
    probes: Object.keys(operator.probes),
    limits: operator.limits,
    leaseMs: LEASE_MS,
    app: operator.github.appId,
    publicUrl: operator.publicUrl ?? '',
    ...(operator.tracesUrl === null ? {} : { tracesUrl: operator.tracesUrl }),
    ...(operator.publicUrl === null ? {} : { picture: (of: PictureOf, at: number) => `${operator.publicUrl}${addresses.picture.pathOf(of, at)}` }),
    ...(operator.publicUrl === null || operator.pages === 'off'
      ? {}
      : { page: (release: string) => `${operator.publicUrl}${addresses.page.pathOf(release)}` }),
    log: operator.rekor?.version ?? null,
  }
  const measured = metricsSources(operator.metrics, clock)
  const traffic = weightEffects(new Map(Object.entries(operator.routers).map(([name, router]) => [name, adapterOf(router)] as const)))
  const counts = counting(metrics, words)
  const guard = guardian({
    metrics: measured,
    ...(operator.trustedRoot === null ? {} : { root: operator.trustedRoot }),
    traffic,
    file: await openRollbackFile(join(operator.dataDir, 'rollbacks.jsonl'), { log }),
    clock,
    settings,
    owner,
    logOf: (record, version) => (record === null ? log.child({ release: version }) : logOf(log, record, words)),
    onHome: (record) => counts.home(record),
  })
  // A rollback that a crash left half done needs no store to be done.
  await guard.sendHome()
  const sql = operator.databaseUrl === null ? await openPglite(join(operator.dataDir, 'db')) : await openPostgres(operator.databaseUrl)
  parts.defer(() => atMost(1_000, sql.close()))
  const stored = await openStore(sql, clock)
  const store = observed(stored, [guard, counts, telling(spans, stored, log, words)])
  // The embedded database has one process: whoever held a lease in it is gone.
  if (sql.engine === 'pglite') await sql.rows('update conductor.leases set owner = null, expires_at = 0')
  const queue = await openQueue({ sql, databaseUrl: operator.databaseUrl, clock, log, metrics })
  parts.defer(() => atMost(GRACE_MS / 4, queue.stop(GRACE_MS / 4)))
  const github = openClient({
    appId: operator.github.appId,
    privateKey: operator.github.privateKey,
    baseUrl: operator.github.apiUrl,
    timeoutMs: GITHUB_MS,
    isLimited: operator.github.isLimited !== false,
    // The embedded database has one process.
    ...(sql.engine === 'postgres' && { minutes: openMinutes(sql) }),
  })
  const ports: Ports = {
    read: facts(github),
    history: history(github),
    effects: traced(limited(effectsOf({ operator, store, clock, github, metrics, traffic, guard, log, owner, archive }), operator.limits), spans),
    store,
    notary: notary(operator.signing.key),
    clock,
    log,
    metrics: measured,
    traffic,
    probes: probes({ urls: operator.probes }),
    ...(operator.policyServer === null ? {} : { policyServer: policyServer(operator.policyServer) }),
    random: {
      hex: (digits) =>
        randomBytes(Math.ceil(digits / 2))
          .toString('hex')
          .slice(0, digits),
    },
  }
  const context: Context = { ports, gates: GATES, owner, settings, runs: knownRuns() }
  const members = openMembers(operator, { sql, store, clock, log, addresses: addresses.page, onOrder: (trigger) => queue.enqueue(trigger) })
  const jobs = openJobGate(operator, { store, clock, log })
  const web = openWeb({
    store,
    addresses,
    access: operator.pages,
    github: hostOfPeople(operator.github.apiUrl),
    log,
    ...(members === null ? {} : { members }),
    ...(jobs === null ? {} : { jobGate: jobs }),
  })
  const ingress = await startIngress({ operator, sql, onTrigger: (trigger) => queue.enqueue(trigger), log, metrics, clock, web })
  const closeIngress = once(() => atMost(GRACE_MS / 4, ingress.close()))
  parts.defer(closeIngress)
  const inbox = createInbox(sql, clock)
  const worker = await startWorker({
    context,
    queue,
    metrics,
    log,
    sweepMs: operator.sweepMs,
    ...words,
    guardian: guard,
    spans,
    keeping: keeping(ports, `${owner}/keep`),
    redelivery: redelivery({ appId: operator.github.appId, deliveries: deliveryLog(github), inbox, store, clock, metrics, log, owner }),
    forget: () => ingress.sweep(),
    installed: () => installed(github),
  })
  log.info({ url: ingress.url, database: sql.engine, policy: policy.digest }, 'The App listens.')
  warnOfOpenNames(operator, log)
  void warnOfStores(archive, log)
  const rest = parts.move()
  return {
    url: ingress.url,
    async close() {
      await Promise.all([closeIngress(), worker.stop(GRACE_MS / 2)])
      await rest.disposeAsync()
    },
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null
  return () => (done ??= work())
}

/** Ends with the work, or without it: what hangs must not keep the process. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController()
  await Promise.race([work, sleep(ms, undefined, { signal: late.signal }).catch(() => {})])
  late.abort()
}

interface EffectParts {
  readonly operator: Operator
  readonly store: StorePort
  readonly clock: Clock
  readonly github: ReturnType<typeof openClient>
  readonly metrics: Metrics
  readonly traffic: ReturnType<typeof weightEffects>
  readonly guard: Pick<Guardian, 'forbids'>
  readonly log: Log
  readonly owner: string
  readonly archive: Archive
}

function effectsOf({ operator, store, clock, github, metrics, traffic, guard, log, owner, archive }: EffectParts): EffectPort {
  const onGitHub = githubEffects(github)
  const files = packFiles(operator.artifactsDir)
  const { signer, sealer, publicKeyPem } = signersOf(operator, log)
  const key = { id: operator.signing.id, publicKeyPem }
  const packs = sealEffects({
    store,
    clock,
    signer,
    ...(operator.tsaUrl === null ? {} : { sealer }),
    notary: notary(operator.signing.key),
    key,
    draw: drawPng,
    files,
    ...(operator.trustedRoot === null ? {} : { root: operator.trustedRoot }),
  })
  const logs = logEffects({
    log: logOfPacks(operator, publicKeyPem),
    clock,
    files,
    owner,
    trust: trustOf({ keys: [key], ...(operator.trustedRoot === null ? {} : { root: operator.trustedRoot }) }),
    soon: (work) => Promise.race([work, sleep(SOON_MS, undefined, { ref: false })]),
  })
  const webhooks = webhookEffects({ webhooks: operator.webhooks, clock })
  const kept = keepEffects(archive, (path) => files.read(path))
  return {
    async perform(repository, effect, leave) {
      try {
        await leave()
        if (guard.forbids(effect))
          throw new RolloutError('withdrawn', 'this rollout was taken back while the store did not answer; it gets no traffic any more')
        const outcome = isGitHubEffect(effect)
          ? await onGitHub.perform(repository, effect, leave)
          : effect.kind === 'weight.read'
            ? await traffic.read(effect)
            : effect.kind === 'weight.set'
              ? await traffic.perform(effect)
              : effect.kind === 'hook.call'
                ? await webhooks.ask(effect)
                : effect.kind === 'message.send'
                  ? await webhooks.tell(effect)
                  : effect.kind === 'log.enter'
                    ? await logs.perform(effect)
                    : effect.kind === 'pack.keep'
                      ? await kept.perform(effect)
                      : await packs.perform(effect)
        metrics.effects.inc({ kind: effect.kind, result: 'done' })
        return outcome
      } catch (error) {
        metrics.effects.inc({ kind: effect.kind, result: 'failed' })
        throw error
      }
    },
    async find(repository, effect) {
      if (isGitHubEffect(effect)) return onGitHub.find(repository, effect)
      if (effect.kind === 'weight.set') return traffic.recover(effect)
      // Whether it was asked is the other side's to know: it is asked again with the same id.
      if (effect.kind === 'hook.call' || effect.kind === 'weight.read' || effect.kind === 'message.send') return null
      if (effect.kind === 'log.enter') return logs.find(effect)
      return effect.kind === 'pack.keep' ? kept.find(effect) : packs.find(effect)
    },
    waits: (effect, repository) => (effect.kind === 'log.enter' ? logs.waits(effect) : isGitHubEffect(effect) && onGitHub.waits(repository, effect)),
  }
}
