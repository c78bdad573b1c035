/** A Rollout of a shop, and as much of Argo's controller as a canary with pauses needs: it goes along the steps, waits, aborts and promotes. */
import { apiServer, type ApiServer, type ApiServerOptions, type Stored } from './api-server.ts'

type Step = { readonly setWeight?: number; readonly pause?: { readonly duration?: string }; readonly setCanaryScale?: { readonly replicas: number } }

export const STEPS: readonly Step[] = [
  { setCanaryScale: { replicas: 2 } },
  { pause: {} },
  { setWeight: 10 },
  { pause: {} },
  { setWeight: 50 },
  { pause: {} },
  { setWeight: 100 },
  { pause: {} },
]

const POD = { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'shop', image: 'shop:2' }] } }

export function rolloutOf(steps: readonly Step[] = STEPS): ApiServerOptions['object'] {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'shop' } },
      template: POD,
      strategy: {
        canary: { canaryService: 'shop-canary', stableService: 'shop-stable', trafficRouting: { nginx: { stableIngress: 'shop' } }, steps },
      },
    },
    status: { observedGeneration: '1', currentPodHash: 'old', stableRS: 'old', currentStepIndex: steps.length },
  }
}

interface Status {
  abort?: boolean
  controllerPause?: boolean
  currentPodHash: string
  stableRS: string
  currentStepIndex: number
  observedGeneration: string
  pauseConditions?: { reason: string; startTime: string }[]
  canary?: { weights: { canary: { weight: number }; stable: { weight: number } } }
}

function give(status: Status, weight: number): void {
  status.canary = { weights: { canary: { weight }, stable: { weight: 100 - weight } } }
}

function go(object: Stored): void {
  const status = object.status as unknown as Status
  const { steps } = (object.spec as { strategy: { canary: { steps: readonly Step[] } } }).strategy.canary
  status.observedGeneration = String(object.metadata.generation)
  if (status.currentPodHash === status.stableRS) return
  if (status.abort === true) {
    give(status, 0)
    status.currentStepIndex = 0
    delete status.pauseConditions
    status.controllerPause = false
    return
  }
  if (status.controllerPause === true && status.pauseConditions === undefined) {
    status.controllerPause = false
    status.currentStepIndex += 1
  }
  for (;;) {
    const step = steps[status.currentStepIndex]
    if (step === undefined) {
      status.stableRS = status.currentPodHash
      give(status, 0)
      return
    }
    if (step.pause !== undefined) {
      if (status.controllerPause !== true) status.pauseConditions = [{ reason: 'CanaryPauseStep', startTime: '2026-01-01T00:00:00Z' }]
      status.controllerPause = true
      return
    }
    if (step.setWeight !== undefined) give(status, step.setWeight)
    status.currentStepIndex += 1
  }
}

export interface ArgoServer extends ApiServer {
  /** A new version is deployed, and the controller begins its steps. */
  deploy(hash: string): void
  /** The controller looks. */
  controller(): void
}

export async function rolloutServer(over: Partial<ApiServerOptions> = {}): Promise<ArgoServer> {
  const server = await apiServer({ group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts', object: rolloutOf(), token: 'a-token', ...over })
  const controller = () => server.change(go)
  server.onPatch = controller
  return Object.assign(server, {
    controller,
    deploy(hash: string) {
      server.change((object) => {
        Object.assign(object.status ?? {}, { currentPodHash: hash, currentStepIndex: 0, abort: false, controllerPause: false })
        delete object.status?.['pauseConditions']
      })
      controller()
    },
  })
}
