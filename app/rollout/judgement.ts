/**
 * What is said of a canary now, from all that was seen of it: the absolute guard, and the comparison with the stable version of the same time. Each has
 * half of the one false-alarm budget. The comparison only ever sends back; what advances a step is the guard. Pure.
 */
import { judge, type GuardPolicy, type Judgement } from '../../gates/judge/guard.ts'
import { Judge } from '../../gates/judge/judge.ts'
import type { Arm, Tick } from '../../gates/judge/tick.ts'
import type { Sample } from '../release/ports.ts'
import { arms, type Span } from './arms.ts'

export interface Told extends Span {
  readonly policy: GuardPolicy
  readonly samples: readonly Sample[]
  readonly bakeUntil: number
  readonly deadline: number
}

export function judgementOf({ policy, samples, bakeUntil, deadline, ...span }: Told): Judgement {
  const half = { ...policy, falseAlarm: policy.falseAlarm / 2 }
  const guarded = judge({ policy: half, ...arms(samples, span), now: span.now, bakeUntil, deadline })
  if (guarded.code === 'breach') return guarded
  const compared = Judge.after(comparison(half), ticksOf(samples, span.startedAt))
  if (compared?.code !== 'worse') return guarded
  const { evidence, ratio, dispersion } = compared.metrics.errors
  const metrics = { ...guarded.metrics, worse: evidence, dispersion, ...(ratio === null ? {} : { ratio }) }
  return { decision: 'roll_back', code: 'worse', sentence: compared.reason, metrics }
}

/** Nothing but "worse" is asked of it. */
function comparison({ falseAlarm, miss, certify, minimum, limit }: GuardPolicy): ConstructorParameters<typeof Judge>[0] {
  return {
    falseAlarm,
    miss,
    minimum: { errors: minimum, latency: Infinity },
    certify: { errors: certify, latency: Infinity },
    negligible: limit / 10,
    absence: { errors: 'indeterminate', latency: 'indeterminate' },
    objectives: [],
    bake: Infinity,
    deadline: Infinity,
    warmUp: 0,
  }
}

/** Between two readings of both versions that follow each other; a counter that fell was reset, and that stretch says nothing. */
function ticksOf(samples: readonly Sample[], startedAt: number): Tick[] {
  const ticks: Tick[] = []
  let before: Sample | null = null
  for (const sample of samples) {
    if (sample.canary === null || sample.stable === null) continue
    if (before !== null && before.at >= startedAt)
      ticks.push({ t: sample.at / 1000, canary: between(before.canary, sample.canary), baseline: between(before.stable, sample.stable) })
    before = sample
  }
  return ticks
}

function between(before: Sample['canary'], after: Sample['canary']): Arm | null {
  if (before === null || after === null) return null
  const [requests, errors] = [after.requests - before.requests, after.errors - before.errors]
  return requests < 0 || errors < 0 || errors > requests ? null : { requests, errors, latency: null }
}
