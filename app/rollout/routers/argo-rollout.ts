/**
 * A Rollout of Argo -> where its canary stands and what moves it on. Pure. Argo knows no order "set this weight": it goes along the steps of its spec. So the
 * weights stand there, each with an indefinite pause before it, and to set one is to end that pause.
 */
import { z } from 'zod'
import { RouterError } from './router.ts'

const Weight = z.number().int().min(0).max(100)
const Step = z.looseObject({
  setWeight: Weight.optional(),
  pause: z.looseObject({ duration: z.union([z.string().max(100), z.number()]).optional() }).optional(),
  setCanaryScale: z.looseObject({}).optional(),
})
type Step = z.infer<typeof Step>
const Destination = z.looseObject({ weight: z.number().int().min(0).max(1_000_000) })
const ArgoRollout = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string().min(1).max(200),
    generation: z.number().int(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.looseObject({
    paused: z.boolean().default(false),
    strategy: z.looseObject({
      canary: z
        .looseObject({
          steps: z.array(Step).max(1_000).default([]),
          trafficRouting: z.looseObject({ maxTrafficWeight: z.number().optional() }).optional(),
        })
        .optional(),
    }),
  }),
  status: z
    .looseObject({
      observedGeneration: z.string().max(40).default('0'),
      abort: z.boolean().default(false),
      currentStepIndex: z.number().int().min(0).optional(),
      currentPodHash: z.string().max(200).default(''),
      stableRS: z.string().max(200).default(''),
      pauseConditions: z
        .array(z.looseObject({ reason: z.string().max(200) }))
        .max(100)
        .default([]),
      canary: z
        .looseObject({ weights: z.looseObject({ canary: Destination, stable: Destination, verified: z.boolean().optional() }).optional() })
        .default({}),
    })
    .prefault({}),
})
export type ArgoRollout = z.infer<typeof ArgoRollout>

/** Which version the App gave traffic to: its hash of the pod template. Argo calls the canary stable as soon as it has promoted it. */
export const GIVEN = 'release-conductor/canary'

/** @throws RouterError `malformed` */
export function argoRolloutOf(object: unknown): ArgoRollout {
  const parsed = ArgoRollout.safeParse(object)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map(({ path }) => path.join('.')).slice(0, 5)
  throw new RouterError('malformed', `The API server's answer is no Rollout of argoproj.io/v1alpha1: ${where.join(', ')}.`)
}

function isWait({ pause }: Step): boolean {
  return pause !== undefined && pause.duration === undefined
}

/** Why Argo would not wait for the App at every weight; null when it would. */
export function planProblem({ spec }: ArgoRollout): string | null {
  const { canary } = spec.strategy
  if (canary === undefined) return 'its strategy is not canary'
  if (canary.trafficRouting === undefined) return 'it has no trafficRouting, so its weights are numbers of pods and no share of the requests'
  if ((canary.trafficRouting.maxTrafficWeight ?? 100) !== 100) return 'its maxTrafficWeight is not 100'
  let waits = false
  let last = 0
  for (const [at, step] of canary.steps.entries()) {
    if (step.setWeight !== undefined) {
      if (step.setWeight > 0 && !waits) return `step ${at + 1} sets ${step.setWeight} % without "pause: {}" before it, so Argo does that by itself`
      waits = false
      last = step.setWeight
    } else if (isWait(step)) waits = true
    else if (step.pause !== undefined && last === 100) waits = true
    else if (step.setCanaryScale === undefined) return `step ${at + 1} is neither setWeight, nor setCanaryScale, nor "pause: {}"`
  }
  return waits ? null : 'its last step is no pause, so Argo makes the canary the stable version by itself'
}

function indexOf({ status }: ArgoRollout): number {
  return status.currentStepIndex ?? 0
}

/** Percent that the steps up to now ask for. */
function asked(rollout: ArgoRollout): number {
  const steps = rollout.spec.strategy.canary?.steps ?? []
  return steps.slice(0, indexOf(rollout) + 1).findLast(({ setWeight }) => setWeight !== undefined)?.setWeight ?? 0
}

/** At a pause, and told so by Argo. */
function isPaused(rollout: ArgoRollout): boolean {
  const step = rollout.spec.strategy.canary?.steps[indexOf(rollout)]
  return step?.pause !== undefined && rollout.status.pauseConditions.some(({ reason }) => reason === 'CanaryPauseStep')
}

/** The weight of the next pause that ends; null when none follows. */
export function nextWeight(rollout: ArgoRollout): number | null {
  return rollout.spec.strategy.canary?.steps.slice(indexOf(rollout) + 1).find(({ setWeight }) => setWeight !== undefined)?.setWeight ?? null
}

export type Standing =
  /** The controller has not looked at the spec as it is now, so its status speaks of another one. */
  | { readonly kind: 'unseen'; readonly why: string }
  /** No canary: everybody gets the version that Argo calls stable. */
  | { readonly kind: 'none' }
  /** The version that the App gave traffic to has become the stable one. */
  | { readonly kind: 'promoted' }
  | { readonly kind: 'aborted'; readonly percent: number }
  /** Waits at a pause for the App. */
  | { readonly kind: 'waits'; readonly percent: number }
  /** Moves, or waits for pods; `percent` is what the traffic router was last given. */
  | { readonly kind: 'moves'; readonly percent: number; readonly why: string }

export function standingOf(rollout: ArgoRollout): Standing {
  const { status, metadata } = rollout
  if (!(Number(status.observedGeneration) >= metadata.generation))
    return { kind: 'unseen', why: `its controller has not seen generation ${metadata.generation} yet` }
  if (status.currentPodHash !== '' && status.currentPodHash === status.stableRS)
    return { kind: metadata.annotations?.[GIVEN] === status.stableRS ? 'promoted' : 'none' }
  const { weights } = status.canary
  const percent = weights?.canary.weight ?? 0
  if (weights !== undefined && weights.canary.weight + weights.stable.weight !== 100)
    return { kind: 'moves', percent, why: `its weights are ${weights.canary.weight} and ${weights.stable.weight}, which are not 100 together` }
  if (status.abort)
    return percent === 0 ? { kind: 'aborted', percent } : { kind: 'moves', percent, why: `it is aborted and still gives ${percent} %` }
  if (!isPaused(rollout)) return { kind: 'moves', percent, why: `step ${indexOf(rollout) + 1} is under way` }
  if (weights === undefined && asked(rollout) > 0) return { kind: 'moves', percent, why: 'it does not say its weights' }
  if (weights?.verified === false) return { kind: 'moves', percent, why: `its traffic router has not verified ${percent} %` }
  if (percent !== asked(rollout)) return { kind: 'moves', percent, why: `its traffic router has ${percent} % instead of ${asked(rollout)} %` }
  return { kind: 'waits', percent }
}
