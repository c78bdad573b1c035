/**
 * Home is not enough: a rollback is done when the journeys that must always work do so again. Each golden path is an operator-named address that must
 * answer with its status, or a workflow whose run must succeed. Until then the release is rolling back, with all traffic home. Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { GoldenPath, Rollout } from '../release/state.ts'
import { restoreFlags } from './flags.ts'
import { restore } from './restore.ts'

/** The hard limit of a rollback: from here on people are called, and it goes on being looked at. */
export const GREEN_WITHIN_MS = 5 * 60_000
const AGAIN_MS = 2_000
const AGAIN_LATE_MS = 30_000

/** Says `rolled_back` once the version before is there as it was, and every golden path is green. */
export function waitForGreen(draft: Draft, facts: Facts, rollout: Rollout): void {
  if (draft.state !== 'rolling_back') return
  const paths = redPaths(draft, facts, rollout, 'golden')
  const red = [...listed(restore(draft, facts, rollout)), ...restoreFlags(draft, rollout), ...paths]
  if (red.length === 0) {
    if (rollout.policy.golden.length > 0) draft.note('golden', { environment: rollout.environment, paths: rollout.policy.golden.map(nameOf) })
    delete rollout.red
    draft.move('rolled_back', rollout.why?.sentence ?? 'rolled back')
    return
  }
  rollout.red = red
  draft.data.sentence = `All traffic is back. Not green yet: ${red.join('; ')}.`
  draft.lookAgainAt(facts.now + (isLate(facts, rollout) ? AGAIN_LATE_MS : AGAIN_MS))
}

/** Golden paths that are not green, in words. @param place keeps the runs of one look around apart from another's */
export function redPaths(draft: Draft, facts: Facts, rollout: Rollout, place: string): readonly string[] {
  return rollout.policy.golden.flatMap((path, at) => redOf(draft, facts, rollout, { path, at: `${place}/${at}` }) ?? [])
}

function listed(why: string | null): readonly string[] {
  return why === null ? [] : [why]
}

/** Home for longer than a rollback may take, and still not green. */
export function isLate({ now }: Pick<Facts, 'now'>, rollout: Rollout): boolean {
  return rollout.stage === 'withdrawn' && rollout.red !== undefined && now >= rollout.since + GREEN_WITHIN_MS
}

export function nameOf(path: GoldenPath): string {
  return 'url' in path ? path.url : path.workflow
}

/** The operator-named addresses to look at now: none while traffic is still on its way, which must wait for nothing. */
export function urlsToLookAt(rollout: Rollout | null): readonly string[] {
  if (rollout === null || (rollout.stage !== 'withdrawn' && rollout.rehearsal?.homeAt == null)) return []
  return rollout.policy.golden.flatMap((path) => ('url' in path ? [path.url] : []))
}

/** null: green. */
function redOf(draft: Draft, facts: Facts, rollout: Rollout, { path, at }: { path: GoldenPath; at: string }): string | null {
  if ('url' in path) {
    const probed = facts.probed?.get(path.url)
    if (probed === undefined) return `${path.url} was not looked at`
    if (probed.status === null) return `${path.url}: ${probed.note}`
    return probed.status === path.status ? null : `${path.url} answers ${probed.status} instead of ${path.status}`
  }
  const key = draft.key(`rollout/${rollout.number}/${rollout.environment}/${at}`)
  if (rollout.passed.includes(key)) return null
  const { version } = draft.before
  const about = { hook: 'golden', version, sha: draft.head, environment: rollout.environment, step: '0', plan: rollout.plan, key }
  const outcome = draft.ensure({
    kind: 'workflow.dispatch',
    key,
    workflow: path.workflow,
    ref: rollout.policy.ref,
    inputs: { ...path.inputs, ...about },
  })
  const run = outcome?.id == null ? undefined : facts.full?.runs.get(outcome.id)
  if (run?.status !== 'completed') return `${path.workflow} has not ended yet`
  if (run.conclusion !== 'success') return `${path.workflow} ended with ${run.conclusion ?? 'nothing'}`
  rollout.passed.push(key)
  return null
}
