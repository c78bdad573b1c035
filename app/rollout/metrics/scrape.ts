/** Metrics source for teams without Prometheus: asks both versions for their counters, at the same moment. Implements {@link MetricsPort}. */
import { z } from 'zod'
import type { Clock, MetricsPort } from '../../release/ports.ts'
import { boundedGet, metricsAddress, type Caps } from '../../../agents/collect/metrics/bounded-get.ts'
import { looked, sampleOf, unnamed, withLatency, type Told } from './looked.ts'
import { parseOpenMetrics } from '../../../agents/collect/metrics/openmetrics.ts'
import { latencyOf, totals, tracesOf, type CounterNames } from './totals.ts'

const MetricName = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/, 'a metric name such as http_requests_total')
const LabelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/, 'a label name such as code')

function compiles(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`) instanceof RegExp
  } catch {
    return false
  }
}

/** One source in the operator's file. */
export const ScrapeSource = z.strictObject({
  canary: z.strictObject({ url: z.string().max(500) }),
  stable: z.strictObject({ url: z.string().max(500) }),
  requests: MetricName,
  errors: z.strictObject({
    metric: MetricName,
    label: LabelName,
    matches: z.string().min(1).max(100).refine(compiles, 'a regular expression such as 5..'),
  }),
  /** Histogram of how long requests took: `http_request_duration_seconds`, without `_bucket`. Left out: latency is not measured. */
  latency: z.strictObject({ metric: MetricName, unit: z.enum(['s', 'ms']).default('s') }).optional(),
  /** Only series with exactly these label values count. */
  where: z.record(LabelName, z.string().max(200)).optional(),
})
export type ScrapeSource = z.infer<typeof ScrapeSource>

export const SCRAPE_CAPS: Caps = { maxBytes: 4 * 1024 * 1024, timeoutMs: 2000 }

async function look(address: string, names: CounterNames, caps: Caps): Promise<Told> {
  const { series } = parseOpenMetrics(await boundedGet(metricsAddress(address), caps))
  const told = await withLatency(totals(series, names), () => latencyOf(series, names))
  return { ...told, traces: tracesOf(series, names) }
}

/**
 * @param sources environment -> source, from the operator's file
 * @param caps of one version's endpoint; default 4 MiB and 2 s
 */
export function scrape(sources: ReadonlyMap<string, ScrapeSource>, clock: Clock, caps: Caps = SCRAPE_CAPS): MetricsPort {
  return {
    async sample(environment) {
      const source = sources.get(environment)
      const at = clock.now()
      if (source === undefined) return unnamed(at, environment)
      const { requests, errors, latency, where } = source
      const names: CounterNames = { requests, errors, ...(latency === undefined ? {} : { latency }), ...(where === undefined ? {} : { where }) }
      const [canary, stable] = await Promise.all([
        looked('canary', () => look(source.canary.url, names, caps)),
        looked('stable', () => look(source.stable.url, names, caps)),
      ])
      return sampleOf(at, canary, stable)
    },
  }
}
