/**
 * Text of an answer to an instant query -> its one value, or why it has none. Pure.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
import { z } from 'zod'
import { MetricsError } from './metrics-error.ts'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const Element = z.object({ value: z.tuple([z.number(), z.string().max(100)]) })
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

/** @returns null for an empty answer @throws MetricsError `malformed`, `refused`, `partial`, `several`, `stale`, `not-a-number` */
export function valueOf(text: string, { at, staleMs }: Asked): number | null {
  const answer = Answer.safeParse(json(text))
  if (!answer.success) throw new MetricsError('malformed', 'The answer is not one of the Prometheus HTTP API.')
  const { status, data, warnings, infos, isPartial } = answer.data
  if (status === 'error') throw new MetricsError('refused', 'The query was answered with an error.')
  const said = (warnings?.length ?? 0) + (infos?.length ?? 0)
  if (said > 0 || isPartial === true) throw new MetricsError('partial', 'The answer says that it may not be whole.')
  if (data?.resultType !== 'vector' || !Array.isArray(data.result)) throw new MetricsError('malformed', 'The answer is no instant vector.')
  if (data.result.length === 0) return null
  if (data.result.length > 1) throw new MetricsError('several', `The query gives ${data.result.length} series where one value belongs: sum() it.`)
  const element = Element.safeParse(data.result[0])
  if (!element.success) throw new MetricsError('malformed', 'The series has no value that is a number.')
  const [seconds, value] = element.data.value
  const age = at - seconds * 1000
  if (age > staleMs) throw new MetricsError('stale', `The value is of ${Math.round(age / 1000)} s ago.`)
  if (age < -staleMs) throw new MetricsError('inconsistent', `The value is of ${Math.round(-age / 1000)} s from now.`)
  const number = NUMBER.test(value) ? Number(value) : Number.NaN
  if (!Number.isFinite(number) || number < 0)
    throw new MetricsError('not-a-number', `The value is ${JSON.stringify(value)}, which is no running total.`)
  return number
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
