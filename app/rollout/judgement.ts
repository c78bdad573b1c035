/**
 * What is said of a canary now, from all that was seen of it: the absolute guard, and the comparison with the stable version of the same time. Each has
 * half of the one false-alarm budget. Both may send it back, and so may an objective whose error budget burns fast. To advance, the guard must be sure of this step, and while the stable version serves as well,
 * the comparison must have what `missing.ts` asks for. Pure.
 */
import { judge, type GuardPolicy, type Judgement } from '../../gates/judge/guard.ts'
import { Judge, type Judgement as Compared } from '../../gates/judge/judge.ts'
import type { JudgePolicy } from '../../gates/judge/policy.ts'
import type { Sample } from '../release/ports.ts'
import { arms, type Span } from './arms.ts'
import { missing, objectiveLacking } from './missing.ts'
import { historyOf, ticksOf } from './ticks.ts'

/** How the canary is compared; the rest of the judge's policy is the guard's. Seconds. */
export type Comparison = Pick<JudgePolicy, 'minimum' | 'certify' | 'absence' | 'objectives' | 'warmUp'>

export interface Told extends Span {
  readonly policy: GuardPolicy
  /** null: errors alone are compared, as rollouts were before latency was. */
  readonly comparison: Comparison | null
  readonly samples: readonly Sample[]
  /** Percent of the traffic; at 100 the stable version serves nobody. */
  readonly percent: number
  readonly bakeUntil: number
  readonly deadline: number
}

export function judgementOf(told: Told): Judgement {
  const { policy, samples, bakeUntil, deadline, now } = told
  const half = { ...policy, falseAlarm: policy.falseAlarm / 2 }
  const guarded = judge({ policy: half, ...arms(samples, told), now, bakeUntil, deadline })
  if (guarded.code === 'breach') return guarded
  const rules = rulesOf(half, told.comparison)
  const history = historyOf(samples, told.startedAt)
  const compared = Judge.after(rules, ticksOf(samples, told.startedAt), history)
  const metrics = { ...guarded.metrics, ...figures(compared) }
  if (compared !== null && (compared.code === 'worse' || compared.code === 'burn' || compared.code === 'absent'))
    return { decision: 'roll_back', code: compared.code, sentence: compared.reason, metrics }
  if (guarded.decision !== 'advance' || told.comparison === null) return { ...guarded, metrics }
  const alone = told.percent >= 100
  const step = alone ? null : Judge.after(rules, ticksOf(samples, told.shiftedAt), history)
  const { shiftedAt, sampleMs } = told
  const why = alone ? (compared === null ? null : objectiveLacking(compared)) : missing({ rules, compared, step, samples, shiftedAt, now, sampleMs })
  if (why === null && alone) return { ...guarded, metrics }
  if (why === null) return { ...guarded, sentence: `${guarded.sentence.slice(0, -1)}; ${compares(rules, step)}.`, metrics }
  if (now >= deadline) return { decision: 'roll_back', code: 'deadline', sentence: `Roll back: the deadline came and ${why}.`, metrics }
  return { decision: 'hold', code: 'undecided', sentence: `Hold: ${why}.`, metrics }
}

/** Times and certified errors are the guard's: they are not asked of the comparison. */
export function rulesOf({ falseAlarm, miss, certify, minimum, limit }: GuardPolicy, comparison: Comparison | null): JudgePolicy {
  return {
    falseAlarm,
    miss,
    minimum: { errors: minimum, latency: Infinity },
    certify: { errors: certify, latency: Infinity },
    absence: { errors: 'indeterminate', latency: 'indeterminate' },
    objectives: [],
    warmUp: 0,
    ...comparison,
    negligible: limit / 10,
    bake: Infinity,
    deadline: Infinity,
  }
}

/** Numbers for the record; what nobody measured is absent. */
function figures(compared: Compared | null): Record<string, number> {
  if (compared === null) return {}
  const { errors } = compared.metrics
  const latency = compared.metrics.latency?.canary == null ? null : compared.metrics.latency
  const all = {
    worse: errors.evidence,
    dispersion: errors.dispersion,
    ratio: errors.ratio,
    budget_burn: compared.burn?.factor ?? null,
    latency_worse: latency?.evidence ?? null,
    latency_ratio: latency?.ratio ?? null,
    latency_ms: latency?.canary ?? null,
    latency_stable_ms: latency?.baseline ?? null,
  }
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null || !Number.isFinite(value) ? [] : [[name, value]])))
}

function compares({ certify, miss }: JudgePolicy, step: Compared | null): string {
  const latency = step?.metrics.latency ?? null
  if (latency === null || latency.canary === null || latency.baseline === null) return 'latency was never measured'
  const seen = `the median is ${latency.canary.toFixed(0)} ms against ${latency.baseline.toFixed(0)} ms`
  return `${seen}, and latency ${certify.latency} times as long is excluded at a risk of ${Number((100 * miss).toPrecision(3))} %`
}
