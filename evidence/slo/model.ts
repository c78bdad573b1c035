/** OpenSLO v1, as much of it as is read here (https://github.com/OpenSLO/OpenSLO). What only its own tools read may stand there and says nothing. */
import { z } from 'zod'

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const ROUGHLY = { M: 31, Q: 92, Y: 366 } as const

/** `30d`; months, quarters and years only where a calendar says which. */
export const Shorthand = z.string().regex(/^[1-9]\d{0,3}[mhdwMQY]$/, 'a duration such as 5m, 4w, 30d, or 1M with a calendar')

/** `5m` -> 300000; a month counts as 31 days here, a quarter as 92, a year as 366. The text must satisfy {@link Shorthand}. */
export function shorthandMs(text: string): number {
  const unit = text.slice(-1)
  return Number(text.slice(0, -1)) * (UNITS[unit as keyof typeof UNITS] ?? (ROUGHLY[unit as keyof typeof ROUGHLY] ?? 0) * UNITS.d)
}

export const ObjectName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/, 'a name of lower-case letters, digits, dots and dashes (63 at most), such as availability')

export const Header = z.looseObject({
  apiVersion: z.literal('openslo/v1'),
  kind: z.enum(['SLO', 'SLI', 'Service', 'AlertPolicy', 'AlertCondition', 'AlertNotificationTarget', 'DataSource']),
  metadata: z.looseObject({ name: ObjectName }),
  spec: z.looseObject({}).default({}),
})
export type Header = z.infer<typeof Header>

/** A key that OpenSLO knows and that is not read here. @param instead what to write */
function refused(instead: string) {
  return z
    .unknown()
    .refine((value) => value === undefined, instead)
    .optional()
}

const SHARE = 'a share of at least 0 and below 1'
const PERCENT = 'a percentage of at least 0 and below 100'

function targetFault(key: 'target' | 'targetPercent', value: number): string | null {
  const most = key === 'target' ? 1 : 100
  if (value >= 0 && value < most) return null
  const expected = key === 'target' ? SHARE : PERCENT
  if (value === most) return `${expected}: ${value === 1 ? 'all of it' : '100'} leaves no budget for a single failure`
  if (key === 'target' && value > 1 && value < 100) return `${expected}; ${value} looks like percent: write targetPercent: ${value}`
  return expected
}

/** One objective. Exactly one of `target` and `targetPercent`. */
export const ObjectiveSpec = z
  .strictObject({
    displayName: z.string().max(200).optional(),
    op: z.enum(['lte', 'gte', 'lt', 'gt'], 'lte, gte, lt or gt').optional(),
    value: z.number().optional(),
    target: z.number('a number, such as 0.999').optional(),
    targetPercent: z.number('a number, such as 99.9').optional(),
    timeSliceTarget: z.number().gt(0).max(1).optional(),
    timeSliceWindow: z.union([z.number().int().min(1).max(1440), Shorthand], 'minutes as a number, or a duration such as 5m').optional(),
    indicator: refused('the indicator of the SLO itself: composite SLOs are not read'),
    indicatorRef: refused('the indicator of the SLO itself: composite SLOs are not read'),
    compositeWeight: refused('no weight: composite SLOs are not read'),
  })
  .superRefine((objective, context) => {
    for (const key of ['target', 'targetPercent'] as const) {
      const value = objective[key]
      const fault = value === undefined ? null : targetFault(key, value)
      if (fault !== null) context.addIssue({ code: 'custom', path: [key], message: fault })
    }
    if ((objective.target === undefined) === (objective.targetPercent === undefined))
      context.addIssue({ code: 'custom', path: [], message: 'either target, a share, or targetPercent' })
  })
export type ObjectiveSpec = z.infer<typeof ObjectiveSpec>

export const Objectives = z.array(ObjectiveSpec).min(1).max(20)

/** @returns share of what must be good, in [0, 1) */
export function targetOf({ target, targetPercent }: ObjectiveSpec): number {
  return target ?? Number(((targetPercent ?? 0) / 100).toPrecision(12))
}

