/**
 * The stable version's last half hour, read back from a server of metrics before a canary: how errors scatter when nothing is new. Each moment counts only
 * where everything that it is read from had been scraped shortly before; others are holes.
 */
import type { Caps } from '../../../agents/collect/metrics/bounded-get.ts'
import { rangeHistograms, rangeValues, type Asking } from '../../../agents/collect/metrics/http-api.ts'
import type { LatencyTotals, Unit } from '../../../agents/collect/metrics/latency.ts'
import { MetricsError } from '../../../agents/collect/metrics/metrics-error.ts'
import { READ_BACK } from '../../../evidence/pack/documents.ts'
import { milliseconds } from '../../../evidence/model/primitives.ts'
import type { History, Sample } from '../../release/ports.ts'
import type { PrometheusOptions } from './prometheus.ts'
import { proofsOf, scrapedAt, totalOf, type Proof } from './proofs.ts'

const SPAN_MS = 30 * 60_000
/** So that at most 180 moments are read, and kept. */
const LEAST_STEP_MS = 10_000
/** Of one answer. */
export const HISTORY_CAPS: Caps = { maxBytes: 4 * 1024 * 1024, timeoutMs: 4_000 }

/** @param until epoch milliseconds: what was from then on was seen by ourselves. Never throws. */
export async function readBack(
  asking: Asking & { readonly unit: Unit },
  { stable, interval }: Pick<PrometheusOptions, 'stable' | 'interval'>,
  until: number,
): Promise<History> {
  const [requests, errors] = [totalOf(stable.requests), totalOf(stable.errors)]
  if (requests === null || errors === null) return { samples: [], note: 'the queries are none for running totals' }
  const stepMs = Math.max(LEAST_STEP_MS, milliseconds(interval))
  const span = { from: asking.at - SPAN_MS, stepMs }
  const course = async (query: string): Promise<ReadonlyMap<number, number>> => await rangeValues(asking, query, span, HISTORY_CAPS)
  try {
    const proofs = [...proofsOf(requests, []), ...proofsOf(errors, requests.selectors)]
    const [served, failed, latency, ...scraped] = await Promise.all([
      course(requests.text),
      course(errors.text),
      stable.latency === undefined ? null : latencies(asking, stable.latency, span),
      ...proofs.map(({ selector }) => course(scrapedAt(selector))),
    ])
    const samples = [...served].flatMap(([at, total]): Sample[] => {
      const bad = failed.get(at)
      const isFresh = proofs.every((proof, nth) => isScraped(proof, scraped[nth]?.get(at), at, asking.staleMs))
      if (at >= until || bad === undefined || bad > total || !isFresh) return []
      const took = latency === null ? {} : { latency: latency.get(at) ?? null }
      return [{ at, canary: null, stable: { requests: total, errors: bad, ...took }, note: READ_BACK }]
    })
    return {
      samples: samples.toSorted((a, b) => a.at - b.at),
      note: samples.length === 0 ? 'the server remembers nothing of the stable version' : '',
    }
  } catch (error) {
    return {
      samples: [],
      note: `${error instanceof MetricsError ? error.code : 'malformed'}: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

/** What a histogram's own trouble takes away is latency alone. */
async function latencies(
  asking: Asking & { readonly unit: Unit },
  query: string,
  span: { readonly from: number; readonly stepMs: number },
): Promise<ReadonlyMap<number, LatencyTotals>> {
  try {
    return await rangeHistograms(asking, query, asking.unit, span, HISTORY_CAPS)
  } catch (error) {
    if (error instanceof MetricsError) return new Map()
    throw error
  }
}

function isScraped({ needed }: Proof, seconds: number | undefined, at: number, staleMs: number): boolean {
  return seconds === undefined ? !needed : at - seconds * 1000 <= staleMs
}
