/** What an environment's config tells the judge: what to tolerate, how long to bake, how long to wait. Pure. */
import type { Config } from '../../evidence/model/config.ts'
import { ofStep } from '../../evidence/model/config/environments.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import type { Objective } from '../../gates/judge/burn.ts'
import type { Rollout } from '../release/state.ts'

/** Durations in milliseconds, by step. @param objectives that the canary is held to */
export function policyOf(
  environment: Config['environments'][string],
  objectives: readonly Objective[],
): Pick<Rollout['policy'], 'guard' | 'compare' | 'bake' | 'deadline'> {
  const per = (value: typeof environment.bake): Record<string, number> =>
    Object.fromEntries(environment.steps.map((step) => [String(step), ofStep(value, step) ?? 0]))
  return {
    guard: {
      limit: environment.guard.errors,
      falseAlarm: environment.judge.false_alarm,
      miss: environment.judge.miss,
      certify: ratios(environment.judge.certify).errors,
      minimum: ratios(environment.judge.minimum_effect).errors,
    },
    compare: {
      minimum: ratios(environment.judge.minimum_effect),
      certify: ratios(environment.judge.certify),
      absence: { ...environment.absence },
      objectives: [...objectives],
      warmUp: environment.judge.warm_up === undefined ? 0 : milliseconds(environment.judge.warm_up) / 1000,
    },
    bake: per(environment.bake),
    deadline: per(environment.deadline),
  }
}

function ratios({ errors, latency }: { readonly errors: string; readonly latency: string }): { errors: number; latency: number } {
  return { errors: Number.parseFloat(errors), latency: Number.parseFloat(latency) }
}