const Query = z.string().min(1).max(2000)
const MetricSource = z.strictObject({
  metricSourceRef: z.string().max(63).optional(),
  type: z
    .string()
    .regex(/^prometheus$/i, 'Prometheus: other sources are not read')
    .optional(),
  spec: z.looseObject({ query: Query.optional(), promql: Query.optional() }).superRefine((spec, context) => {
    if ((spec.query === undefined) === (spec.promql === undefined)) context.addIssue({ code: 'custom', path: ['query'], message: 'one PromQL query' })
  }),
})
const Metric = z.strictObject({ metricSource: MetricSource })

export function queryOf({ metricSource: { spec } }: z.infer<typeof Metric>): string {
  return (spec.query ?? spec.promql ?? '').trim()
}

export const IndicatorSpec = z
  .strictObject({
    description: z.string().max(1050).optional(),
    thresholdMetric: Metric.optional(),
    ratioMetric: z
      .strictObject({
        counter: z
          .boolean()
          .refine((only) => only, 'true: counts of good, bad and total that only grow. What goes up and down says nothing about how much was counted')
          .optional(),
        good: Metric.optional(),
        bad: Metric.optional(),
        total: Metric.optional(),
        rawType: refused('no raw ratio: it does not tell how much was counted'),
        raw: refused('good or bad, and total: a raw ratio does not tell how much was counted'),
      })
      .superRefine((ratio, context) => {
        if (ratio.counter === undefined) context.addIssue({ code: 'custom', path: ['counter'], message: 'counter: true' })
        if ((ratio.good === undefined) === (ratio.bad === undefined)) context.addIssue({ code: 'custom', path: [], message: 'either good or bad' })
        if (ratio.total === undefined) context.addIssue({ code: 'custom', path: ['total'], message: 'total, what good or bad is a part of' })
      })
      .optional(),
  })
  .refine((spec) => (spec.ratioMetric === undefined) !== (spec.thresholdMetric === undefined), 'either ratioMetric or thresholdMetric')
export type IndicatorSpec = z.infer<typeof IndicatorSpec>

const TimeWindow = z
  .strictObject({
    duration: Shorthand,
    isRolling: z.boolean().optional(),
    calendar: z
      .strictObject({
        startTime: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'a time such as 2026-01-01 00:00:00, in the zone beside it'),
        timeZone: z.string().max(60).refine(isZone, 'a time zone such as Europe/Berlin'),
      })
      .optional(),
  })
  .superRefine(({ duration, isRolling, calendar }, context) => {
    if (calendar === undefined && isRolling !== true)
      context.addIssue({ code: 'custom', path: ['isRolling'], message: 'isRolling: true, or a calendar' })
    if (calendar !== undefined && isRolling === true)
      context.addIssue({ code: 'custom', path: ['isRolling'], message: 'either isRolling: true or a calendar' })
    if (calendar === undefined && /[MQY]$/.test(duration))
      context.addIssue({ code: 'custom', path: ['duration'], message: 'days or weeks, such as 30d: how long a month is, only a calendar says' })
    if (shorthandMs(duration) > shorthandMs('2Y')) context.addIssue({ code: 'custom', path: ['duration'], message: 'two years at most' })
  })
export type TimeWindow = z.infer<typeof TimeWindow>

export const SloSpec = z.strictObject({
  description: z.string().max(1050).optional(),
  service: z.string().max(63).optional(),
  indicator: z.strictObject({ metadata: z.looseObject({}).optional(), spec: IndicatorSpec }).optional(),
  indicatorRef: ObjectName.optional(),
  timeWindow: z.array(TimeWindow).length(1).optional(),
  budgetingMethod: z.enum(['Occurrences', 'Timeslices'], 'Occurrences or Timeslices'),
  objectives: Objectives,
  alertPolicies: z.array(z.unknown()).max(50).optional(),
})
export type SloSpec = z.infer<typeof SloSpec>

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
