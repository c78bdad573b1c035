/** What a deploy job says it runs, taken only from the run this very step started. Pure. */
import type { Draft } from '../release/draft.ts'
import type { Evidence } from '../release/ports.ts'
import type { Rollout } from '../release/state.ts'

/** What the deploy job of this very step, run and plan says it runs; at step 0 it may call that `withdrawn`. */
export function answerOf(evidence: readonly Evidence[], rollout: Rollout, draft: Draft, run: number): Record<string, string> | undefined {
  for (const row of evidence) {
    if (row.kind !== 'rollout-event') continue
    const { predicate } = row
    if (
      (predicate.event === 'deployed' || rollout.step === 0) &&
      predicate.environment === rollout.environment &&
      predicate.step === rollout.step &&
      predicate.version === draft.before.version &&
      predicate.sha === draft.head &&
      predicate.origin.run_id === run &&
      Object.keys(predicate.digests).length > 0
    )
      return predicate.digests
  }
  return undefined
}

export function sameDigests(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
