/**
 * What `k6 inspect --execution-requirements` says of a script -> what it will do: which of its scenarios are the load, how many iterations are due, and whether
 * they come when they are due. Only executors with an arrival rate do that; with every other one a user who waits for an answer does not ask again, so a
 * service that stands still is asked less and looks well. Pure.
 */
import { z } from 'zod'
import type { ScriptRun } from '../inputs.load.ts'

const Name = z.string().min(1).max(200)
const Rate = z.number().min(0).max(1_000_000).nullish()
const Span = z
  .string()
  .max(40)
  .regex(/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/)
const Scenario = z.looseObject({
  executor: z.string().min(1).max(100),
  exec: z.string().max(200).nullish(),
  startTime: Span.nullish(),
  timeUnit: Span.nullish(),
  duration: Span.nullish(),
  rate: Rate,
  startRate: Rate,
  stages: z
    .array(z.looseObject({ duration: Span.nullish(), target: Rate }))
    .max(1000)
    .nullish(),
})
const Inspected = z.looseObject({
  scenarios: z.record(Name, Scenario).refine((all) => Object.keys(all).length <= 100, 'at most 100 scenarios'),
  totalDuration: Span,
  maxVUs: z.number().int().nonnegative(),
})

const OPEN = new Set(['constant-arrival-rate', 'ramping-arrival-rate'])
const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000_001 }

export type Part = ScriptRun['scenarios'][number]['part']

export interface Planned {
  readonly name: string
  readonly executor: string
  /** Its iterations come when they are due. */
  readonly open: boolean
  readonly part: Part
  /** The function of the script that one iteration calls. */
  readonly exec: string
  /** Iterations that are due in all of it; 0 for closed executors, which owe none. */
  readonly due: number
  readonly startMs: number
  readonly ms: number
}

export interface Plan {
  readonly scenarios: readonly Planned[]
  /** Until the last iteration must have ended, with the time that k6 gives it for that. */
  readonly totalMs: number
  readonly users: number
}

/** `1m30s` -> 90000. */
export function spanOf(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0),
    0,
  )
}

/** @returns null when this is not what k6 says of a script */
export function planOfScript(text: string): Plan | null {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    return null
  }
  const read = Inspected.safeParse(said)
  if (!read.success) return null
  const { scenarios, totalDuration, maxVUs } = read.data
  return { scenarios: Object.entries(scenarios).map(([name, one]) => planned(name, one)), totalMs: spanOf(totalDuration), users: maxVUs }
}

/** Whose iterations do not come when they are due. What warms up is not counted, and may come as it likes. */
export function closedOf({ scenarios }: Plan): readonly Planned[] {
  return scenarios.filter(({ open, part }) => part !== 'warm-up' && !open)
}

function planned(name: string, of: z.infer<typeof Scenario>): Planned {
  const open = OPEN.has(of.executor)
  const unit = of.timeUnit == null ? 1000 : spanOf(of.timeUnit)
  const steady = [{ from: of.rate ?? 0, to: of.rate ?? 0, ms: spanOf(of.duration ?? '0s') }]
  const stages = of.executor === 'ramping-arrival-rate' ? ramps(of) : steady
  const owed = stages.reduce((sum, { from, to, ms }) => sum + ((from + to) / 2) * (ms / unit), 0)
  return {
    name,
    executor: of.executor,
    open,
    part: name === 'spike' ? 'spike' : name === 'warm_up' ? 'warm-up' : 'load',
    exec: of.exec == null || of.exec === '' ? 'default' : of.exec,
    due: open && unit > 0 ? Math.floor(owed + 1e-6) : 0,
    startMs: spanOf(of.startTime ?? '0s'),
    ms: stages.reduce((sum, { ms }) => sum + ms, 0),
  }
}

function ramps({ startRate, stages }: z.infer<typeof Scenario>): { readonly from: number; readonly to: number; readonly ms: number }[] {
  let from = startRate ?? 0
  return (stages ?? []).map(({ duration, target }) => {
    const to = target ?? 0
    const stage = { from, to, ms: spanOf(duration ?? '0s') }
    from = to
    return stage
  })
}
