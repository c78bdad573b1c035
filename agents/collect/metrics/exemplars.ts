/** Exemplars -> the traces of requests that they name. They say nothing about totals, so what is wrong with one of them takes only it away. Pure. */
import { z } from 'zod'
import type { Series } from './openmetrics.ts'

export interface Exemplar {
  readonly labels: ReadonlyMap<string, string>
  /** How long the request took, in a bucket of latency. */
  readonly value: number
  /** Seconds since 1970; null: not told. */
  readonly at: number | null
}

/** Of all labels of one exemplar together, as OpenMetrics has it. */
export const MOST_EXEMPLAR = 128
const MOST_KEPT = 5
const NAMES = ['trace_id', 'traceID', 'traceId']

export function traceOf(labels: ReadonlyMap<string, string>): string | null {
  const name = NAMES.find((each) => labels.has(each))
  return name === undefined ? null : (labels.get(name) ?? null)
}

/** The newest traces of these series, at most five. */
export function tracesIn(series: readonly Series[]): readonly string[] {
  const told = series.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [exemplar]))
  return newest(told)
}

function newest(told: readonly Exemplar[]): readonly string[] {
  const ids = told.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0) || b.value - a.value).flatMap(({ labels }) => traceOf(labels) ?? [])
  return [...new Set(ids)].slice(0, MOST_KEPT)
}

const Answer = z.object({
  status: z.literal('success'),
  data: z
    .array(
      z.object({
        exemplars: z
          .array(
            z.object({
              labels: z.record(z.string().max(MOST_EXEMPLAR), z.string().max(MOST_EXEMPLAR)),
              value: z.string().max(100),
              timestamp: z.number(),
            }),
          )
          .max(1000),
      }),
    )
    .max(1000),
})

/** Of an answer of `/api/v1/query_exemplars`; none when it is no such answer. https://prometheus.io/docs/prometheus/latest/querying/api/#querying-exemplars */
export function tracesAnswered(text: string): readonly string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  const read = Answer.safeParse(value)
  if (!read.success) return []
  return newest(
    read.data.data.flatMap(({ exemplars }) =>
      exemplars.map(({ labels, value: took, timestamp }) => ({ labels: new Map(Object.entries(labels)), value: Number(took), at: timestamp })),
    ),
  )
}
