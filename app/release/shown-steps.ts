/** Steps whose traffic moved, each with the moment its picture is of: when the judge ended it, else when it began. Oldest first. Pure. */
import type { ReleaseData } from './state.ts'

export interface ShownStep {
  /** Number of the rollout. */
  readonly rollout: number
  readonly environment: string
  /** Percent. */
  readonly step: number
  /** Epoch milliseconds. It changes when the judge ends the step, and not with every look. */
  readonly at: number
}

export function shownSteps({ ended, rollout }: Pick<ReleaseData, 'ended' | 'rollout'>): readonly ShownStep[] {
  return [...ended, ...(rollout === null ? [] : [rollout])].flatMap(({ number, environment, moved, judged }) =>
    moved.map(({ step, at }) => ({ rollout: number, environment, step, at: judged.findLast((one) => one.step === step)?.at ?? at })),
  )
}
