/** The judge's policy where a test or a simulation says nothing else: the defaults of a config. */
import type { JudgePolicy } from '../../gates/judge/policy.ts'

export const POLICY: JudgePolicy = {
  falseAlarm: 0.01,
  miss: 0.05,
  minimum: { errors: 1.25, latency: 1.1 },
  certify: { errors: 2, latency: 1.25 },
  negligible: 0.001,
  absence: { errors: 'indeterminate', latency: 'indeterminate' },
  objectives: [],
  bake: 600,
  deadline: 3600,
  warmUp: 0,
}
