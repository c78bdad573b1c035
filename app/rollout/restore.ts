/**
 * Once everyone was served, the version before may have been replaced. So when that is taken back, the deploy workflow puts it there again, with the digests
 * the approved plan was bound to, and its run must say, signed, that it did. During a canary nothing is deployed: the version before was never touched. Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Effect, EvidenceRow } from '../release/ports.ts'
import type { Serving } from '../release/before.ts'
import type { Rollout } from '../release/state.ts'
import { deployRun, insist, isByWorkflow } from './by-workflow.ts'
import { sameDigests } from './deployed.ts'

/** Everyone was served, or may have been: an attempt at it began whose end nobody recorded. */
function servedAll(draft: Draft, rollout: Rollout): boolean {
  const { number, environment, moved, steps } = rollout
  const last = Math.max(...steps)
  if (moved.some(({ step }) => step === last)) return true
  const row = draft.row(draft.key(`rollout/${number}/${environment}/${last}/${isByWorkflow(rollout) ? 'run' : 'weight'}`))
  return row !== undefined && (row.outcome !== null || row.attempts > 0)
}

/** For people: what becomes of the version before, beside its traffic. */
export function sayRestored(draft: Draft, rollout: Rollout): string {
  const { before, restored } = rollout
  if (!servedAll(draft, rollout)) return 'The version before was never touched, so nothing was deployed again.'
  if (before == null) return 'Nothing says which version served before, so none was deployed again: see that `stable` is what it should be.'
  return restored === undefined ? `${before.version} is to be deployed again.` : `${before.version} is deployed again, with the digests it had.`
}

/** Starts the workflow for the version before, and again when a run ends without the word. @returns why it is not done yet; null: it is, or need not be */
export function restore(draft: Draft, facts: Facts, rollout: Rollout): string | null {
  const { before } = rollout
  if (before === null || rollout.restored !== undefined || !servedAll(draft, rollout)) return null
  const path = `rollout/${rollout.number}/${rollout.environment}/restore`
  const said = insist(draft, facts, path, {
    effect: (key) => againRun(draft, rollout, key, before),
    said: (evidence, run) => evidence.find((row) => isWord(row, rollout, { before, run }))?.evidence.digest,
  })
  if (said.kind === 'waits') return `${before.version} is not deployed again yet`
  if (said.kind === 'in-vain')
    return `${rollout.policy.workflow} was started ${said.times} times to deploy ${before.version} again and did not say that it runs with the digests it had: deploy it by hand, then re-run its last run`
  rollout.restored = { at: facts.now, statement: said.answer }
  draft.note('restored', { environment: rollout.environment, version: before.version, digests: before.digests, statement: said.answer })
  return null
}

function againRun(draft: Draft, rollout: Rollout, key: string, { version, sha, digests }: Serving): Effect {
  const effect = deployRun(draft, rollout, key, Math.max(...rollout.steps), null)
  return { ...effect, inputs: { ...effect.inputs, version, sha, digests: JSON.stringify(digests) } }
}

function isWord({ evidence }: EvidenceRow, { environment, steps }: Rollout, { before, run }: { before: Serving; run: number }): boolean {
  if (evidence.kind !== 'rollout-event') return false
  const { event, environment: where, step, version, sha, digests, origin } = evidence.predicate
  return (
    event === 'deployed' &&
    where === environment &&
    step === Math.max(...steps) &&
    version === before.version &&
    sha === before.sha &&
    origin.run_id === run &&
    sameDigests(before.digests, digests)
  )
}
