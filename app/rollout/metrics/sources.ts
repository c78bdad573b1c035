/** Every metrics source the operator names, behind one port. */
import type { Clock, MetricsPort } from '../../release/ports.ts'
import { unnamed } from './looked.ts'
import type { Counts } from '../../judge/counts.ts'
import { prometheusCounts, scrapeCounts } from './counts.ts'
import { prometheus, type PrometheusOptions } from './prometheus.ts'
import { scrape, type ScrapeSource } from './scrape.ts'

export type MetricsSource =
  | { readonly kind: 'openmetrics'; readonly source: ScrapeSource }
  | { readonly kind: 'prometheus'; readonly source: PrometheusOptions }

export function metricsSources(sources: Readonly<Record<string, MetricsSource>>, clock: Clock): MetricsPort {
  const ports = new Map(
    Object.entries(sources).map(([name, each]) => [
      name,
      each.kind === 'openmetrics' ? scrape(new Map([[name, each.source]]), clock) : prometheus(new Map([[name, each.source]]), clock),
    ]),
  )
  return {
    sample: async (name) => ports.get(name)?.sample(name) ?? unnamed(clock.now(), name),
    history: async (name, until) => (await ports.get(name)?.history?.(name, until)) ?? null,
  }
}

/** What each source measures, and what it counts as a request and as a failed one. */
export function measuredBy(
  sources: Readonly<Record<string, MetricsSource>>,
): Readonly<Record<string, { readonly latency: boolean; readonly counts: Counts }>> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, { kind, source }]) => {
      const counts = kind === 'openmetrics' ? scrapeCounts(source) : prometheusCounts(source)
      return [name, { latency: counts.latency !== null, counts }]
    }),
  )
}
