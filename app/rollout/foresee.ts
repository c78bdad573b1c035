/**
 * Before the traffic of a step moves: can the step decide with this traffic in this time, and what would it see? A step that surely cannot is not begun:
 * it would end at its deadline whatever the version is. Pure.
 */
import { objectiveWords } from '../../evidence/slo/held.ts'
import { boundOf, type Objective } from '../../gates/judge/burn.ts'
import { requestsToCertify } from '../../gates/judge/guard.ts'
import { forecast, trafficOf } from '../../gates/judge/forecast.ts'
import type { Sample } from '../release/ports.ts'
import type { Rollout } from '../release/state.ts'
import { deadlineOf } from './judged.ts'
import { rulesOf } from './judgement.ts'
import { ticksOf } from './ticks.ts'

export interface Foresight {
  /** Why the step may not begin; null when it may. */
  readonly why: string | null
  /** What is expected of it, for people. */
  readonly sentence: string
  readonly numbers: Readonly<Record<string, number>>
}

/** Traffic of so long counts, and with fewer requests than these at least a minute of it is awaited. */
const RECENT_MS = 300_000
const PLENTY = 100
const MINUTE_MS = 60_000

/** @returns null when nothing was measured: then nobody can say */
export function foresee(samples: readonly Sample[], rollout: Rollout, now: number): Foresight | null {
  const seen = trafficIn(samples.filter(({ at }) => at >= now - RECENT_MS))
  if (seen === null) return null
  const { requests, rate, ms } = seen
  const { step, policy } = rollout
  const unheld = unheldBy(samples, policy.compare?.objectives ?? [])
  if (unheld !== null) return { why: unheld, sentence: '', numbers: {} }
  if (requests < PLENTY && ms < MINUTE_MS)
    return {
      why: `its traffic is measured for another ${Math.ceil((MINUTE_MS - ms) / 1000)} s, so that it is known what this step can decide`,
      sentence: '',
      numbers: {},
    }
  const perMinute = (requests * MINUTE_MS) / ms
  const canary = (perMinute * step) / 100
  const needed = requestsToCertify({ ...policy.guard, falseAlarm: policy.guard.falseAlarm / 2 }, rate)
  const minutes = needed === null || canary === 0 ? null : needed / canary
  const deadline = deadlineOf(rollout) / MINUTE_MS
  const about = `at ${step} % about ${amount(canary)} requests a minute reach the new version`
  const numbers = {
    canary_per_minute: canary,
    error_rate: rate,
    deadline_minutes: deadline,
    ...(minutes === null ? {} : { certify_minutes: minutes }),
  }
  if (minutes === null)
    return {
      why: `it cannot decide: ${about}, and with ${amount(100 * rate)} % of them failing already the limit of ${amount(100 * policy.guard.limit)} % cannot be certified; raise guard.errors, or wait until fewer fail`,
      sentence: '',
      numbers,
    }
  if (minutes > deadline)
    return {
      why: `it cannot decide in time: ${about}, a healthy one needs about ${amount(minutes)} minutes of that, and its deadline is at ${amount(deadline)}; give the step more traffic or a later deadline`,
      sentence: '',
      numbers,
    }
  const rise = step >= 100 ? null : detectable(samples, rollout, now)
  const sees = rise === null ? '' : `, and errors ${amount(rise)} times as many as the stable version's are seen by the end of the bake`
  return {
    why: null,
    sentence: `Forecast: ${about}; a healthy one is certified within about ${amount(minutes)} minutes${sees}.`,
    numbers: rise === null ? numbers : { ...numbers, detectable_ratio: rise },
  }
}

/** An objective about a time that no bucket of the stable version ends at would be watched in vain. */
function unheldBy(samples: readonly Sample[], objectives: readonly Objective[]): string | null {
  const le = samples.findLast(({ stable }) => stable?.latency != null)?.stable?.latency?.le
  const lost = le === undefined ? [] : objectives.filter(({ within_ms: ms }) => ms !== undefined && boundOf(le, ms) === -1)
  if (lost.length === 0) return null
  const bounds = (le ?? []).map((bound) => Number(bound.toPrecision(6))).join(', ')
  return `it cannot be held to ${lost.map(objectiveWords).join(', ')}: the buckets end at ${bounds} ms; give the histogram that bound, or change the objective`
}

/** Requests of both versions together, and the stable version's share of failed ones. */
function trafficIn(samples: readonly Sample[]): { readonly requests: number; readonly rate: number; readonly ms: number } | null {
  const ticks = ticksOf(samples, -Infinity).filter(({ baseline }) => baseline !== null)
  const [first, last] = [samples.find(({ stable }) => stable !== null), samples.findLast(({ stable }) => stable !== null)]
  if (ticks.length === 0 || first === undefined || last === undefined || last.at <= first.at) return null
  const sum = (of: (tick: (typeof ticks)[number]) => number): number => ticks.reduce((total, tick) => total + of(tick), 0)
  const stable = { requests: sum(({ baseline }) => baseline?.requests ?? 0), errors: sum(({ baseline }) => baseline?.errors ?? 0) }
  return {
    requests: stable.requests + sum(({ canary }) => canary?.requests ?? 0),
    rate: stable.requests === 0 ? 0 : stable.errors / stable.requests,
    ms: last.at - first.at,
  }
}

/** Smallest ratio of errors that the comparison sees within the bake; null: none, or nobody can say. */
function detectable(samples: readonly Sample[], rollout: Rollout, now: number): number | null {
  const { guard, compare, bake } = rollout.policy
  const history = ticksOf(
    samples.filter(({ at }) => at >= now - RECENT_MS),
    -Infinity,
  )
  const traffic = trafficOf(history)
  if (traffic === null || traffic.rate === 0) return null
  const rules = { ...rulesOf({ ...guard, falseAlarm: guard.falseAlarm / 2 }, compare ?? null), bake: (bake[rollout.step] ?? 0) / 1000 }
  return forecast({ ...rules, deadline: deadlineOf(rollout) / 1000 }, traffic, rollout.step / 100).detectable.bake
}

function amount(value: number): string {
  return String(Number(value >= 10 ? value.toFixed(0) : value.toPrecision(2)))
}
