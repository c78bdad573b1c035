/**
 * Metrics source that asks a server of the Prometheus HTTP API for the counters of both versions, as of the same moment. Implements {@link MetricsPort}.
 *
 * Prometheus answers with the last sample for five minutes after a scrape that did not happen, and the value of a sum bears the time of the question. So
 * each query is asked with another: when was what it reads last scraped?
 */
import { z } from 'zod'
import { Duration, milliseconds } from '../../../evidence/model/primitives.ts'
import type { LatencyTotals, Unit } from '../../../agents/collect/metrics/latency.ts'
import type { Clock, MetricsPort } from '../../release/ports.ts'
import { metricsAddress, type Caps } from '../../../agents/collect/metrics/bounded-get.ts'
import { exemplarTraces, instantHistogram, instantValue, MAX_SKEW_MS, type Asking } from '../../../agents/collect/metrics/http-api.ts'
import { HISTORY_CAPS, readBack } from './history.ts'
import { looked, sampleOf, unnamed, withLatency, type Told } from './looked.ts'
import { MetricsError } from '../../../agents/collect/metrics/metrics-error.ts'
import { histogramQuery, totalQuery, type Selector, type TotalQuery } from '../../../agents/collect/metrics/promql.ts'
import { proofsOf, scrapedAt, totalOf, type Proof } from './proofs.ts'

const Query = z.string().superRefine((text, context) => {
  const read = totalQuery(text)
  if ('problem' in read) context.addIssue({ code: 'custom', message: read.problem })
})
const RequestsQuery = Query.refine((text) => totalOf(text)?.zero !== true, {
  error: 'a query without or vector(0): without requests nothing is known, and that is not zero',
})
const LatencyQuery = z.string().superRefine((text, context) => {
  const read = histogramQuery(text)
  if ('problem' in read) context.addIssue({ code: 'custom', message: read.problem })
})
const Arm = z.strictObject({
  requests: RequestsQuery,
  errors: Query,
  /** A histogram: `sum by (le) (http_request_duration_seconds_bucket{…})`, or `sum(http_request_duration_seconds{…})` of a native one. */
  latency: LatencyQuery.optional(),
})

const OURS = /^(?:accept|accept-encoding|authorization|connection|content-.*|cookie|expect|host|te|trailer|transfer-encoding|upgrade)$/i
const HeaderName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, 'the name of a header such as X-Scope-OrgID')
  .refine((name) => !OURS.test(name), 'another header: this one is set by us')

/** One source in the operator's file. */
export const PrometheusSource = z
  .strictObject({
    /** Where `/api/v1/query` begins: `http://prometheus:9090`, `https://mimir.example/prometheus`. */
    url: z.string().max(500).refine(isBase, 'an http or https address without a question mark, such as http://127.0.0.1:9090'),
    /** How often the versions are scraped. What is older than two of these is no data. */
    interval: Duration.refine((text) => milliseconds(text) >= 1000, 'a duration of a second or more, such as 15s'),
    canary: Arm,
    stable: Arm,
    /** Of the histograms' bounds; seconds when left out. */
    latency_unit: z.enum(['s', 'ms']).optional(),
    /** Sent with each question, such as `X-Scope-OrgID`; nothing secret. */
    headers: z.record(HeaderName, z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/, 'printable ASCII')).default({}),
  })
  .refine(({ canary, stable }) => canary.requests !== stable.requests, {
    path: ['stable', 'requests'],
    error: 'another query than that of the canary',
  })
  .refine(({ canary, stable }) => (canary.latency === undefined) === (stable.latency === undefined), {
    path: ['stable', 'latency'],
    error: 'latency of both versions, or of none',
  })
export type PrometheusSource = z.infer<typeof PrometheusSource>

export interface PrometheusOptions extends PrometheusSource {
  /** Bearer token; null: none. */
  readonly token: string | null
}

/** Of one answer. */
export const QUERY_CAPS: Caps = { maxBytes: 1024 * 1024, timeoutMs: 2000 }
const INTERVALS = 2
/** Exemplars of so long are asked for. */
const TRACES_MS = 60_000

