import { expect, test } from 'vitest'
import { argoRolloutOf, planProblem, standingOf } from '../../../../app/rollout/routers/argo-rollout.ts'
import { rolloutOf, STEPS } from '../../../support/kubernetes/rollout.ts'

const METADATA = { resourceVersion: '1', generation: 1 }

function withCanary(canary: object): ReturnType<typeof argoRolloutOf> {
  return argoRolloutOf({ ...rolloutOf(), metadata: METADATA, spec: { strategy: { canary } } })
}

const routed = (steps: readonly object[]) => withCanary({ trafficRouting: {}, steps })

test('the steps of the example wait for the App at every weight', () => {
  expect(planProblem(routed(STEPS))).toBeNull()
  expect(planProblem(routed([...STEPS.slice(0, -1), { pause: { duration: '24h' } }]))).toBeNull()
})

test.each([
  ['begins with a weight', [{ setWeight: 10 }, { pause: {} }], 'step 1 sets 10 % without'],
  ['waits for a time only', [{ pause: { duration: '1h' } }, { setWeight: 10 }, { pause: {} }], 'step 1 is neither'],
  ['sets two weights in a row', [{ pause: {} }, { setWeight: 10 }, { setWeight: 50 }, { pause: {} }], 'step 3 sets 50 % without'],
  ['ends without a pause', STEPS.slice(0, -1), 'its last step is no pause'],
  ['lets Argo judge', [{ pause: {} }, { setWeight: 10 }, { analysis: {} }, { pause: {} }], 'step 3 is neither'],
  ['is empty', [], 'its last step is no pause'],
])('a plan that %s is none', (_, steps, words) => {
  expect(planProblem(routed(steps))).toContain(words)
})

test('weights are shares of requests only with a traffic router and 100 parts', () => {
  expect(planProblem(withCanary({ steps: STEPS }))).toContain('no trafficRouting')
  expect(planProblem(withCanary({ steps: STEPS, trafficRouting: { maxTrafficWeight: 1_000 } }))).toContain('maxTrafficWeight')
  expect(planProblem(argoRolloutOf({ metadata: METADATA, spec: { strategy: { blueGreen: {} } } }))).toBe('its strategy is not canary')
})

const AT_PAUSE = {
  observedGeneration: '1',
  currentPodHash: 'new',
  stableRS: 'old',
  currentStepIndex: 3,
  pauseConditions: [{ reason: 'CanaryPauseStep' }],
}
const weights = (canary: number, more: object = {}) => ({
  canary: { weights: { canary: { weight: canary }, stable: { weight: 100 - canary }, ...more } },
})

test.each([
  ['waits', { ...AT_PAUSE, ...weights(10) }, 'waits'],
  ['has its old weight still', { ...AT_PAUSE, ...weights(0) }, 'moves'],
  ['is not verified by its load balancer', { ...AT_PAUSE, ...weights(10, { verified: false }) }, 'moves'],
  ['says no weights', { ...AT_PAUSE }, 'moves'],
  ['was just told to go on', { ...AT_PAUSE, pauseConditions: [], ...weights(10) }, 'moves'],
  ['is paused for another reason', { ...AT_PAUSE, pauseConditions: [{ reason: 'InconclusiveAnalysis' }], ...weights(10) }, 'moves'],
  ['shares with an experiment', { ...AT_PAUSE, canary: { weights: { canary: { weight: 10 }, stable: { weight: 80 } } } }, 'moves'],
  ['is aborted', { ...AT_PAUSE, abort: true, pauseConditions: [], ...weights(0) }, 'aborted'],
  ['is being aborted', { ...AT_PAUSE, abort: true, ...weights(10) }, 'moves'],
  ['serves one version', { ...AT_PAUSE, currentPodHash: 'old' }, 'none'],
  ['was not looked at', { ...AT_PAUSE, observedGeneration: '0', ...weights(10) }, 'unseen'],
  ['has a generation that is no number', { ...AT_PAUSE, observedGeneration: 'x', ...weights(10) }, 'unseen'],
  ['has no status', undefined, 'unseen'],
])('one that %s', (_, status, kind) => {
  expect(standingOf(argoRolloutOf({ ...rolloutOf(), metadata: METADATA, status })).kind).toBe(kind)
})
