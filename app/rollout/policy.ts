/** What an environment's config tells the judge: what to tolerate, how long to bake, how long to wait. Pure. */
import type { Config } from '../../evidence/model/config.ts'
import { ofStep } from '../../evidence/model/config/environments.ts'
import type { Rollout } from '../release/state.ts'

/** Durations in milliseconds, by step. */
export function policyOf(environment: Config['environments'][string]): Pick<Rollout['policy'], 'guard' | 'bake' | 'deadline'> {
  const per = (value: typeof environment.bake): Record<string, number> =>
    Object.fromEntries(environment.steps.map((step) => [String(step), ofStep(value, step) ?? 0]))
  return {
    guard: {
      limit: environment.guard.errors,
      falseAlarm: environment.judge.false_alarm,
      miss: environment.judge.miss,
      certify: Number.parseFloat(environment.judge.certify.errors),
      minimum: Number.parseFloat(environment.judge.minimum_effect.errors),
    },
    bake: per(environment.bake),
    deadline: per(environment.deadline),
  }
}
