/** Why a rollout may not advance right now, in words; null when it may. A rollback never asks. */
import type { Draft } from './draft.ts'
import type { FullFacts } from './facts.ts'
import { letsGo } from './glass.ts'
import { notLanded } from './landed.ts'
import { sealKey } from './settling.ts'

export function veto(draft: Draft, full: FullFacts | null): string | null {
  if (draft.data.held !== null) return `held by ${draft.data.held.owner}: ${draft.data.held.reason}`
  if (full === null) return 'the facts on GitHub were not read again'
  if (!full.config.ok) return full.config.message
  if (!full.pull.merged) return 'the release pull request is not merged'
  if (full.pull.head.sha !== draft.head) return 'the head of the pull request is not the proven commit'
  const another = draft.data.rollout === null || full.landed !== null ? notLanded(full.landed, draft.head, full.config) : null
  if (another !== null) return another
  if (draft.data.rollout !== null && draft.outcome(sealKey(draft, 'proven')) === null) return 'what the decision rests on is not sealed yet'
  const gates = full.verdicts.find((verdict) => verdict.gate === 'all_required_gates')
  if (!letsGo(gates)) return `all_required_gates is ${gates?.verdict ?? 'absent'}: ${gates?.reasons[0]?.message ?? 'no verdict'}`
  return null
}
