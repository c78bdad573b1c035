/**
 * What the App counts, as OpenMetrics. Labels are closed or few: of a release its repository, version, env and tenant. Trace ids and commits are on one gauge only,
 * `release_conductor_release_info`, which joins them to the rest by release.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export const DELIVERY_RESULTS = [
  'accepted', // synced and answered 202
  'bad_signature',
  'bad_request', // a header is missing or wrong
  'too_large',
  'busy', // too much at once
  'disk_full',
  'journal_failed',
  'aborted', // the sender went away
  'new', // drained into the inbox for the first time
  'duplicate', // known already
  'conflict', // another body under a known delivery id
  'handled',
  'retried',
  'failed', // given up
] as const
export type DeliveryResult = (typeof DELIVERY_RESULTS)[number]

/** asked: GitHub was asked to send a delivery again. given_up: it never came. failed: the log of deliveries could not be read. */
const REDELIVERY_RESULTS = ['asked', 'given_up', 'failed'] as const

/** Two repositories may release the same version. */
const RELEASE_LABELS = ['repository', 'release', 'env', 'tenant'] as const
export type ReleaseLabel = (typeof RELEASE_LABELS)[number]

export interface Metrics {
  readonly registry: Registry
  /** 1 or 0, as /readyz answers. */
  readonly ready: Gauge
  /** {result} */
  readonly deliveries: Counter<'result'>
  /** {secret}: current or previous. When previous stays at rest the rotation is over. */
  readonly signatures: Counter<'secret'>
  /** {event, result}: triggered, nothing, mismatch, unknown_event */
  readonly events: Counter<'event' | 'result'>
  /** {result} */
  readonly redeliveries: Counter<'result'>
  readonly missing: Gauge
  readonly inboxDepth: Gauge
  readonly journalSyncs: Counter
  /** {result}: what `reconcile` answers, or failed. */
  readonly reconcile: Histogram<'result'>
  readonly queueDelay: Histogram
  /** Seconds since the oldest trigger came that no look has ended yet; 0: none waits. */
  readonly oldestTrigger: Gauge
  /** {kind, result} */
  readonly effects: Counter<'kind' | 'result'>
  /** {gate, verdict} */
  readonly verdicts: Counter<'gate' | 'verdict'>
  /** {repository, release, env, tenant}: percent of traffic on the canary */
  readonly weight: Gauge<ReleaseLabel>
  /** {repository, release, env, tenant}: 1 while everything goes back, else 0 */
  readonly rollingBack: Gauge<ReleaseLabel>
  /** {env, tenant, reason} */
  readonly rollbacks: Counter<'env' | 'tenant' | 'reason'>
  /** Always 1. {repository, release, env, tenant, trace_id, sha} */
  readonly releaseInfo: Gauge<ReleaseLabel | 'trace_id' | 'sha'>
}

/** A registry of its own, so that two Apps in one process do not share counts. @param processMetrics memory, CPU, event loop too */
export function createMetrics(processMetrics = false): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (processMetrics) collectDefaultMetrics({ register: registry })
  const named = <Labels extends string>(name: string, help: string, labelNames: Labels[]) => ({
    name: `release_conductor_${name}`,
    help,
    labelNames,
    registers,
  })
  const deliveries = new Counter(named('deliveries_total', 'Webhook deliveries by what became of them', ['result']))
  for (const result of DELIVERY_RESULTS) deliveries.inc({ result }, 0)
  const redeliveries = new Counter(named('redeliveries_total', 'Deliveries that did not come, by what was done', ['result']))
  for (const result of REDELIVERY_RESULTS) redeliveries.inc({ result }, 0)
  const signatures = new Counter(named('signatures_total', 'Deliveries by the secret that signed them', ['secret']))
  for (const secret of ['current', 'previous'] as const) signatures.inc({ secret }, 0)
  return {
    registry,
    ready: new Gauge(named('ready', '1 while the database answers and the journal can be written', [])),
    deliveries,
    signatures,
    events: new Counter(named('events_total', 'Handled deliveries by event and what they led to', ['event', 'result'])),
    redeliveries,
    missing: new Gauge(named('deliveries_missing', 'Deliveries in GitHub’s log that never came', [])),
    inboxDepth: new Gauge(named('inbox_depth', 'Deliveries that wait to be handled', [])),
    journalSyncs: new Counter(named('journal_syncs_total', 'Syncs of the journal to disk', [])),
    reconcile: new Histogram({
      ...named('reconcile_seconds', 'Duration of one look at a release', ['result']),
      buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    }),
    queueDelay: new Histogram({
      ...named('queue_delay_seconds', 'From trigger to handler', []),
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
    }),
    oldestTrigger: new Gauge(named('oldest_trigger_seconds', 'Age of the oldest trigger that no look has ended yet', [])),
    effects: new Counter(named('effects_total', 'Side effects by kind and result', ['kind', 'result'])),
    verdicts: new Counter(named('gate_verdicts_total', 'Decisions of gates', ['gate', 'verdict'])),
    weight: new Gauge(named('rollout_weight_percent', 'Traffic on the canary', [...RELEASE_LABELS])),
    rollingBack: new Gauge(named('rolling_back', '1 while a release is taken back', [...RELEASE_LABELS])),
    rollbacks: new Counter(named('rollbacks_total', 'Rollbacks by reason', ['env', 'tenant', 'reason'])),
    releaseInfo: new Gauge(named('release_info', 'Joins a release to its trace and commit', [...RELEASE_LABELS, 'trace_id', 'sha'])),
  }
}
