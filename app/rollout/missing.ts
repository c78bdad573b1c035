/** What the comparison still lacks for an advance, in half a sentence; null: nothing. Silence of either version is never a reason to advance. Pure. */
import { objectiveWords } from '../../evidence/slo/held.ts'
import type { Judgement as Compared } from '../../gates/judge/judge.ts'
import type { JudgePolicy } from '../../gates/judge/policy.ts'
import { untoldWords } from '../../gates/judge/sentence.ts'
import type { Reading, Sample } from '../release/ports.ts'
import { SILENT_LOOKS } from './arms.ts'

export interface Lacking {
  readonly rules: JudgePolicy
  /** Of the whole canary, and of this step alone. */
  readonly compared: Compared | null
  readonly step: Compared | null
  readonly samples: readonly Sample[]
  readonly shiftedAt: number
  readonly now: number
  readonly sampleMs: number
}

export function missing(of: Lacking): string | null {
  const { rules, compared, step } = of
  if (compared === null || step === null || isSilent(of, ({ stable }) => stable)) return 'the stable version was not measured at this step'
  if (step.code === 'warming-up' || compared.code === 'warming-up') return `it warms up for ${rules.warmUp} s from its first request on`
  // Its page may answer and stand still: then nothing was compared either.
  const { state, hole_s: hole } = step.metrics.errors
  if (step.metrics.errors.baseline === null || (state !== 'ok' && hole * 1000 > SILENT_LOOKS * of.sampleMs))
    return `canary and stable version were not both seen to serve lately (${state})`
  const suspicion = compared.evidence + Math.log(rules.miss)
  if (suspicion >= 0) return `it looks somewhat worse than the stable version (${seen(compared)})`
  const unheld = objectiveLacking(compared)
  if (unheld !== null) return unheld
  const { latency } = step.metrics
  const untold = latency === null || (rules.absence.latency === 'zero' && latency.canary === null)
  if (untold) return null
  if (isSilent(of, ({ canary, stable }) => (stable?.latency == null ? null : (canary?.latency ?? null))))
    return 'latency was not measured of both versions; a service that has none says absence: { latency: zero }'
  if (latency.canary !== null && latency.ratio === null) return 'every request lies in one bucket of the histogram, so its bounds show no latency'
  if (!latency.certified) return `latency ${rules.certify.latency} times as long is not excluded yet (${seen(step)})`
  return null
}

/** Asked at every step, at 100 % as well. */
export function objectiveLacking({ burn, untold }: Pick<Compared, 'burn' | 'untold'>): string | null {
  if (burn !== null) return `the error budget of ${objectiveWords(burn.objective)} burns, for the stable version too`
  return untold.length === 0 ? null : untoldWords(untold)
}

/** Has nothing of this come lately? */
function isSilent({ samples, now, sampleMs, shiftedAt }: Lacking, of: (sample: Sample) => object | Reading | null): boolean {
  const last = samples.findLast((sample) => sample.at > shiftedAt && of(sample) !== null)?.at
  return last === undefined || now - last > SILENT_LOOKS * sampleMs
}

function seen({ metrics: { errors, latency } }: Compared): string {
  const words = [...times(errors.ratio, 'errors'), ...times(latency?.ratio, 'latency')]
  return words.length === 0 ? 'nothing to compare yet' : words.join(', ')
}

function times(ratio: number | null | undefined, what: string): readonly string[] {
  return ratio == null ? [] : [`${what} about ${ratio.toFixed(2)} times`]
}
