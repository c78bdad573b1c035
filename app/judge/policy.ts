/** The keys of an environment that the judge reads -> its policy. Pure. */
import { z } from 'zod'
import { EnvironmentConfig, ofStep } from '../../evidence/model/config/environments.ts'
import { RepositoryGlob } from '../../evidence/model/config/names.ts'
import { Duration, milliseconds } from '../../evidence/model/primitives.ts'
import type { Objective } from '../../gates/judge/burn.ts'
import type { JudgePolicy } from '../../gates/judge/policy.ts'

const Stated = z.strictObject({
  name: z.string().min(1).max(100).default('availability').describe('What it is called.'),
  target: z.number().gt(0).lt(1).describe('Share of requests that must be good: 0.999.'),
  within: Duration.optional().describe('Good is what took no longer, a bound of the histogram: 250ms; absent: what did not fail.'),
})

const { judge, absence, bake, deadline } = EnvironmentConfig.shape
const Ignored = z.unknown().optional()

/** `judge`, `slos`, `absence`, `bake` and `deadline` of an environment; its other keys may stand there too and say nothing to the judge. */
export const PolicyFile = z.strictObject({
  judge,
  slos: z
    .array(z.union([RepositoryGlob, Stated], { error: 'an OpenSLO file such as slo/*.yaml, or { name: availability, target: 0.999 }' }))
    .max(20)
    .default([])
    .describe('A burnt error budget rolls back. OpenSLO files are looked for beside the policy.'),
  absence,
  bake,
  deadline,
  deploy: Ignored,
  router: Ignored,
  metrics: Ignored,
  steps: Ignored,
  guard: Ignored,
  hooks: Ignored,
})
export type PolicyFile = z.infer<typeof PolicyFile>

/** Share of failed requests below which no ratio stands in the way of an advance: one in a thousand. */
const NEGLIGIBLE = 0.001
/** A chance of this much or more is no evidence. */
const MOST_CHANCE = 0.5

/** @param step whose bake and deadline count, where they differ by step @param more objectives, of the files that it names @returns undefined when the file names no such step */
export function judgePolicyOf(file: PolicyFile, step: number, more: readonly Objective[] = []): JudgePolicy | undefined {
  const [baked, ended] = [ofStep(file.bake, step), ofStep(file.deadline, step)]
  if (baked === undefined || ended === undefined) return undefined
  const { false_alarm: falseAlarm, miss, minimum_effect: minimum, certify, warm_up: warmUp } = file.judge
  return {
    falseAlarm: Math.min(falseAlarm, MOST_CHANCE),
    miss: Math.min(miss, MOST_CHANCE),
    minimum: { errors: times(minimum.errors), latency: times(minimum.latency) },
    certify: { errors: times(certify.errors), latency: times(certify.latency) },
    negligible: NEGLIGIBLE,
    absence: file.absence,
    objectives: [...file.slos.flatMap((slo) => (typeof slo === 'string' ? [] : [statedBy(slo)])), ...more],
    bake: baked / 1000,
    deadline: ended / 1000,
    warmUp: warmUp === undefined ? 0 : milliseconds(warmUp) / 1000,
  }
}

function statedBy({ name, target, within }: z.infer<typeof Stated>): Objective {
  return within === undefined ? { name, target } : { name, target, within_ms: milliseconds(within) }
}

function times(ratio: string): number {
  return Number.parseFloat(ratio)
}
