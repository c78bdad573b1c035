/**
 * Text of an answer to an instant query -> its one value, or why it has none. Pure.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
import { z } from 'zod'
import { classic, native, type LatencyTotals, type Unit } from './latency.ts'
import { MetricsError } from './metrics-error.ts'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const Element = z.object({ value: z.tuple([z.number(), z.string().max(100)]) })
const BucketElement = Element.extend({ metric: z.object({ le: z.string().min(1).max(100) }) })
const Text = z.string().max(100)
const Histogram = z.object({
  histogram: z.tuple([
    z.number(),
    z.object({
      count: Text,
      buckets: z
        .array(z.tuple([z.number(), Text, Text, Text]))
        .max(1000)
        .optional(),
    }),
  ]),
})
const Answer = z.object({
  status: z.enum(['success', 'error']),
  data: z.object({ resultType: z.string().max(100), result: z.unknown() }).optional(),
  warnings: z.array(z.unknown()).nullish(),
  infos: z.array(z.unknown()).nullish(),
  /** Of a VictoriaMetrics cluster. */
  isPartial: z.boolean().nullish(),
})

export interface Asked {
  /** Epoch milliseconds: the time the query was to be evaluated at. */
  readonly at: number
  /** Oldest time of evaluation that is taken, in milliseconds before `at`. */
  readonly staleMs: number
}

/** @returns null for an empty answer @throws MetricsError `malformed`, `refused`, `partial`, `several`, `stale`, `inconsistent`, `not-a-number` */
export function valueOf(text: string, asked: Asked): number | null {
  const result = vectorIn(text)
  if (result.length === 0) return null
  if (result.length > 1) throw new MetricsError('several', `The query gives ${result.length} series where one value belongs: sum() it.`)
  const element = Element.safeParse(result[0])
  if (!element.success) throw new MetricsError('malformed', 'The series has no value that is a number.')
  const [seconds, value] = element.data.value
  timely(seconds, asked)
  return total(value)
}

/** Classic buckets, one series each, or one native histogram. @returns null for an empty answer @throws MetricsError as {@link valueOf}, and as `latency.ts` */
export function histogramIn(text: string, asked: Asked, unit: Unit): LatencyTotals | null {
  return histogramOf(vectorIn(text), asked, unit)
}

function histogramOf(result: readonly unknown[], asked: Asked, unit: Unit): LatencyTotals | null {
  if (result.length === 0) return null
  const one = Histogram.safeParse(result[0])
  if (one.success) {
    if (result.length > 1) throw new MetricsError('several', `The query gives ${result.length} histograms where one belongs: sum() it.`)
    const [seconds, { count, buckets }] = one.data.histogram
    timely(seconds, asked)
    const parts = (buckets ?? []).map(([, left, right, here]) => ({ left: edge(left), right: edge(right), count: total(here) }))
    return native(parts, total(count), unit)
  }
  const elements = z.array(BucketElement).max(1000).safeParse(result)
  if (!elements.success) throw new MetricsError('malformed', 'The answer is neither buckets with an le nor a histogram.')
  return classic(
    elements.data.map(({ metric: { le }, value: [seconds, value] }) => {
      timely(seconds, asked)
      return { le, count: total(value) }
    }),
    unit,
  )
}

const Times = z.array(z.tuple([z.number(), z.unknown()])).max(11_000)
const Course = z.object({
  metric: z.looseObject({}),
  values: Times.optional(),
  histograms: Times.optional(),
})

/** Course of a histogram: at each time the classic buckets that were there, or the native one. Where they make no whole one there is none. @throws MetricsError */
export function histogramsIn(text: string, unit: Unit): ReadonlyMap<number, LatencyTotals> {
  const series = z.array(Course).max(1000).safeParse(resultIn(text, 'matrix'))
  if (!series.success) throw new MetricsError('malformed', 'The answer is no range of histograms.')
  const elements = new Map<number, unknown[]>()
  for (const { metric, values = [], histograms = [] } of series.data) {
    for (const value of values) elements.set(value[0], [...(elements.get(value[0]) ?? []), { metric, value }])
    for (const histogram of histograms) elements.set(histogram[0], [...(elements.get(histogram[0]) ?? []), { metric, histogram }])
  }
  const found = new Map<number, LatencyTotals>()
  for (const [seconds, some] of elements) {
    const at = Math.round(seconds * 1000)
    try {
      const whole = histogramOf(some, { at, staleMs: 1000 }, unit)
      if (whole !== null) found.set(at, whole)
    } catch (error) {
      if (!(error instanceof MetricsError)) throw error
    }
  }
  return found
}

function vectorIn(text: string): readonly unknown[] {
  return resultIn(text, 'vector')
}

function resultIn(text: string, type: 'vector' | 'matrix'): readonly unknown[] {
  const answer = Answer.safeParse(json(text))
  if (!answer.success) throw new MetricsError('malformed', 'The answer is not one of the Prometheus HTTP API.')
  const { status, data, warnings, infos, isPartial } = answer.data
  if (status === 'error') throw new MetricsError('refused', 'The query was answered with an error.')
  const said = (warnings?.length ?? 0) + (infos?.length ?? 0)
  if (said > 0 || isPartial === true) throw new MetricsError('partial', 'The answer says that it may not be whole.')
  if (data?.resultType !== type || !Array.isArray(data.result))
    throw new MetricsError('malformed', type === 'vector' ? 'The answer is no instant vector.' : 'The answer is no range.')
  return data.result
}

/** @throws MetricsError `stale`, `inconsistent` */
function timely(seconds: number, { at, staleMs }: Asked): void {
  const age = at - seconds * 1000
  if (age > staleMs) throw new MetricsError('stale', `The value is of ${Math.round(age / 1000)} s ago.`)
  if (age < -staleMs) throw new MetricsError('inconsistent', `The value is of ${Math.round(-age / 1000)} s from now.`)
}

/** @throws MetricsError `not-a-number` */
function total(value: string): number {
  const number = NUMBER.test(value) ? Number(value) : Number.NaN
  if (!Number.isFinite(number) || number < 0)
    throw new MetricsError('not-a-number', `The value is ${JSON.stringify(value)}, which is no running total.`)
  return number
}

/** End of a native bucket; the first one may begin below zero by rounding. */
function edge(value: string): number {
  if (/^\+Inf$/.test(value)) return Infinity
  return NUMBER.test(value) ? Math.max(0, Number(value)) : Number.NaN
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
