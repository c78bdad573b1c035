/** Questions to the Prometheus HTTP API (also of Thanos, Mimir, VictoriaMetrics), each as of a stated moment: a number, a histogram, or the course of one. */
import { z } from 'zod'
import { boundedAnswer, metricsAddress, type Caps } from './bounded-get.ts'
import { tracesAnswered } from './exemplars.ts'
import { MetricsError } from './metrics-error.ts'
import type { LatencyTotals, Unit } from './latency.ts'
import { histogramIn, histogramsIn, valueOf } from './query-answer.ts'

export interface Asking {
  /** Where `/api/v1/query` begins. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly at: number
  /** What was evaluated, or scraped, longer ago is no answer. */
  readonly staleMs: number
  /** A run asks many questions about one moment; only what is further from it is another clock. */
  readonly skewMs: number
}

/** Of one answer. */
export const QUERY_CAPS: Caps = { maxBytes: 1024 * 1024, timeoutMs: 10_000 }
export const MAX_SKEW_MS = 30_000

async function asked(of: Asking, path: string, parameters: Readonly<Record<string, string>>, caps: Caps): Promise<string> {
  const address = metricsAddress(`${of.url.replace(/\/+$/, '')}/api/v1/${path}`)
  address.search = new URLSearchParams(parameters).toString()
  const answer = await boundedAnswer(address, caps, { ...of.headers, accept: 'application/json' })
  const type = answer.headers['content-type'] ?? ''
  if (!/^application\/json(?:;|$)/i.test(type)) throw new MetricsError('malformed', `${address.host} did not answer with JSON.`)
  const skew = Math.abs(Date.parse(answer.headers.date ?? '') - of.at)
  if (skew > of.skewMs) throw new MetricsError('inconsistent', `The clock of ${address.host} is ${Math.round(skew / 1000)} s off ours.`)
  return answer.text
}

/** @returns null for an empty answer @throws MetricsError */
export async function instantValue(of: Asking, query: string, caps: Caps = QUERY_CAPS): Promise<number | null> {
  return valueOf(await asked(of, 'query', { query, time: (of.at / 1000).toFixed(3) }, caps), { at: of.at, staleMs: of.staleMs })
}

/** @returns null for an empty answer @throws MetricsError */
export async function instantHistogram(of: Asking, query: string, unit: Unit, caps: Caps = QUERY_CAPS): Promise<LatencyTotals | null> {
  return histogramIn(await asked(of, 'query', { query, time: (of.at / 1000).toFixed(3) }, caps), { at: of.at, staleMs: of.staleMs }, unit)
}

/** Traces of requests that the server keeps as exemplars of what a query selects, since `from`. None when it keeps none, or does not say. */
export async function exemplarTraces(of: Asking, query: string, from: number, caps: Caps = QUERY_CAPS): Promise<readonly string[]> {
  const [start, end] = [from, of.at].map((at) => (at / 1000).toFixed(3)) as [string, string]
  try {
    return tracesAnswered(await asked(of, 'query_exemplars', { query, start, end }, caps))
  } catch (error) {
    if (error instanceof MetricsError) return []
    throw error
  }
}

const Range = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string().max(100)])).max(11_000) })).max(100),
  }),
  warnings: z.array(z.unknown()).nullish(),
  infos: z.array(z.unknown()).nullish(),
  isPartial: z.boolean().nullish(),
})

interface Span {
  readonly from: number
  readonly stepMs: number
}

async function ranged(of: Asking, query: string, { from, stepMs }: Span, caps: Caps): Promise<string> {
  const [start, end] = [from, of.at].map((at) => (at / 1000).toFixed(3)) as [string, string]
  return await asked(of, 'query_range', { query, start, end, step: `${stepMs / 1000}` }, caps)
}

/** @returns epoch milliseconds -> histogram, where there is a whole one @throws MetricsError */
export async function rangeHistograms(
  of: Asking,
  query: string,
  unit: Unit,
  span: Span,
  caps: Caps = QUERY_CAPS,
): Promise<ReadonlyMap<number, LatencyTotals>> {
  return histogramsIn(await ranged(of, query, span, caps), unit)
}

/** @returns epoch milliseconds -> value, where there is one; empty for an empty answer @throws MetricsError */
export async function rangeValues(of: Asking, query: string, span: Span, caps: Caps = QUERY_CAPS): Promise<ReadonlyMap<number, number>> {
  const text = await ranged(of, query, span, caps)
  const read = Range.safeParse(json(text))
  if (!read.success) throw new MetricsError('malformed', 'The answer is no range of the Prometheus HTTP API.')
  const { data, warnings, infos, isPartial } = read.data
  if ((warnings?.length ?? 0) + (infos?.length ?? 0) > 0 || isPartial === true)
    throw new MetricsError('partial', 'The answer says that it may not be whole.')
  const [series, ...more] = data.result
  if (more.length > 0) throw new MetricsError('several', `The query gives ${data.result.length} series where one value belongs: sum() it.`)
  const values = (series?.values ?? []).map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)] as const)
  return new Map(values.filter(([, value]) => Number.isFinite(value) && value >= 0))
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
