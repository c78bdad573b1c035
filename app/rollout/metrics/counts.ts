/** A metrics source of the operator -> what it counts, so that it can be held against what an objective speaks of. Pure. */
import { counterQuery } from '../../../evidence/slo/counters.ts'
import { histogramQuery, totalQuery, type Read } from '../../../agents/collect/metrics/promql.ts'
import type { Counted, Counts } from '../../judge/counts.ts'
import type { PrometheusSource } from './prometheus.ts'
import type { ScrapeSource } from './scrape.ts'

export function scrapeCounts({ requests, errors, latency, where = {} }: ScrapeSource): Counts {
  const matchers = Object.entries(where).map(([label, value]) => ({ label, op: '=' as const, value }))
  const failed = { label: errors.label, op: '=~' as const, value: errors.matches }
  return {
    requests: [{ metric: requests, matchers }],
    errors: [{ metric: errors.metric, matchers: [...matchers, failed] }],
    latency: latency === undefined ? null : { counted: [{ metric: latency.metric, matchers }], unit: latency.unit },
  }
}

/** Of the canary: what the stable version is asked for is the same of another version. */
export function prometheusCounts({ canary, latency_unit: unit = 's' }: PrometheusSource): Counts {
  return {
    requests: countedBy(totalQuery(canary.requests)),
    errors: countedBy(totalQuery(canary.errors)),
    latency:
      canary.latency === undefined
        ? null
        : {
            counted: countedBy(histogramQuery(canary.latency)).map(({ metric, matchers }) => ({ metric: metric.replace(/_bucket$/, ''), matchers })),
            unit,
          },
  }
}

/** A selector without a name says nothing that could be compared. */
function countedBy(read: Read): readonly Counted[] {
  if ('problem' in read) return []
  return read.query.selectors.flatMap(({ text }) => {
    const selector = counterQuery(`sum(${text})`)
    return 'query' in selector ? selector.query.terms.map(({ metric, matchers }) => ({ metric, matchers })) : []
  })
}