function isBase(text: string): boolean {
  try {
    const { search, hash } = metricsAddress(text)
    return search === '' && hash === ''
  } catch {
    return false
  }
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

interface Server extends Asking {
  readonly unit: Unit
  readonly caps: Caps
}

function server({ url, headers, token, interval, latency_unit: unit = 's' }: PrometheusOptions, at: number, caps: Caps): Server {
  const sent = { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) }
  return { url, headers: sent, at, staleMs: INTERVALS * milliseconds(interval), skewMs: MAX_SKEW_MS, unit, caps }
}

/** @throws MetricsError `stale`; `absent` when nothing is there though it must be */
async function fresh(asked: Server, { selector, needed }: Proof): Promise<void> {
  const scraped = await instantValue(asked, scrapedAt(selector), asked.caps)
  if (scraped === null) {
    if (needed) throw new MetricsError('absent', `Nothing counts ${short(selector)} now.`)
    return
  }
  const age = asked.at - scraped * 1000
  if (age > asked.staleMs) throw new MetricsError('stale', `${short(selector)} was last scraped ${Math.round(age / 1000)} s ago.`)
}

async function total(asked: Server, query: TotalQuery, counted: readonly Selector[]): Promise<number> {
  const proofs = proofsOf(query, counted).map((proof) => fresh(asked, proof))
  const [value] = await Promise.all([instantValue(asked, query.text, asked.caps), ...proofs])
  if (value === null) throw new MetricsError('absent', `There is no answer to ${short(query.text)}. Absence is not zero.`)
  return value
}

async function histogram(asked: Server, text: string): Promise<LatencyTotals> {
  const read = histogramQuery(text)
  if ('problem' in read) throw new MetricsError('malformed', 'the query is none for a histogram.')
  const proofs = proofsOf(read.query, []).map((proof) => fresh(asked, proof))
  const [found] = await Promise.all([instantHistogram(asked, text, asked.unit, asked.caps), ...proofs])
  if (found === null) throw new MetricsError('absent', `there is no answer to ${short(text)}.`)
  return found
}

async function look(asked: Server, arm: PrometheusOptions['canary']): Promise<Told> {
  const [requests, errors] = [totalOf(arm.requests), totalOf(arm.errors)]
  if (requests === null || errors === null) throw new MetricsError('malformed', 'The query is none for a running total.')
  const [served, failed] = await Promise.all([total(asked, requests, []), total(asked, errors, requests.selectors)])
  if (failed > served) throw new MetricsError('inconsistent', 'There are more errors than requests.')
  return await withLatency({ requests: served, errors: failed }, () => (arm.latency === undefined ? undefined : histogram(asked, arm.latency)))
}

/** Of requests that failed, and after them of those whose time was told. */
async function tracesOf(asked: Server, { errors, latency }: PrometheusOptions['canary']): Promise<readonly string[]> {
  const queries = [errors, ...(latency === undefined ? [] : [latency])]
  const told = await Promise.all(queries.map((query) => exemplarTraces(asked, query, asked.at - TRACES_MS, asked.caps)))
  return told.flat()
}

/**
 * @param sources environment -> source, from the operator's file
 * @param caps of one answer; default 1 MiB and 2 s
 */
export function prometheus(sources: ReadonlyMap<string, PrometheusOptions>, clock: Clock, caps: Caps = QUERY_CAPS): MetricsPort {
  return {
    async sample(environment) {
      const source = sources.get(environment)
      const at = clock.now()
      if (source === undefined) return unnamed(at, environment)
      const arm = (name: 'canary' | 'stable') => looked(name, () => look(server(source, at, caps), source[name]))
      const [canary, stable, traces] = await Promise.all([arm('canary'), arm('stable'), tracesOf(server(source, at, caps), source.canary)])
      return sampleOf(at, canary.reading === null ? canary : { ...canary, traces }, stable)
    },
    async history(environment, until) {
      const source = sources.get(environment)
      return source === undefined ? null : await readBack(server(source, clock.now(), HISTORY_CAPS), source, until)
    },
  }
}
