/**
 * Router adapter for Argo Rollouts: up by ending the pause before the next weight of the steps, as `kubectl argo rollouts promote` does; to 0 % by aborting, as
 * `kubectl argo rollouts abort` does. Believed when the Rollout says that its traffic router has the weight.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { argoRolloutOf, GIVEN, nextWeight, planProblem, standingOf, type ArgoRollout } from './argo-rollout.ts'
import { cluster, CLUSTER_KEYS, leavesTime, Namespace, ObjectName, PAUSE_MS, type Cluster } from './kubernetes.ts'
import { percentage, RouterError, type Router } from './router.ts'
import { turns, type Own } from './turns.ts'

/** One router in the operator's file. */
export const ArgoSource = z.strictObject({
  ...CLUSTER_KEYS,
  namespace: Namespace,
  /** Name of the Rollout. */
  rollout: ObjectName,
})
export type ArgoSource = z.infer<typeof ArgoSource>

export interface ArgoOptions extends ArgoSource {
  /** Of one `set`. Default 8,000: the controller takes a moment. */
  readonly timeoutMs?: number
}

const READ_MS = 2_000

/** @throws RouterError `invalid` @param api for tests that need no cluster */
export function argoRollouts({ timeoutMs = 8_000, ...source }: ArgoOptions, api?: Cluster): Router {
  const parsed = ArgoSource.safeParse(source)
  if (!parsed.success) throw new RouterError('invalid', parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  const options = parsed.data
  const name = `Rollout ${options.rollout}`
  const kubernetes = api ?? cluster(options)
  const what = { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts', namespace: options.namespace, name: options.rollout }
  const inTurn = turns()

  async function look(endsAt: number): Promise<ArgoRollout> {
    return argoRolloutOf(await kubernetes.get(what, endsAt - performance.now()))
  }

  /** Only if nobody changed it since: a pause that was ended twice would be two weights. */
  async function patch(rollout: ArgoRollout, body: object, part: 'object' | 'status', endsAt: number): Promise<boolean> {
    const { metadata, ...rest } = body as { metadata?: object }
    const { resourceVersion } = rollout.metadata
    const answer = await kubernetes.merge(what, { metadata: { ...metadata, resourceVersion }, ...rest }, part, endsAt - performance.now())
    return answer.ok
  }

  /** True when something was asked of Argo or it must be looked at again; false when it stands. */
  async function up(percent: number, rollout: ArgoRollout, own: Own, endsAt: number): Promise<boolean> {
    const problem = planProblem(rollout)
    if (problem !== null) throw new RouterError('refused', `${name} cannot be led by its weights: ${problem}.`)
    const standing = standingOf(rollout)
    if (standing.kind === 'none')
      throw new RouterError('refused', `${name} has no canary, so nobody can be given ${percent} %. Is the new version deployed?`)
    if (standing.kind === 'aborted')
      throw new RouterError(
        'refused',
        `${name} was aborted. Deploy the new version again, or: kubectl argo rollouts retry rollout ${options.rollout}`,
      )
    if (standing.kind === 'promoted') {
      if (percent === 100) return false
      throw new RouterError('refused', `${name} has promoted the canary, so it serves everyone and not ${percent} %.`)
    }
    if (rollout.spec.paused) throw new RouterError('refused', `${name} was paused by hand (spec.paused).`)
    if (standing.kind === 'moves' || standing.kind === 'unseen') return true
    if (standing.percent === percent) return false
    const next = nextWeight(rollout)
    if (next !== percent)
      throw new RouterError(
        'refused',
        `${name} stands at ${standing.percent} %, and its next weight is ${next === null ? 'none' : `${next} %`} instead of ${percent} %. Let its steps be those of the release.`,
      )
    const hash = rollout.status.currentPodHash
    if (rollout.metadata.annotations?.[GIVEN] !== hash) {
      await patch(rollout, { metadata: { annotations: { [GIVEN]: hash } } }, 'object', endsAt)
      return true
    }
    own()
    await patch(rollout, { status: { pauseConditions: null } }, 'status', endsAt)
    return true
  }

  async function down(rollout: ArgoRollout, endsAt: number): Promise<boolean> {
    const standing = standingOf(rollout)
    if (standing.kind === 'promoted')
      throw new RouterError(
        'refused',
        `${name} has made the new version the stable one, and aborting takes nothing back. Do: kubectl argo rollouts undo ${options.rollout}`,
      )
    if (standing.kind === 'none' || standing.kind === 'aborted') return false
    if (standing.kind === 'waits' && standing.percent === 0) return false
    if (standing.kind !== 'unseen' && !rollout.status.abort)
      await kubernetes.merge(what, { status: { abort: true } }, 'status', endsAt - performance.now())
    return true
  }

  async function change(percent: number, own: Own): Promise<void> {
    const endsAt = performance.now() + timeoutMs
    for (;;) {
      own()
      const rollout = await look(endsAt)
      const again = percent === 0 ? await down(rollout, endsAt) : await up(percent, rollout, own, endsAt)
      if (!again) return
      if (!leavesTime(endsAt)) {
        const standing = standingOf(rollout)
        throw new RouterError(
          'mismatch',
          `${name} was asked for ${percent} % and is not there: ${'why' in standing ? standing.why : 'its controller did nothing yet'}.`,
        )
      }
      await sleep(PAUSE_MS)
    }
  }

  return {
    async set(percent) {
      percentage(percent)
      await inTurn(percent, (own) => change(percent, own))
    },
    async read() {
      const standing = standingOf(await look(performance.now() + Math.min(READ_MS, timeoutMs)))
      if (standing.kind === 'none') return 0
      if (standing.kind === 'promoted') return 100
      if ('why' in standing) throw new RouterError('mismatch', `${name} does not stand: ${standing.why}.`)
      return standing.percent
    },
  }
}
